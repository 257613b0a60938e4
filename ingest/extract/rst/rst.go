// Package rst turns reStructuredText, as Sphinx and docutils read it, into Markdown.
//
// Call [Read]. No text is lost that a reader of the built page sees, but what a program
// generates, such as the documentation of Python modules, and what is in other files. A heading ends in " {#anchor}", its anchor on
// the built page.
package rst

import (
	"regexp"
	"strconv"
	"strings"
)

// maxNesting is how deep lists, quotes and directives are read; below, text is kept as it is.
const maxNesting = 40

// Read returns the Markdown of a text, whose lines end in LF.
func Read(source string) string {
	lines := strings.Split(strings.ReplaceAll(source, "\t", "        "), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	p := parser{replacements: map[string]string{}, targets: map[string]string{}, anchors: map[string]int{}, titles: map[string]string{}}
	p.collect(lines)
	p.metadata(&lines)
	return strings.TrimSpace(manyBlank.ReplaceAllString(p.blocks(lines, 0), "\n\n"))
}

var manyBlank = regexp.MustCompile(`\n{3,}`)

// A parser reads one text.
type parser struct {
	styles       []string // adornments of headings, by level
	level        int      // of the last heading
	module       string   // of Python
	replacements map[string]string
	targets      map[string]string // addresses by name
	titles       map[string]string // of the sections, by label
	anchors      map[string]int
}

var (
	replacement = regexp.MustCompile(`^ *\.\. \|([^|]+)\| +(replace|unicode)::[ ]*(.*)$`)
	target      = regexp.MustCompile("^ *\\.\\. _(?:`([^`]+)`|([^:]+)):[ ]*(.*)$")
	explicit    = regexp.MustCompile(`^\.\.(?: +(.*))?$`)
	directive   = regexp.MustCompile(`^(?:\|[^|]+\| +)?([A-Za-z][\w:.+-]*?) ?:: *(.*)$`)
	footnote    = regexp.MustCompile(`^\[([^\]]+)\] *(.*)$`)
	field       = regexp.MustCompile(`^:((?:[^:\\]|\\.|:[^ \n:` + "`" + `])+):(?: +(.*))?$`)
	gridBorder  = regexp.MustCompile(`^\+(?:[-=]+\+)+$`)
	simpleRule  = regexp.MustCompile(`^=+(?: +=+)+$`)
)

// collect reads the replacements, the addresses and the titles that the text refers to.
func (p *parser) collect(lines []string) {
	var labels []string
	for i, l := range lines {
		if m := replacement.FindStringSubmatch(l); m != nil {
			p.replacements[m[1]] = m[3]
			continue
		}
		if m := target.FindStringSubmatch(l); m != nil {
			name := strings.ToLower(strings.Join(strings.Fields(m[1]+m[2]), " "))
			if m[3] == "" {
				labels = append(labels, name)
			} else {
				p.targets[name] = strings.ReplaceAll(m[3], " ", "")
			}
			continue
		}
		if l == "" || isAdornment(l) {
			continue
		}
		if i+1 < len(lines) && isUnderline(lines[i+1], l) {
			for _, name := range labels {
				p.titles[name] = l
			}
		}
		labels = labels[:0]
	}
}

// metadata removes the fields at the beginning of a document that tell Sphinx how to build it.
func (p *parser) metadata(lines *[]string) {
	rest := *lines
	for len(rest) > 0 && rest[0] == "" {
		rest = rest[1:]
	}
	for len(rest) > 0 && field.MatchString(rest[0]) {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0] == "" {
		*lines = rest
	}
}

// isAdornment reports whether a line consists of one repeated mark, such as "=====".
func isAdornment(l string) bool {
	return len(l) >= 2 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", rune(l[0])) && strings.Trim(l, l[:1]) == ""
}

// isUnderline reports whether a line underlines a title.
func isUnderline(l, title string) bool {
	return isAdornment(l) && (len(l) >= 4 || len(l) >= len([]rune(title))) && title != "" && title[0] != ' ' && !isAdornment(title) &&
		l != "::" && !strings.HasPrefix(title, ".. ")
}

// indentOf returns the number of spaces before a line.
func indentOf(l string) int { return len(l) - len(strings.TrimLeft(l, " ")) }

// bodyEnd returns the line behind those that are blank or indented by at least n spaces.
func bodyEnd(lines []string, from, n int) int {
	end := from
	for i := from; i < len(lines); i++ {
		switch {
		case lines[i] == "":
		case indentOf(lines[i]) >= n:
			end = i + 1
		default:
			return end
		}
	}
	return end
}

// dedent returns lines without the indentation that all of them share.
func dedent(lines []string) []string {
	least := -1
	for _, l := range lines {
		if n := indentOf(l); l != "" && (least < 0 || n < least) {
			least = n
		}
	}
	if least <= 0 {
		return lines
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		if l != "" {
			out[i] = l[least:]
		}
	}
	return out
}

// blocks returns the Markdown of lines.
func (p *parser) blocks(lines []string, depth int) string {
	if depth > maxNesting {
		return strings.Join(lines, "\n") + "\n"
	}
	var b strings.Builder
	for i := 0; i < len(lines); {
		if lines[i] == "" {
			i++
			continue
		}
		n, text := p.block(lines[i:], depth)
		b.WriteString(text + "\n\n")
		i += max(n, 1)
	}
	return b.String()
}

// block returns the Markdown of the element that begins at the first line, and its number of lines.
func (p *parser) block(lines []string, depth int) (int, string) {
	l := lines[0]
	next := ""
	if len(lines) > 1 {
		next = lines[1]
	}
	switch {
	case indentOf(l) > 0:
		n := bodyEnd(lines, 0, 1)
		return n, p.blocks(dedent(lines[:n]), depth+1)
	case isAdornment(l) && len(lines) > 2 && lines[2] == l && next != "" && !isAdornment(next):
		return 3, p.heading(next, l[:1]+l[:1])
	case simpleRule.MatchString(l):
		return p.simpleTable(lines, depth)
	case gridBorder.MatchString(l):
		return p.gridTable(lines, depth)
	case isUnderline(next, l):
		return 2, p.heading(l, next[:1])
	case isAdornment(l) && len(l) >= 4 && next == "":
		return 1, "---"
	case explicit.MatchString(l):
		n := bodyEnd(lines, 1, 1)
		return n, p.explicit(explicit.FindStringSubmatch(l)[1], lines[1:n], depth)
	case strings.HasPrefix(l, "__ "):
		return 1, ""
	case strings.HasPrefix(l, ">>> "):
		n := 0
		for n < len(lines) && lines[n] != "" {
			n++
		}
		return n, fenced("pycon", lines[:n])
	case strings.HasPrefix(l, "| ") || l == "|":
		n := 0
		for n < len(lines) && lines[n] != "" && (lines[n][0] == '|' || lines[n][0] == ' ') {
			n++
		}
		text := strings.NewReplacer("\n| ", "\n", "\n|", "\n").Replace("\n" + strings.Join(lines[:n], "\n"))
		return n, p.inline(text[1:])
	}
	return p.item(lines, depth)
}

// paragraph reads a paragraph, and the literal block that it announces.
func (p *parser) paragraph(lines []string) (int, string) {
	n := 0
	for n < len(lines) && lines[n] != "" && (n == 0 || !explicit.MatchString(lines[n])) {
		n++
	}
	text := strings.Join(lines[:n], "\n")
	before, ok := strings.CutSuffix(text, "::")
	if !ok {
		return n, p.inline(text)
	}
	if before != "" && !strings.HasSuffix(before, " ") && !strings.HasSuffix(before, "\n") {
		before += ":"
	}
	end := bodyEnd(lines, n, 1)
	if end == n { // quoted by a mark before each line
		for end < len(lines) && lines[end] == "" {
			end++
		}
		from := end
		for end < len(lines) && lines[end] != "" && isAdornment(lines[end][:1]+lines[from][:1]) {
			end++
		}
		if end == from {
			return n, p.inline(strings.TrimSpace(before))
		}
	}
	return end, p.inline(strings.TrimSpace(before)) + "\n\n" + fenced("", dedent(lines[n:end]))
}

// fenced returns a code block.
func fenced(language string, lines []string) string {
	code := strings.Trim(strings.Join(lines, "\n"), "\n")
	if code == "" {
		return ""
	}
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + language + "\n" + code + "\n" + fence
}

// heading returns a heading with the anchor that docutils gives it.
func (p *parser) heading(title, style string) string {
	p.level = 0
	for i, s := range p.styles {
		if s == style {
			p.level = i + 1
		}
	}
	if p.level == 0 {
		p.styles = append(p.styles, style)
		p.level = len(p.styles)
	}
	text := strings.Join(strings.Fields(p.inline(strings.TrimSpace(title))), " ")
	return strings.Repeat("#", min(p.level, 6)) + " " + text + p.anchor(text)
}

// anchor returns the mark of the anchor of a title, each once.
func (p *parser) anchor(title string) string {
	id := anchorOf(title)
	if p.anchors[id]++; p.anchors[id] > 1 || id == "" {
		p.anchors[""]++
		id = "id" + strconv.Itoa(p.anchors[""])
	}
	return " {#" + id + "}"
}
