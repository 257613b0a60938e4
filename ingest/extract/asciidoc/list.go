package asciidoc

import (
	"regexp"
	"strings"
)

var (
	bullet      = regexp.MustCompile(`^[ \t]*(\*{1,6}|-)[ \t]+(\S.*)$`)
	ordered     = regexp.MustCompile(`^[ \t]*(\.{1,6}|\d+\.|[a-zA-Z]\.|[ivxIVX]+\))[ \t]+(\S.*)$`)
	description = regexp.MustCompile(`^[ \t]*(\S.*?)(:{2,4}|;;)(?:[ \t]+(.*))?$`)
	calloutItem = regexp.MustCompile(`^<(\d+|\.)>[ \t]+(.*)$`)
	admonition  = regexp.MustCompile(`^(NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+(.*)$`)
	blockMacro  = regexp.MustCompile(`^([a-z][\w-]*)::(\S*?)\[(.*)\]$`)
	rule        = regexp.MustCompile(`^(?:'{3,}|-{3}|\*{3}|<<<+)$`)
)

// markOf returns the mark of an item of a list, which tells its level, and its text; "" if the line
// begins none.
func markOf(l string) (mark, text string) {
	if m := bullet.FindStringSubmatch(l); m != nil {
		return m[1], m[2]
	}
	if m := ordered.FindStringSubmatch(l); m != nil {
		if strings.Trim(m[1], ".") != "" {
			return "1.", m[2]
		}
		return m[1], m[2]
	}
	if m := calloutItem.FindStringSubmatch(l); m != nil {
		return "<>", m[2]
	}
	if blockMacro.MatchString(l) {
		return "", ""
	}
	if m := description.FindStringSubmatch(l); m != nil && !strings.Contains(m[1], "::") {
		return m[2], m[3]
	}
	return "", ""
}

// other reads lists, macros and paragraphs.
func (p *parser) other(lines []string, a attrs, depth int) (int, string) {
	l := lines[0]
	if rule.MatchString(l) {
		return 1, ""
	}
	if m := blockMacro.FindStringSubmatch(l); m != nil {
		return 1, p.macro(m[1], m[2], m[3])
	}
	if mark, _ := markOf(l); mark != "" && a.style != "source" {
		return p.list(lines, nil, depth, a)
	}
	n := 1
	for n < len(lines) && lines[n] != "" && !endsParagraph(lines[n]) {
		n++
	}
	if n < len(lines) && lines[n] == "+" {
		n++
	}
	body := lines[:n]
	switch {
	case a.style == "source" || a.style == "listing" || a.style == "literal":
		return n, p.code(a.at(1), body, a)
	case a.style == "stem" || a.style == "latexmath":
		return n, "$$\n" + strings.Join(body, "\n") + "\n$$"
	case strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t"):
		return n, p.code("", dedent(body), a)
	}
	if m := admonition.FindStringSubmatch(l); m != nil {
		return n, "**" + admonitions[m[1]] + "**\n\n" + p.paragraph(append([]string{m[2]}, body[1:]...))
	}
	text := p.paragraph(body)
	switch {
	case admonitions[strings.ToUpper(a.style)] != "":
		text = "**" + admonitions[strings.ToUpper(a.style)] + "**\n\n" + text
	case a.style == "quote" || a.style == "verse":
		text = quote(text, p.attribution(a))
	}
	return n, text
}

// endsParagraph reports whether a line ends the paragraph above it.
func endsParagraph(l string) bool {
	return delimiter.MatchString(l) && l != "--" || l == "+" || blockAttrs.MatchString(l) && !strings.Contains(l, "][") || blockAnchor.MatchString(l)
}

// paragraph returns the text of a paragraph.
func (p *parser) paragraph(lines []string) string {
	var kept []string
	for _, l := range lines {
		if comment.MatchString(l) || l == "+" {
			continue
		}
		l = strings.TrimLeft(l, " \t")
		if rest, ok := strings.CutSuffix(l, " +"); ok {
			l = rest + "  "
		}
		kept = append(kept, l)
	}
	return p.inline(strings.Join(kept, "\n"))
}

// dedent returns lines without the indentation that all have.
func dedent(lines []string) []string {
	least := 1 << 20
	for _, l := range lines {
		if l != "" {
			least = min(least, len(l)-len(strings.TrimLeft(l, " \t")))
		}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l[min(least, len(l)):]
	}
	return out
}

// list reads a list. above are the marks of the lists around it.
func (p *parser) list(lines []string, above []string, depth int, a attrs) (int, string) {
	own, _ := markOf(lines[0])
	levels := append(append([]string{}, above...), own)
	var items []string
	n, number := 0, 0
	for n < len(lines) {
		mark, text := markOf(lines[n])
		if mark != own {
			break
		}
		begin := n
		body := []string{}
		if text != "" {
			body = append(body, text)
		}
		n++
		var nested []string // blocks below the text
		used, below := p.itemBody(lines[n:], levels, &body, depth)
		n += used
		nested = append(nested, below...)
		number++
		items = append(items, p.item(own, lines[begin], number, body, nested, a))
	}
	return n, strings.Join(items, "\n\n")
}

var checkbox = regexp.MustCompile(`^\[([ xX*])\] `)

// item returns an item of a list as Markdown.
func (p *parser) item(mark, first string, number int, body, nested []string, a attrs) string {
	text := p.paragraph(body)
	lead := "- "
	switch {
	case mark == "<>":
		label := calloutItem.FindStringSubmatch(first)[1]
		if label == "." {
			label = itoa(number)
		}
		lead = "- "
		text = "(" + label + ") " + text
	case strings.HasPrefix(mark, ".") || mark == "1.":
		lead = itoa(number) + ". "
	case strings.HasPrefix(mark, ":") || mark == ";;":
		term := p.inline(description.FindStringSubmatch(first)[1])
		if a.style == "qanda" || a.style == "horizontal" || len(body)+len(nested) > 0 {
			term = "**" + strings.ReplaceAll(term, "**", "") + "**"
		}
		if text != "" {
			nested = append([]string{text}, nested...)
		}
		text = term
		if len(nested) == 0 {
			return "- " + text
		}
		return "- " + indentRest(text+"\n\n"+strings.Join(nested, "\n\n"), 2)
	default:
		if m := checkbox.FindStringSubmatch(text); m != nil {
			box := "[ ] "
			if m[1] != " " {
				box = "[x] "
			}
			text = box + text[len(m[0]):]
		}
	}
	all := append([]string{text}, nested...)
	return lead + indentRest(strings.Join(all, "\n\n"), len(lead))
}

// indentRest indents all lines but the first.
func indentRest(text string, by int) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if i > 0 && l != "" {
			lines[i] = strings.Repeat(" ", by) + l
		}
	}
	return strings.Join(lines, "\n")
}
