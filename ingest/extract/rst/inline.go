package rst

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// accelerator matches the mark of the key that a button has.
var accelerator = regexp.MustCompile(`&(\w)`)

// anchorOf returns the anchor that docutils makes of a text: ASCII in lower case, hyphens
// between words.
func anchorOf(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' && b.Len() > 0:
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case r < 0x80:
			gap = true
		}
	}
	return b.String()
}

var (
	embedded   = regexp.MustCompile(`(?s)^(.*?)\s*<([^<>]+)>$`)
	roleText   = regexp.MustCompile(`(?s)^(.*?)\s*<([^<>]*)>$`)
	roleName   = regexp.MustCompile(`^:([A-Za-z][\w:.+-]*):` + "`")
	roleBehind = regexp.MustCompile(`^:([A-Za-z][\w:.+-]*):`)
	simple     = regexp.MustCompile(`^([A-Za-z0-9](?:[\w.+-]*[A-Za-z0-9])?)__?(?:$|[^\w` + "`" + `])`)
	noteRef    = regexp.MustCompile(`^(\[[^\]\s]+\])_`)
	usedName   = regexp.MustCompile(`^\|([^|\s](?:[^|]*[^|\s])?)\|_{0,2}`)
)

// textRoles are the roles whose text is no code. Any other role is that of a name, a key or a file.
var textRoles = map[string]bool{
	"ref": true, "doc": true, "term": true, "numref": true, "abbr": true, "any": true, "emphasis": true, "strong": true, "title": true, "sub": true, "sup": true,
	"subscript": true, "superscript": true, "title-reference": true, "download": true, "dfn": true, "pep": true, "rfc": true, "menuselection": true,
	"guilabel": true, "eq": true, "cite": true, "issue": true, "pr": true, "user": true, "mailheader": true, "manpage": true, "external": true, "gh": true,
	"pypi": true, "octicon": true, "fa": true, "index": true, "underline": true, "dupref": true,
}

// inline returns the Markdown of a text with inline markup.
func (p *parser) inline(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		n, text := p.next(s, i)
		b.WriteString(text)
		i += n
	}
	return b.String()
}

// next reads what stands at s[i:], and returns its length and what it becomes.
func (p *parser) next(s string, i int) (int, string) {
	rest := s[i:]
	atStart := i == 0 || strings.ContainsRune(" \n'\"([{<-/:\\", rune(s[i-1])) || s[i-1] >= 0x80
	switch c := rest[0]; {
	case c == '\\' && len(rest) > 1:
		if rest[1] == ' ' || rest[1] == '\n' {
			return 2, ""
		}
		return 2, rest[1:2]
	case strings.HasPrefix(rest, "``") && atStart:
		if end := strings.Index(rest[2:min(len(rest), maxMarkupBytes)], "``"); end > 0 {
			for end+4 < len(rest) && rest[end+4] == '`' {
				end++
			}
			return end + 4, span(rest[2 : 2+end])
		}
	case c == '`' && atStart:
		if end := closing(rest[1:]); end > 0 {
			return p.interpreted(rest, end)
		}
	case c == ':' && atStart:
		if m := roleName.FindStringSubmatch(rest); m != nil {
			if end := closing(rest[len(m[0]):]); end > 0 {
				return len(m[0]) + end + 1, p.role(m[1], rest[len(m[0]):len(m[0])+end])
			}
		}
	case c == '|' && atStart:
		if m := usedName.FindStringSubmatch(rest); m != nil {
			if r, ok := p.replacements[m[1]]; ok {
				delete(p.replacements, m[1]) // It must not hold itself.
				text := p.inline(r)
				p.replacements[m[1]] = r
				return len(m[0]), text
			}
			return len(m[0]), m[1]
		}
	case c == '[' && atStart:
		if m := noteRef.FindStringSubmatch(rest); m != nil {
			return len(m[0]), m[1]
		}
	case c == '_' && strings.HasPrefix(rest, "_`") && atStart:
		if end := closing(rest[2:]); end > 0 {
			return end + 3, rest[2 : 2+end]
		}
	case atStart && isWord(c):
		if m := simple.FindStringSubmatch(rest); m != nil {
			return len(m[1]) + strings.Count(rest[len(m[1]):min(len(m[1])+2, len(rest))], "_"), p.link(m[1], m[1])
		}
	}
	n := 1
	for n < len(rest) && !strings.ContainsRune(" \n'\"([{<-/", rune(rest[0])) && rest[0] < 0x80 && !strings.ContainsRune("\\`:|[_ \n'\"(<-/", rune(rest[n])) && rest[n] < 0x80 {
		n++
	}
	return n, rest[:n]
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }

// maxMarkupBytes is the length of the longest text in backticks.
const maxMarkupBytes = 4000

// closing returns where the backtick stands that ends a text; 0 if there is none.
func closing(s string) int {
	s = s[:min(len(s), maxMarkupBytes)]
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '`':
			return i
		}
	}
	return 0
}

// span returns a code span on one line.
func span(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	if strings.Contains(code, "`") {
		return "`` " + code + " ``"
	}
	return "`" + code + "`"
}

// interpreted reads what is in backticks: a link, a text with a role behind it, or a text.
func (p *parser) interpreted(rest string, end int) (int, string) {
	text, n := rest[1:1+end], end+2
	after := rest[n:]
	if strings.HasPrefix(after, "_") {
		n += len(after) - len(strings.TrimLeft(after, "_"))
		if m := embedded.FindStringSubmatch(text); m != nil {
			name := m[1]
			if name == "" {
				name = m[2]
			}
			address, isName := strings.CutSuffix(m[2], "_")
			if isName {
				return n, p.link(name, address)
			}
			return n, "[" + unescape(name) + "](" + strings.ReplaceAll(address, " ", "") + ")"
		}
		return n, p.link(text, text)
	}
	if m := roleBehind.FindStringSubmatch(after); m != nil {
		return n + len(m[0]), p.role(m[1], text)
	}
	return n, unescape(strings.ReplaceAll(text, "\n", " "))
}

// link returns a link to a name; its text alone if the name is of a section, or unknown.
func (p *parser) link(text, name string) string {
	address := p.targets[strings.ToLower(strings.Join(strings.Fields(name), " "))]
	for range 5 {
		to, isName := strings.CutSuffix(address, "_")
		if !isName {
			break
		}
		address = p.targets[strings.ToLower(strings.Trim(to, "`"))]
	}
	text = unescape(strings.Join(strings.Fields(text), " "))
	if strings.Contains(address, ":") {
		return "[" + text + "](" + address + ")"
	}
	return text
}

var escape = regexp.MustCompile(`\\(?:([^ \n])|[ \n])`)

func unescape(s string) string { return escape.ReplaceAllString(s, "$1") }

// role returns the text of a role.
func (p *parser) role(name, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	name = strings.ToLower(name[strings.LastIndexByte(name, ':')+1:])
	shown, isTitled := text, false
	if m := roleText.FindStringSubmatch(text); m != nil && m[1] != "" {
		shown, isTitled = m[1], true
	}
	switch {
	case name == "math":
		return "$" + text + "$"
	case name == "abbr" && isTitled:
		return shown
	case name == "ref" && !isTitled:
		if t, ok := p.titles[strings.ToLower(text)]; ok {
			return p.inline(t)
		}
		return unescape(strings.NewReplacer("-", " ", "_", " ").Replace(text))
	case name == "doc" && !isTitled:
		return shown[strings.LastIndexByte(shown, '/')+1:]
	case name == "pep" && !isTitled:
		return "PEP " + shown
	case name == "rfc" && !isTitled:
		return "RFC " + shown
	case name == "guilabel":
		return unescape(accelerator.ReplaceAllString(shown, "$1"))
	case name == "menuselection":
		return strings.ReplaceAll(shown, "-->", "‣")
	case textRoles[name]:
		return unescape(shown)
	}
	if short, ok := strings.CutPrefix(shown, "~"); ok && !isTitled {
		shown = short[strings.LastIndexByte(short, '.')+1:]
	}
	shown = strings.TrimPrefix(shown, "!")
	if (name == "func" || name == "meth") && !isTitled && !strings.HasSuffix(shown, ")") {
		shown += "()"
	}
	return span(unescape(shown))
}
