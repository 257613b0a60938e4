package markdown

import (
	"regexp"
	"slices"
	"strings"
)

// maxNesting is how deep containers are read.
const maxNesting = 20

var (
	// directive matches the name and the argument of a MyST directive: {note} Title.
	directive = regexp.MustCompile(`^\{([A-Za-z][\w:.-]*)\}[ \t]*(.*)$`)
	option    = regexp.MustCompile(`^\s*:[\w-]+:.*$`)

	indented = regexp.MustCompile(`^([ \t]*)(!!!|\?\?\?\+?|===[!+]?)[ \t]+(.*)$`)
	// colons begin and end blocks; two of them, with nothing but a name and attributes, in Nuxt.
	colons = regexp.MustCompile(`^[ \t]*(?::::+[ \t]*(.*)|::([a-z][a-z0-9-]*(?:[\[{].*[\]}])?)?[ \t]*)$`)
	// docsify begins a line with the kind of the note that it is.
	docsify = regexp.MustCompile(`^[?!]>[ \t]+`)
	// slashes matches what begins or ends a block of PyMdown: "/// note | Title", "///".
	slashes       = regexp.MustCompile(`^[ \t]*/{3,}[ \t]*(?:([A-Za-z][\w-]*)[ \t]*)?(?:\|[ \t]*(.*))?$`)
	slashesOption = regexp.MustCompile(`^[ \t]+[A-Za-z][\w-]*:[ \t].*$`)
	alert         = regexp.MustCompile(`^([ \t]*>[ \t]*)\[!([A-Za-z]+)\][+-]?[ \t]*(.*)$`)
	quoted        = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"|'([^']*)'`)
	tag           = regexp.MustCompile(`^[ \t]*(?:\{%-?|\{\{[<%])[ \t]*(/?)[ \t]*([\w.-]+)[ \t]*(.*?)[ \t]*/?(?:-?%\}|[>%]\}\})[ \t]*$`)
	titled        = regexp.MustCompile(`\b(?:title|label|name|header|summary|tabName)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)')`)
	// unseen matches lines that no reader sees: notes as link definitions, and tables of contents.
	unseen = regexp.MustCompile(`(?i)^[ \t]*(?:\[(?://|comment|_)[^\]]*\]:.*|\[\[?_?toc_?\]?\]|--8<--.*|;--8<--.*|\{![^!]*!\}|\{\*[^*]*\*\}|\{\{#(?:\w+_)?(?:include|playground)[^}]*\}\}|<<<[ \t]*[@./].*|@\[toc\].*)[ \t]*$`)
)

// admonitions are the kinds of notes that show their kind if they have no title.
var admonitions = map[string]bool{
	"note": true, "tip": true, "info": true, "warning": true, "danger": true, "caution": true, "important": true, "hint": true,
	"attention": true, "error": true, "seealso": true, "success": true, "question": true, "failure": true, "bug": true, "example": true,
	"quote": true, "abstract": true, "details": true, "todo": true, "admonition": true, "summary": true, "deprecated": true,
}

// codeDirectives are the directives that hold code, and unseenDirectives those that show no text of theirs.
var (
	codeDirectives   = []string{"code", "code-block", "code-cell", "sourcecode", "parsed-literal", "math", "prompt", "mermaid", "doctest", "testcode", "highlight"}
	unseenDirectives = []string{"toctree", "image", "contents", "include", "literalinclude", "eval-rst", "raw", "tableofcontents", "index", "only"}
)

// kindTitle returns the title of an admonition of a kind that has no other one; "" if it shows none.
func kindTitle(kind string) string {
	kind = strings.ToLower(kind)
	switch {
	case !admonitions[kind] || kind == "admonition":
		return ""
	case kind == "seealso":
		return "See also"
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

// bold returns a title as a paragraph of its own.
func bold(indent, title string) []line {
	title = strings.TrimSpace(title)
	if title == "" {
		return plain("")
	}
	return plain("", indent+"**"+title+"**", "")
}

// readDirective reads a directive of MyST.
func readDirective(first line, name, argument string, inner []string) []line {
	indent := first.text[:len(first.text)-len(strings.TrimLeft(first.text, " \t"))]
	for len(inner) > 0 && option.MatchString(inner[0]) {
		inner = inner[1:]
	}
	switch {
	case slices.Contains(codeDirectives, name):
		out := []line{{indent + "```" + argument, true}}
		for _, t := range inner {
			out = append(out, line{t, true})
		}
		return append(out, line{indent + "```", true})
	case slices.Contains(unseenDirectives, name):
		return plain("")
	}
	if argument == "" {
		argument = kindTitle(name)
	}
	return append(append(bold(indent, argument), scanFences(inner)...), line{})
}

// blocks reads containers: admonitions, tabs, template tags and components.
func blocks(lines []line, closed map[string]bool, depth int) []line {
	var out []line
	ends := elementEnds(lines, closed)
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if m := indented.FindStringSubmatch(l.text); m != nil && !l.code && depth < maxNesting {
			end := bodyEnd(lines, i+1, l.indent()+1)
			if end > i+1 || m[2] != "===" {
				out = append(out, bold(m[1], indentedTitle(m[2], m[3]))...)
				out = append(out, blocks(scanAgain(dedent(lines[i+1:end], l.indent())), closed, depth+1)...)
				out = append(out, line{})
				i = end - 1
				continue
			}
		}
		if end := ends[i]; end > i && depth < maxNesting {
			out = append(out, line{}, l)
			out = append(out, blocks(scanAgain(dedent(lines[i+1:end], l.indent())), closed, depth+1)...)
			out = append(out, lines[end], line{})
			i = end
			continue
		}
		if !l.code {
			if end, code := highlight(lines, i); end > i {
				out = append(out, code...)
				i = end
				continue
			}
		}
		out = append(out, readLine(l)...)
		if isSlashes(l) { // its options follow
			for i+1 < len(lines) && slashesOption.MatchString(lines[i+1].text) {
				i++
			}
		}
	}
	return out
}

// isSlashes reports whether a line begins a block of PyMdown.
func isSlashes(l line) bool {
	m := slashes.FindStringSubmatch(l.text)
	return !l.code && m != nil && m[1] != ""
}

// readLine reads one line that opens or closes a container, or is none.
func readLine(l line) []line {
	if l.code {
		return []line{l}
	}
	if unseen.MatchString(l.text) {
		return nil
	}
	if m := colons.FindStringSubmatch(l.text); m != nil {
		return bold("", colonsTitle(m[1]+m[2]))
	}
	if m := slashes.FindStringSubmatch(l.text); m != nil {
		if m[2] == "" {
			m[2] = kindTitle(m[1])
		}
		return bold("", m[2])
	}
	if m := alert.FindStringSubmatch(l.text); m != nil {
		title := m[3]
		if title == "" {
			title = kindTitle(m[2])
		}
		return plain(m[1] + "**" + title + "**")
	}
	if m := tag.FindStringSubmatch(l.text); m != nil {
		if t := titled.FindStringSubmatch(m[3]); t != nil {
			return bold("", t[1]+t[2])
		}
		return plain("")
	}
	l.text = docsify.ReplaceAllString(l.text, "")
	return []line{l}
}

// indentedTitle returns the title of what "!!!", "???" or "===" begins.
func indentedTitle(mark, rest string) string {
	if q := quoted.FindStringSubmatch(rest); q != nil {
		return strings.ReplaceAll(q[1]+q[2], `\"`, `"`)
	}
	if strings.HasPrefix(mark, "===") {
		return rest
	}
	kind, _, _ := strings.Cut(rest, " ")
	if t := kindTitle(kind); t != "" {
		return t
	}
	if kind == "" {
		return ""
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

// colonsTitle returns the title of what ":::" begins: "tip", "tip Title", "tip[Title]",
// "{note} Title" or "note{title=…}".
func colonsTitle(rest string) string {
	rest = strings.TrimSpace(strings.TrimRight(rest, ":"))
	if t := titled.FindStringSubmatch(rest); t != nil {
		return t[1] + t[2]
	}
	rest = strings.NewReplacer("{", "", "}", " ").Replace(rest)
	at := strings.IndexAny(rest, " [")
	if at < 0 {
		return kindTitle(strings.TrimSpace(rest))
	}
	kind, title := rest[:at], strings.TrimSpace(rest[at:])
	if t, ok := strings.CutPrefix(title, "["); ok {
		title, _, _ = strings.Cut(t, "]")
	}
	if title == "" || strings.HasPrefix(title, ".") || strings.HasPrefix(title, "#") {
		return kindTitle(kind)
	}
	return title
}

// bodyEnd returns the line behind those that are blank or indented by at least n columns.
func bodyEnd(lines []line, from, n int) int {
	end := from
	for i := from; i < len(lines); i++ {
		switch {
		case lines[i].isBlank():
		case lines[i].indent() >= n:
			end = i + 1
		default:
			return end
		}
	}
	return end
}

// dedent returns lines whose smallest indentation is n columns.
func dedent(lines []line, n int) []line {
	least := -1
	for _, l := range lines {
		if in := l.indent(); !l.isBlank() && (least < 0 || in < least) {
			least = in
		}
	}
	if least <= n {
		return lines
	}
	out := make([]line, len(lines))
	for i, l := range lines {
		out[i] = l.without(least - n)
	}
	return out
}

// scanAgain finds code by the indentation that lines have now.
func scanAgain(lines []line) []line {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return scanFences(texts)
}

// highlight returns the last line of a template tag that holds code, such as
// {% highlight go %}, and the code as a fenced block.
func highlight(lines []line, i int) (int, []line) {
	m := tag.FindStringSubmatch(lines[i].text)
	if m == nil || m[1] != "" || m[2] != "highlight" {
		return i, nil
	}
	language, _, _ := strings.Cut(m[3], " ")
	out := []line{{"```" + language, true}}
	for j := i + 1; j < len(lines); j++ {
		e := tag.FindStringSubmatch(lines[j].text)
		if e != nil && (e[2] == "endhighlight" || e[1] == "/" && e[2] == "highlight") {
			return j, append(out, line{"```", true})
		}
		out = append(out, line{lines[j].text, true})
	}
	return i, nil
}
