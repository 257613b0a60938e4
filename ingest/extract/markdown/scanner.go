package markdown

import (
	"html"
	"regexp"
	"strings"
)

// A scanner writes the text of lines without what no reader sees.
type scanner struct {
	options Options
	closed  map[string]bool
	out     strings.Builder
	front   map[string]any
	tabs    []tabs          // of the open components with tabs
	links   []string        // targets of the open links of HTML
	open    map[string]bool // elements that the text does not close
	defined map[string]bool // labels of links that the text defines, in lower case
}

var (
	dataURI = regexp.MustCompile(`!\[([^\]]*)\]\(\s*<?data:[^)>]*>?\s*\)|(?m)^[ ]{0,3}\[([^\]]+)\]:[ \t]*<?data:[^\n]*\n?`)
	// attributeList matches lists of attributes behind what they belong to.
	attributeList   = regexp.MustCompile(`^\{:?[ \t]*(?:[#.][\w:.-]+|[\w:-]+[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|[^\s}"']+))(?:[ \t]+(?:[#.][\w:.-]+|[\w:-]+=(?:"[^"]*"|'[^']*'|[^\s}"']+)|[\w-]+))*[ \t]*\}`)
	kramdown        = regexp.MustCompile(`^\{::?[^{}\n]*\}`)
	headingID       = regexp.MustCompile(`#([^\s}#.]+)`)
	headingComment  = regexp.MustCompile(`^\{/\*\s*#([\w:.-]+)\s*\*/\}`)
	shortcode       = regexp.MustCompile(`^\{\{[<%].*?[>%]\}\}`)
	shortcodeTarget = regexp.MustCompile(`(?:rel)?ref\s+"([^"]+)"`)
	liquid          = regexp.MustCompile(`^\{%-?\s*(?:raw|endraw|(?:link|post_url)\s+(\S+))\s*-?%\}`)
	frontValue      = regexp.MustCompile(`^\{\{\s*(?:\$frontmatter|\$page\.frontmatter|page)\.(\w+)\s*\}\}`)
	icon            = regexp.MustCompile(`:(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:`)
	anchorHeading   = regexp.MustCompile(`(?m)^\x00([^\x00]+)\x00[ \t]*\n+(#{1,6}[ \t][^\n{]*)$`)
	anchorInside    = regexp.MustCompile(`(?m)^(#{1,6}[ \t][^\n\x00]*)\x00([^\x00]+)\x00([^\n{]*)$`)
	anchorMark      = regexp.MustCompile(`\x00[^\x00]*\x00`)
)

// text returns the text of all lines.
func (s *scanner) text(lines []line) string {
	var run []string
	flush := func() {
		if len(run) > 0 {
			s.out.WriteString(s.prose(strings.Join(run, "\n") + "\n"))
			run = run[:0]
		}
	}
	for _, l := range lines {
		if l.code {
			flush()
			s.out.WriteString(l.text + "\n")
			continue
		}
		run = append(run, l.text)
	}
	flush()
	return s.out.String()
}

// prose returns the text of lines that are no code.
func (s *scanner) prose(in string) string {
	in = strings.ReplaceAll(in, "\x00", "")
	for _, m := range dataURI.FindAllStringSubmatch(in, -1) {
		if label := m[2]; label != "" { // the text that uses it keeps its description alone
			in = strings.NewReplacer("![]["+label+"]", "", "]["+label+"]", "]").Replace(in)
		}
	}
	in = dataURI.ReplaceAllString(in, "$1")
	var b strings.Builder
	for i := 0; i < len(in); {
		n, text := s.next(in, i, b.String)
		b.WriteString(text)
		i += n
	}
	out := anchorHeading.ReplaceAllString(b.String(), "$2 {#$1}")
	out = anchorInside.ReplaceAllString(out, "$1$3 {#$2}")
	return manyBlank.ReplaceAllString(anchorMark.ReplaceAllString(out, ""), "\n\n")
}

// next reads what stands at in[i:] and returns its length and what it becomes.
func (s *scanner) next(in string, i int, written func() string) (int, string) {
	rest := in[i:]
	switch rest[0] {
	case '`':
		n := len(rest) - len(strings.TrimLeft(rest, "`"))
		if end := spanEnd(rest[n:], n); end > 0 {
			return n + end, rest[:n+end]
		}
		return n, rest[:n]
	case '\\':
		if len(rest) > 1 && rest[1] != '\n' {
			return 2, rest[:2]
		}
	case '[':
		if label, n := s.looseReference(in, i); n > 0 {
			return n, label
		}
	case '<':
		return s.angle(in, i, written)
	case '{':
		return s.brace(in, i)
	case '&':
		if end := strings.IndexByte(rest[:min(len(rest), 12)], ';'); end > 0 {
			if u := html.UnescapeString(rest[:end+1]); u != rest[:end+1] {
				return end + 1, u
			}
		}
	}
	n := strings.IndexAny(rest[1:], "`\\[<{&") + 1
	if n == 0 {
		n = len(rest)
	}
	return n, icon.ReplaceAllString(rest[:n], "")
}

// spanEnd returns where a code span of n backticks ends in a text; 0 if it does not.
// It ends within its paragraph.
func spanEnd(s string, n int) int {
	s = s[:min(len(s), maxSpanBytes)]
	if p := strings.Index(s, "\n\n"); p >= 0 {
		s = s[:p]
	}
	for i := 0; i < len(s); {
		at := strings.IndexByte(s[i:], '`')
		if at < 0 {
			return 0
		}
		i += at
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		i += run
		if run == n {
			return i
		}
	}
	return 0
}

// lastLine returns the last line of a text; of a long one only the end.
func lastLine(s string) string {
	s = s[max(0, len(s)-maxSpanBytes):]
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// brace reads attribute lists, comments and shortcodes.
func (s *scanner) brace(in string, i int) (int, string) {
	rest := in[i:]
	if m := headingComment.FindStringSubmatch(rest); m != nil {
		return len(m[0]), "{#" + m[1] + "}"
	}
	if strings.HasPrefix(rest, "{/*") {
		if end := strings.Index(rest, "*/}"); end > 0 {
			return end + 3, ""
		}
	}
	if m := shortcode.FindString(rest); m != "" {
		if t := shortcodeTarget.FindStringSubmatch(m); t != nil {
			return len(m), t[1]
		}
		if t := titled.FindStringSubmatch(m); t != nil {
			return len(m), t[1] + t[2]
		}
		return len(m), ""
	}
	if m := liquid.FindStringSubmatch(rest); m != nil {
		return len(m[0]), m[1]
	}
	if m := frontValue.FindStringSubmatch(rest); m != nil {
		if v, ok := s.front[m[1]].(string); ok {
			return len(m[0]), v
		}
	}
	isHeading := strings.HasPrefix(strings.TrimLeft(lastLine(in[:i]), " "), "#")
	for _, list := range []string{attributeList.FindString(rest), kramdown.FindString(rest)} {
		if list == "" {
			continue
		}
		endsLine := strings.HasPrefix(strings.TrimLeft(rest[len(list):], " \t#"), "\n")
		if isHeading && endsLine {
			if id := headingID.FindStringSubmatch(list); id != nil {
				return len(list), "{#" + id[1] + "}"
			}
			return len(list), ""
		}
		if list[1] == ':' || i > 0 && strings.ContainsRune(")]`*:", rune(in[i-1])) {
			return len(list), ""
		}
	}
	if isHeading && strings.HasPrefix(rest, "{#") { // a form of its own: {#step-1.2}
		if end := strings.IndexByte(rest, '}'); end > 0 && !strings.Contains(rest[:end], "\n") {
			return end + 1, rest[:end+1]
		}
	}
	if s.options.MDX {
		if n := braced(rest); n > 0 {
			if m := literal.FindStringSubmatch(rest[:n]); m != nil {
				return n, m[1] + m[2] + m[3]
			}
		}
	}
	return 1, "{"
}

// angle reads comments and tags.
func (s *scanner) angle(in string, i int, written func() string) (int, string) {
	rest := in[i:]
	if strings.HasPrefix(rest, "<!--") {
		if end := strings.Index(rest, "-->"); end > 0 {
			return end + 3, ""
		}
		return len(rest), ""
	}
	m, ok := readTag(rest)
	if !ok || !known[strings.ToLower(m.name)] && !(isComponent(m.name) && (m.self || s.closed[m.name])) {
		return 1, "<"
	}
	if name := strings.ToLower(m.name); !m.isEnd && !m.self && !isComponent(m.name) {
		if n, md := s.whole(rest, name); n > 0 {
			return n, md
		}
	}
	atLineStart := strings.TrimSpace(lastLine(in[:i])) == ""
	if isComponent(m.name) {
		s.labelTabs(&m)
		return m.size, componentText(m, atLineStart)
	}
	out := written()
	inRow := strings.HasPrefix(strings.TrimLeft(lastLine(out), " "), "|")
	return m.size, s.element(m, inRow)
}

// maxElementBytes is the length of the largest element that is read as HTML.
const maxElementBytes = 200_000

// whole reads an element that is read as HTML, or not at all. It returns 0 if this one is not.
func (s *scanner) whole(rest, name string) (int, string) {
	if !unseenElements[name] && (!wholeElements[name] || s.options.HTML == nil) || s.open[name] {
		return 0, ""
	}
	n := elementSize(rest[:min(len(rest), maxElementBytes)], name)
	if n == 0 {
		if s.open == nil {
			s.open = map[string]bool{}
		}
		s.open[name] = true
		return 0, ""
	}
	if unseenElements[name] {
		return n, ""
	}
	if md, ok := s.options.HTML(rest[:n]); ok {
		return n, "\n\n" + md + "\n\n"
	}
	return 0, ""
}

// maxSpanBytes is the length of the longest code span.
const maxSpanBytes = 4000

// elementSize returns the length of the element at the beginning of a text; 0 if it is not closed.
func elementSize(s, name string) int {
	depth := 0
	lower := strings.ToLower(s)
	for i := 0; ; {
		at := strings.IndexByte(lower[i:], '<')
		if at < 0 {
			return 0
		}
		i += at
		switch {
		case strings.HasPrefix(lower[i:], "</"+name):
			if depth--; depth == 0 {
				end := strings.IndexByte(lower[i:], '>')
				if end < 0 {
					return 0
				}
				return i + end + 1
			}
		case strings.HasPrefix(lower[i:], "<"+name) && (i+len(name)+1 == len(lower) || !isNameByte(lower[i+len(name)+1])):
			depth++
		}
		i++
	}
}
