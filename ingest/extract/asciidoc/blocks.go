package asciidoc

import (
	"regexp"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// attrs are what stands in brackets above a block.
type attrs struct {
	style      string
	positional []string
	named      map[string]string
	id, title  string
	options    string
}

var (
	shorthand = regexp.MustCompile(`[#.%][^#.%\s]+`)
	namedAttr = regexp.MustCompile(`^\s*([\w-]+)\s*=\s*"?(.*?)"?\s*$`)
)

// attrsOf reads a line of attributes.
func attrsOf(l string) attrs {
	a := attrs{named: map[string]string{}}
	inner := strings.TrimSuffix(strings.TrimPrefix(l, "["), "]")
	for i, part := range splitOutside(inner, ',') {
		if m := namedAttr.FindStringSubmatch(part); m != nil {
			a.named[m[1]] = m[2]
			continue
		}
		part = strings.Trim(strings.TrimSpace(part), `"`)
		if i == 0 {
			for _, s := range shorthand.FindAllString(part, -1) {
				switch s[0] {
				case '#':
					a.id = s[1:]
				case '%':
					a.options += "," + s[1:]
				}
			}
			part = strings.TrimSpace(shorthand.ReplaceAllString(part, ""))
			a.style = part
		}
		a.positional = append(a.positional, part)
	}
	if id := a.named["id"]; id != "" {
		a.id = id
	}
	a.options += "," + a.named["options"] + "," + a.named["opts"]
	return a
}

func (a attrs) has(option string) bool { return strings.Contains(a.options+",", ","+option+",") }

// at returns a positional attribute; "" if there is none.
func (a attrs) at(i int) string {
	if i < len(a.positional) {
		return a.positional[i]
	}
	return ""
}

// splitOutside splits a text at a mark outside of quotation marks.
func splitOutside(s string, mark rune) []string {
	var out []string
	quoted := false
	from := 0
	for i, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == mark && !quoted:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// blocks returns the Markdown of lines.
func (p *parser) blocks(lines []string, depth int) string {
	if depth > maxNesting {
		return strings.Join(lines, "\n")
	}
	var out []string
	var a attrs
	for len(lines) > 0 {
		l := lines[0]
		n, text := 1, ""
		switch {
		case l == "" || comment.MatchString(l):
			lines = lines[1:]
			continue
		case blockAnchor.MatchString(l):
			a.id = blockAnchor.FindStringSubmatch(l)[1]
			lines = lines[1:]
			continue
		case blockAttrs.MatchString(l) && len(lines) > 1:
			title := a.title
			id := a.id
			if a = attrsOf(p.substitute(l)); a.id == "" {
				a.id = id
			}
			if a.title = a.named["title"]; a.title == "" {
				a.title = title
			}
			lines = lines[1:]
			continue
		case blockTitle.MatchString(l) && !delimiter.MatchString(l):
			a.title = blockTitle.FindStringSubmatch(l)[1]
			lines = lines[1:]
			continue
		case attributeEntry.MatchString(l):
			m := attributeEntry.FindStringSubmatch(l)
			value := m[2]
			for strings.HasSuffix(value, `\`) && n < len(lines) {
				value = strings.TrimSuffix(value, `\`) + strings.TrimSpace(lines[n])
				n++
			}
			p.set(m[1], value)
		case section.MatchString(l) && a.style != "discrete" || section.MatchString(l):
			text = p.heading(section.FindStringSubmatch(l), a)
		case delimiter.MatchString(l):
			n, text = p.delimited(lines, a, depth)
		default:
			n, text = p.other(lines, a, depth)
		}
		if text != "" {
			if a.title != "" && !section.MatchString(l) {
				text = "**" + p.inline(a.title) + "**\n\n" + text
			}
			out = append(out, text)
		}
		if !attributeEntry.MatchString(l) {
			a = attrs{}
		}
		lines = lines[min(n, len(lines)):]
	}
	return strings.Join(out, "\n\n")
}

// heading returns a heading.
func (p *parser) heading(m []string, a attrs) string {
	level := len(m[1])
	if offset, err := strconv.Atoi(strings.TrimPrefix(p.attributes["leveloffset"], "+")); err == nil {
		level += offset
	}
	title := m[2]
	if i := strings.LastIndex(title, "[["); i > 0 && strings.HasSuffix(title, "]]") {
		a.id, title = title[i+2:len(title)-2], strings.TrimSpace(title[:i])
	}
	return strings.Repeat("#", max(1, min(level, 6))) + " " + p.inline(title) + " {#" + p.anchorOf(title, a.id, p.anchors) + "}"
}

// delimited reads a block between two equal lines.
func (p *parser) delimited(lines []string, a attrs, depth int) (int, string) {
	open := lines[0]
	end := 1
	shut := open
	if strings.HasPrefix(open, "```") {
		shut = "```"
	}
	for end < len(lines) && lines[end] != shut {
		end++
	}
	body := lines[1:end]
	n := end + 1
	switch {
	case strings.HasPrefix(open, "/"):
		return n, ""
	case strings.HasPrefix(open, "+"):
		if a.style == "stem" || a.style == "latexmath" || a.style == "asciimath" {
			return n, "$$\n" + strings.Join(body, "\n") + "\n$$"
		}
		return n, strings.Join(body, "\n") // HTML, which Markdown may hold
	case strings.HasPrefix(open, "```"):
		return n, p.code(strings.TrimSpace(strings.Trim(open, "`")), body, a)
	case strings.HasPrefix(open, "|"), strings.HasPrefix(open, "!"), strings.HasPrefix(open, ","), strings.HasPrefix(open, ":"):
		return n, p.table(body, open[:1], a, depth)
	case strings.HasPrefix(open, "----"), strings.HasPrefix(open, "...."), a.style == "source", a.style == "listing", a.style == "literal":
		if a.style == "verse" || a.style == "quote" {
			break
		}
		language := ""
		if a.style == "source" || a.style == "" && len(a.positional) > 1 {
			language = a.at(1)
			if language == "" {
				language = p.attributes["source-language"]
			}
		}
		return n, p.code(language, body, a)
	}
	return n, p.compound(strings.TrimRight(open[:1], "-"), body, a, depth)
}

// compound returns a block that holds other blocks.
func (p *parser) compound(kind string, body []string, a attrs, depth int) string {
	if a.style == "verse" {
		return quote(strings.Join(body, "  \n"), p.attribution(a))
	}
	text := p.blocks(body, depth+1)
	switch {
	case admonitions[strings.ToUpper(a.style)] != "":
		return "**" + admonitions[strings.ToUpper(a.style)] + "**\n\n" + text
	case kind == "_" || a.style == "quote":
		return quote(text, p.attribution(a))
	case a.style == "comment":
		return ""
	}
	return text
}

// admonitions are the labels of notes.
var admonitions = map[string]string{"NOTE": "Note", "TIP": "Tip", "IMPORTANT": "Important", "WARNING": "Warning", "CAUTION": "Caution"}

// attribution returns who is quoted.
func (p *parser) attribution(a attrs) string {
	var who []string
	for _, i := range []int{1, 2} {
		if s := a.at(i); s != "" {
			who = append(who, p.inline(s))
		}
	}
	return strings.Join(who, ", ")
}

func quote(text, who string) string {
	if who != "" {
		text += "\n\n— " + who
	}
	return "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
}

var (
	callout = regexp.MustCompile(`[ \t]*(?://|#|--|;;)?[ \t]*(?:<!--(\d+|\.)-->|<(\d+|\.)>)[ \t]*$`)
	diagram = map[string]bool{"plantuml": true, "ditaa": true, "graphviz": true}
)

// code returns a block of code. The marks of its callouts stay: the list below refers to them.
func (p *parser) code(language string, body []string, a attrs) string {
	language = strings.TrimPrefix(strings.TrimSpace(language), ",")
	if language, _, _ = strings.Cut(language, ","); diagram[a.style] {
		language = a.style
	}
	lines := make([]string, len(body))
	next := 0
	for i, l := range body {
		for callout.MatchString(l) {
			m := callout.FindStringSubmatch(l)
			mark := m[1] + m[2]
			if next++; mark == "." {
				mark = itoa(next)
			}
			l = callout.ReplaceAllString(l, "") + " (" + mark + ")"
			break
		}
		if strings.Contains(a.named["subs"], "attributes") || strings.HasPrefix(a.named["subs"], "+") || a.named["subs"] == "normal" {
			l = p.substitute(l)
		}
		lines[i] = l
	}
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	fence := "```"
	for strings.Contains(strings.Join(lines, "\n"), fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.Join(lines, "\n") + "\n" + fence
}
