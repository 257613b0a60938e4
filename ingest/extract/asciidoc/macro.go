package asciidoc

import (
	"path"
	"strings"
)

// links returns a text whose links and macros are Markdown.
func (p *parser) links(s string, keep func(string) string) string {
	unescaped := func(text string) string { return strings.ReplaceAll(text, `\]`, "]") }
	s = replaced(s, inlineMac, func(g []string) string { return p.inlineMacro(g[1], g[2], unescaped(g[3]), keep) }, ":")
	s = replaced(s, xref, func(g []string) string { return p.toPage(g[1], g[2], keep) }, "<<")
	s = replaced(s, macroLink, func(g []string) string {
		text := linkText(unescaped(g[3]))
		switch g[1] {
		case "xref":
			return p.toPage(g[2], text, keep)
		case "mailto":
			return "[" + firstOf(text, g[2]) + "](" + keep("mailto:"+g[2]) + ")"
		}
		return "[" + firstOf(text, g[2]) + "](" + keep(g[2]) + ")"
	}, "link:", "xref:", "mailto:")
	s = replaced(s, urlLink, func(g []string) string {
		if g[1] != "" {
			return g[0][1:]
		}
		return "[" + firstOf(linkText(unescaped(g[3])), keep(g[2])) + "](" + keep(g[2]) + ")"
	}, "://")
	s = replaced(s, angled, func(g []string) string { return keep(g[0]) }, "://")
	s = replaced(s, inAnchor, func([]string) string { return "" }, "[[")
	s = replaced(s, indexTerm3, func([]string) string { return "" }, "(((")
	return replaced(s, indexTerm2, func(g []string) string { return g[1] }, "((")
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// linkText returns the text of a link without its attributes.
func linkText(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), "^")
	if strings.HasPrefix(s, `"`) {
		if end := strings.LastIndex(s, `"`); end > 0 {
			return strings.TrimSuffix(s[1:end], "^")
		}
	}
	if text, rest, ok := strings.Cut(s, ","); ok && strings.Contains(rest, "=") {
		return strings.TrimSuffix(text, "^")
	}
	if !strings.Contains(s, " ") && strings.Contains(s, "=") && namedAttr.MatchString(s) {
		return ""
	}
	return s
}

// toPage returns a link to a section or to another page, whose address its generator chooses.
func (p *parser) toPage(target, text string, keep func(string) string) string {
	target = strings.TrimSpace(target)
	file, anchor, ok := strings.Cut(target, "#")
	if !ok && !strings.Contains(target, ".adoc") && !strings.Contains(target, "/") {
		file, anchor = "", target
	}
	if file == "" {
		title := p.titles[anchor]
		if title == "" {
			title = anchor
		}
		if to := p.titles[anchor]; to == anchor && strings.Contains(anchor, " ") { // named by its title
			return firstOf(text, title)
		}
		return "[" + firstOf(text, title) + "](" + keep("#"+anchor) + ")"
	}
	name := file
	if i := strings.LastIndexAny(name, ":$"); i >= 0 {
		name = name[i+1:]
	}
	return firstOf(text, strings.TrimSuffix(path.Base(name), ".adoc"))
}

// inlineMacro returns the text of a macro within a line.
func (p *parser) inlineMacro(name, target, inner string, keep func(string) string) string {
	switch name {
	case "image":
		return "![" + attrsOf("["+inner+"]").at(0) + "](" + keep(target) + ")"
	case "kbd", "btn":
		return inner
	case "menu":
		items := strings.Split(inner, ">")
		for i := range items {
			items[i] = strings.TrimSpace(items[i])
		}
		return strings.Trim(target+" > "+strings.Join(items, " > "), " >")
	case "footnote", "footnoteref":
		if inner == "" {
			return ""
		}
		p.notes = append(p.notes, "["+itoa(len(p.notes)+1)+"] "+p.inline(inner))
		return " [" + itoa(len(p.notes)) + "]"
	case "indexterm2":
		return inner
	}
	return ""
}

// macro returns the text of a macro on a line of its own.
func (p *parser) macro(name, target, inner string) string {
	a := attrsOf("[" + p.substitute(inner) + "]")
	target = p.substitute(target)
	switch name {
	case "image":
		alt := firstOf(a.named["alt"], a.at(0))
		if alt == "" && strings.Contains(target, ".") {
			alt = strings.NewReplacer("-", " ", "_", " ").Replace(strings.TrimSuffix(path.Base(target), path.Ext(target)))
		}
		text := "![" + alt + "](" + target + ")"
		if t := a.named["title"]; t != "" {
			text += "\n\n" + p.inline(t)
		}
		return text
	case "video", "audio":
		return ""
	case "include":
		return "" // It is not there.
	case "toc":
		return ""
	}
	return ""
}
