package rst

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
)

var (
	// codeDirectives hold code.
	codeDirectives = words(`code code-block sourcecode parsed-literal prompt doctest testcode testoutput ipython console productionlist mermaid jinja`)
	// unseen directives show no text of theirs.
	unseen = words(`contents sectnum section-numbering index highlight currentmodule module py:module py:currentmodule default-role meta raw role tabularcolumns include
		literalinclude autosummary testsetup testcleanup
		target-notes header footer unicode date default-domain cssclass rst-class graphviz digraph graph inheritance-diagram plot program restructuredtext-test-directive
		sectionauthor codeauthor moduleauthor`)
	// bodies show their body, and no argument.
	bodies = words(`only compound container class epigraph pull-quote highlights hlist glossary centered tabs tab-set grid cards ifconfig
		rst-class details block-quote`)
	// titles show their argument in bold, and their body.
	titles = words(`admonition topic sidebar rubric tab tab-item card dropdown grid-item-card collapse table figure-md md-tab-item group-tab code-tab list-table csv-table`)
	// versions say when something changed.
	versions = map[string]string{
		"versionadded": "Added in version ", "versionchanged": "Changed in version ", "deprecated": "Deprecated since version ", "versionremoved": "Removed in version ",
		"version-added": "Added in version ", "version-changed": "Changed in version ", "version-deprecated": "Deprecated since version ", "version-removed": "Removed in version ",
	}
	admonitions = map[string]string{
		"note": "Note", "tip": "Tip", "warning": "Warning", "danger": "Danger", "caution": "Caution", "important": "Important", "hint": "Hint",
		"attention": "Attention", "error": "Error", "seealso": "See also", "todo": "Todo",
	}
	// described are the directives that describe something by its signature.
	described = words(`function class method attribute exception data property staticmethod classmethod decorator decoratormethod option cmdoption confval
		envvar describe object macro type struct member enum enumerator var union namespace directive role event type typealias setting configuration-value`)
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// explicit reads what ".. " begins.
func (p *parser) explicit(first string, rest []string, depth int) string {
	switch {
	case first == "" || strings.HasPrefix(first, "_"):
		return "" // a comment or a target
	case strings.HasPrefix(first, "|"):
		if m := directive.FindStringSubmatch(first); m == nil || m[1] != "image" {
			return ""
		}
		return ""
	}
	if m := footnote.FindStringSubmatch(first); m != nil {
		return "[" + m[1] + "] " + indentRest(strings.TrimSpace(p.blocks(append([]string{m[2]}, dedent(rest)...), depth+1)), "  ")
	}
	m := directive.FindStringSubmatch(first)
	if m == nil {
		return ""
	}
	return p.directive(m[1], m[2], dedent(rest), depth)
}

// directive reads a directive.
func (p *parser) directive(name, argument string, body []string, depth int) string {
	argument, options, body := cutOptions(name, argument, body)
	short := name[strings.LastIndexByte(name, ':')+1:]
	switch {
	case name == "py:module", name == "module", name == "py:currentmodule", name == "currentmodule":
		p.module = argument
		return ""
	case versions[name] != "":
		version, more, _ := strings.Cut(argument, " ")
		text := strings.TrimSpace(p.blocks(append([]string{more}, body...), depth+1))
		return "*" + versions[name] + version + "*: " + text
	case admonitions[name] != "":
		return "**" + admonitions[name] + "**\n\n" + p.blocks(append(strings.Split(argument, "\n"), body...), depth+1)
	case codeDirectives[name]:
		if name == "prompt" || name == "parsed-literal" {
			argument = ""
		}
		if caption := options["caption"]; caption != "" {
			return p.inline(caption) + "\n\n" + fenced(strings.Fields(argument + " text")[0], body)
		}
		return fenced(strings.TrimSpace(argument), body)
	case name == "math":
		return "$$\n" + strings.TrimSpace(argument+"\n"+strings.Join(body, "\n")) + "\n$$"
	case name == "image", name == "figure":
		return "![" + p.inline(options["alt"]) + "](" + argument + ")\n\n" + p.blocks(body, depth+1)
	case name == "toctree":
		return p.toctree(options, body)
	case name == "list-table", name == "csv-table":
		return p.tableDirective(name, argument, options, body, depth)
	case name == "automodule":
		return p.blocks(body, depth+1)
	case unseen[name]:
		return ""
	case strings.HasPrefix(name, "auto"): // What a program adds is not here; what is written below it is.
		return p.described(strings.TrimPrefix(name, "auto"), argument, body, depth)
	case name == "only" && (strings.Contains(argument, "latex") || strings.Contains(argument, "not html")):
		return ""
	case bodies[name]:
		if name == "centered" || name == "class" && len(body) == 0 {
			return ""
		}
		return p.blocks(body, depth+1)
	case titles[name]:
		if strings.HasSuffix(name, "card") { // lines between its head, its body and its foot
			body = slices.DeleteFunc(slices.Clone(body), func(l string) bool { return l == "+++" || l == "^^^" })
		}
		return "**" + p.inline(argument) + "**\n\n" + p.blocks(body, depth+1)
	case described[short] || strings.Contains(name, ":"):
		for _, key := range []string{"default", "type"} { // of a setting
			if v := options[key]; v != "" {
				body = append([]string{":" + strings.ToUpper(key[:1]) + key[1:] + ": " + v}, body...)
			}
		}
		return p.described(name, argument, body, depth)
	}
	return p.inline(argument) + "\n\n" + p.blocks(body, depth+1)
}

// described reads the signatures of something, and its description.
func (p *parser) described(name, argument string, body []string, depth int) string {
	var b strings.Builder
	for signature := range strings.SplitSeq(argument, "\n") {
		if signature = strings.TrimSpace(signature); signature == "" {
			continue
		}
		if !strings.HasPrefix(name, "py:") && strings.Contains(name, ":") || strings.HasPrefix(signature, "-") || name == "confval" || name == "envvar" {
			b.WriteString("**" + span(signature) + "**\n\n")
			continue
		}
		id, _, _ := strings.Cut(signature, "(")
		if p.module != "" {
			id = p.module + "." + strings.TrimSpace(id)
		}
		if strings.ContainsAny(id, " {}") {
			b.WriteString("**" + span(signature) + "**\n\n")
			continue
		}
		b.WriteString(strings.Repeat("#", min(p.level+1, 6)) + " " + span(signature) + " {#" + id + "}\n\n")
	}
	return b.String() + p.blocks(body, depth+1)
}

var optionLine = regexp.MustCompile(`^:([\w-]+):(?: +(.*))?$`)

// cutOptions splits what stands below a directive: the rest of its argument, its options and its body.
func cutOptions(name, argument string, body []string) (string, map[string]string, []string) {
	short := name[strings.LastIndexByte(name, ':')+1:]
	many := described[short] || strings.Contains(name, ":")
	for len(body) > 0 && body[0] != "" && (many || argument != "" && admonitions[name] != "" || titles[name]) && !optionLine.MatchString(body[0]) && argument != "" {
		argument += "\n" + strings.TrimSpace(body[0])
		body = body[1:]
	}
	options := map[string]string{}
	last := ""
	for len(body) > 0 && body[0] != "" {
		m := optionLine.FindStringSubmatch(body[0])
		if m == nil {
			if last == "" || indentOf(body[0]) == 0 {
				break
			}
			options[last] += " " + strings.TrimSpace(body[0])
		} else {
			last = m[1]
			options[last] = m[2]
		}
		body = body[1:]
	}
	if many && len(options) > 0 && (options["param"] != "" || options["returns"] != "") {
		return argument, nil, body
	}
	return argument, options, body
}

// toctree returns the titles of the documents that a page leads to.
func (p *parser) toctree(options map[string]string, body []string) string {
	if _, hidden := options["hidden"]; hidden {
		return ""
	}
	var b strings.Builder
	if caption := options["caption"]; caption != "" {
		b.WriteString("**" + p.inline(caption) + "**\n\n")
	}
	for _, l := range body {
		l = strings.TrimSpace(l)
		if m := embedded.FindStringSubmatch(l); m != nil && m[1] != "" {
			b.WriteString("- " + m[1] + "\n")
		}
	}
	return b.String()
}

// tableDirective reads the rows of a list or of CSV.
func (p *parser) tableDirective(name, title string, options map[string]string, body []string, depth int) string {
	var rows [][]string
	if name == "csv-table" {
		if h := options["header"]; h != "" {
			body = append([]string{h}, body...)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimSpace(strings.Join(body, "\n"))))
		r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
		if d := options["delim"]; len(d) == 1 {
			r.Comma = rune(d[0])
		}
		rows, _ = r.ReadAll() // What can be read of broken rows is shown.
		for _, row := range rows {
			for i, c := range row {
				row[i] = p.inline(strings.ReplaceAll(c, "\n", " "))
			}
		}
	} else {
		for i := 0; i < len(body); {
			if !strings.HasPrefix(body[i], "*") && !strings.HasPrefix(body[i], "-") {
				i++
				continue
			}
			end := bodyEnd(body, i+1, 1)
			row := dedent(append([]string{" " + body[i][1:]}, body[i+1:end]...))
			rows = append(rows, p.cells(row, depth))
			i = end
		}
	}
	out := table(rows)
	if title != "" {
		out = "**" + p.inline(title) + "**\n\n" + out
	}
	return out
}

// cells reads the items of a list, each on one line.
func (p *parser) cells(lines []string, depth int) []string {
	var out []string
	for i := 0; i < len(lines); {
		if !slices.Contains([]string{"-", "*", "+"}, (lines[i] + " ")[:1]) {
			i++
			continue
		}
		end := bodyEnd(lines, i+1, 1)
		out = append(out, p.cell(append([]string{strings.TrimLeft(lines[i][1:], " ")}, dedent(lines[i+1:end])...), depth))
		i = end
	}
	return out
}

// cell returns the text of a cell on one line.
func (p *parser) cell(lines []string, depth int) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(p.blocks(lines, depth+1)), " "), "|", `\|`)
}

// fieldName returns the name of a field of a description as Sphinx shows it.
func fieldName(name string) string {
	kind, rest, _ := strings.Cut(name, " ")
	switch kind {
	case "param", "parameter", "arg", "argument", "key", "keyword", "kwarg":
		return rest
	case "type", "vartype":
		return rest + " type"
	case "returns", "return":
		return "Returns"
	case "rtype":
		return "Return type"
	case "raises", "raise", "except", "exception":
		return "Raises " + rest
	}
	return name
}
