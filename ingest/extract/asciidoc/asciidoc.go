// Package asciidoc turns AsciiDoc, as Asciidoctor and Antora read it, into Markdown.
//
// Call [Read]. No text is lost that a reader of the built page sees, but what is in
// other files. A heading ends in " {#anchor}", its anchor on the built page.
package asciidoc

import (
	"maps"
	"regexp"
	"strings"
)

// maxNesting is how deep blocks and lists are read; below, text is kept as it is.
const maxNesting = 20

// maxValueBytes and four times the text is how much values of attributes add to a text.
const maxValueBytes = 1 << 20

// Attributes are what texts refer to as {name}.
type Attributes map[string]string

// A Document is a text that was read.
type Document struct {
	Text       string // Markdown
	Attributes Attributes
}

// Read returns the Markdown of a text, whose lines end in LF. given are attributes that others
// set for the document, such as the settings of its site; one that is empty is set, too.
func Read(source string, given Attributes) Document {
	p := parser{attributes: maps.Clone(given), anchors: map[string]int{}, titles: map[string]string{}, left: maxValueBytes + 4*len(source)}
	if p.attributes == nil {
		p.attributes = Attributes{}
	}
	lines := strings.Split(strings.NewReplacer(keptMark, "", boldMark, "").Replace(source), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	p.collect(lines)
	body := p.header(p.conditions(lines))
	text := p.title + p.blocks(body, 0)
	text = strings.Join(append([]string{text}, p.notes...), "\n\n")
	return Document{strings.TrimSpace(manyBlank.ReplaceAllString(text, "\n\n")), p.attributes}
}

var manyBlank = regexp.MustCompile(`\n{3,}`)

// A parser reads one text.
type parser struct {
	attributes Attributes
	anchors    map[string]int
	titles     map[string]string // of sections, by their anchors
	title      string            // of the document, as Markdown
	notes      []string          // foot notes
	left       int               // bytes that values of attributes may still add
}

var (
	attributeEntry = regexp.MustCompile(`^:(!?[\w][\w-]*!?):(?:[ \t]+(.*))?$`)
	section        = regexp.MustCompile(`^(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+={1,6})?$`)
	condition      = regexp.MustCompile(`^(ifdef|ifndef|ifeval|endif)::([^\[]*)\[(.*)\]$`)
	comment        = regexp.MustCompile(`^//(?:[^/].*)?$`)
	blockAnchor    = regexp.MustCompile(`^\[\[([^\],]+)(?:,[ ]*([^\]]*))?\]\]$`)
	blockAttrs     = regexp.MustCompile(`^\[(|[\w"'.,#%*{(|<>].*|)\]$`)
	blockTitle     = regexp.MustCompile(`^\.([^\s.].*)$`)
	delimiter      = regexp.MustCompile("^(?:-{4,}|\\.{4,}|={4,}|\\*{4,}|_{4,}|\\+{4,}|/{4,}|--|```+.*|[|,:!]={3,})$")
)

// collect reads the titles of sections, for references to them.
func (p *parser) collect(lines []string) {
	anchors := map[string]int{}
	id := ""
	for _, l := range lines {
		switch m := section.FindStringSubmatch(l); {
		case m != nil:
			anchor := p.anchorOf(m[2], id, anchors)
			p.titles[anchor], p.titles[m[2]] = m[2], m[2]
			id = ""
		case blockAnchor.MatchString(l):
			id = blockAnchor.FindStringSubmatch(l)[1]
		case blockAttrs.MatchString(l):
			if a := attrsOf(l); a.id != "" {
				id = a.id
			}
		case strings.TrimSpace(l) != "":
			id = ""
		}
		if m := attributeEntry.FindStringSubmatch(l); m != nil && strings.HasPrefix(m[1], "id") {
			p.set(m[1], m[2])
		}
	}
	p.notes = nil // They are read again with their sections.
}

// set reads an entry of an attribute. What others set stays unless it ends in @.
func (p *parser) set(name, value string) {
	if off := strings.Trim(name, "!"); off != name {
		delete(p.attributes, strings.ToLower(off))
		return
	}
	p.attributes[strings.ToLower(name)] = p.substitute(strings.TrimSpace(value))
}

// conditions returns the lines without those that a condition leaves out. What a reader
// sees depends on how the page is built: a condition that is not known is taken for true,
// if it asks that an attribute is not set, and of the rest those that are set count.
func (p *parser) conditions(lines []string) []string {
	var out []string
	var open []bool // whether each condition around a line holds
	holds := func() bool {
		for _, ok := range open {
			if !ok {
				return false
			}
		}
		return true
	}
	verbatim := ""
	for _, l := range lines {
		if m := condition.FindStringSubmatch(l); m != nil {
			switch m[1] {
			case "endif":
				if len(open) > 0 {
					open = open[:len(open)-1]
				}
			case "ifeval":
				open = append(open, p.compare(m[3]))
			default:
				ok := p.defined(m[2]) == (m[1] == "ifdef")
				if m[3] != "" { // on one line
					if ok && holds() {
						out = append(out, m[3])
					}
					continue
				}
				open = append(open, ok)
			}
			continue
		}
		if !holds() {
			continue
		}
		if verbatim == "" && len(l) >= 4 && (strings.Trim(l, "-") == "" || strings.Trim(l, ".") == "") {
			verbatim = l
		} else if l == verbatim {
			verbatim = ""
		}
		if m := attributeEntry.FindStringSubmatch(l); m != nil && verbatim == "" {
			p.set(m[1], m[2]) // for the conditions that follow; it is read again in its place
		}
		out = append(out, l)
	}
	return out
}

// defined reports whether attributes are set: any of a list with commas, all of one with +.
func (p *parser) defined(names string) bool {
	for alternative := range strings.SplitSeq(names, ",") {
		all := true
		for name := range strings.SplitSeq(alternative, "+") {
			name = strings.ToLower(strings.TrimSpace(name))
			_, ok := p.attributes[name]
			all = all && (ok || builtIn[name])
		}
		if all {
			return true
		}
	}
	return false
}

// builtIn are the attributes that are set when a page of HTML is built.
var builtIn = map[string]bool{"backend-html5": true, "basebackend-html": true, "backend-html": true, "asciidoctor": true, "html5": true}

var comparison = regexp.MustCompile(`^\s*"?(.*?)"?\s*(==|!=|<=|>=|<|>)\s*"?(.*?)"?\s*$`)

// compare reports whether a comparison of two texts holds.
func (p *parser) compare(expression string) bool {
	m := comparison.FindStringSubmatch(p.substitute(expression))
	if m == nil {
		return true
	}
	switch m[2] {
	case "==":
		return m[1] == m[3]
	case "!=":
		return m[1] != m[3]
	case "<", "<=":
		return m[1] <= m[3] && (m[2] == "<=" || m[1] != m[3])
	}
	return m[1] >= m[3] && (m[2] == ">=" || m[1] != m[3])
}

// header reads the title of a document and the lines below it, and returns the rest.
func (p *parser) header(lines []string) []string {
	i := 0
	skip := func() {
		for i < len(lines) && (lines[i] == "" || comment.MatchString(lines[i]) || attributeEntry.MatchString(lines[i])) {
			if m := attributeEntry.FindStringSubmatch(lines[i]); m != nil {
				p.set(m[1], m[2])
			}
			i++
		}
	}
	skip()
	id := ""
	if i+1 < len(lines) && (blockAnchor.MatchString(lines[i]) || blockAttrs.MatchString(lines[i])) && section.MatchString(lines[i+1]) {
		if m := blockAnchor.FindStringSubmatch(lines[i]); m != nil {
			id = m[1]
		} else {
			id = attrsOf(lines[i]).id
		}
		i++
	}
	m := []string(nil)
	if i < len(lines) {
		m = section.FindStringSubmatch(lines[i])
	}
	if m == nil || len(m[1]) != 1 {
		return lines[min(i, len(lines)):]
	}
	if id != "" {
		id = " {#" + id + "}"
	}
	p.attributes["doctitle"] = m[2]
	title := m[2]
	// Authors, revision and attributes follow without a blank line.
	for i++; i < len(lines) && lines[i] != ""; i++ {
		if a := attributeEntry.FindStringSubmatch(lines[i]); a != nil {
			value := a[2]
			for strings.HasSuffix(value, `\`) && i+1 < len(lines) {
				i++
				value = strings.TrimSuffix(value, `\`) + strings.TrimSpace(lines[i])
			}
			p.set(a[1], value)
		} else if !comment.MatchString(lines[i]) && !isByline(lines[i]) {
			break // The text begins without a blank line.
		}
	}
	p.title = "# " + p.inline(title) + id + "\n\n"
	return lines[i:]
}

var byline = regexp.MustCompile(`^(?:\pL[\pL\d_'.-]*(?: \pL[\pL\d_'.-]*){0,2}(?: <[^>]+>)?(?:; |$))+$|^v?\d[\w.]*(?:,.*)?$|^v[\w.]+[,:].*$`)

// isByline reports whether a line below the title names authors or the revision.
func isByline(l string) bool { return byline.MatchString(l) }

var notID = regexp.MustCompile(`<[^>]*>|&[a-z]+;|[^\pL\pN _.-]+`)

// anchorOf returns the anchor of a section: its own, or one made of its title.
func (p *parser) anchorOf(title, own string, seen map[string]int) string {
	if own != "" {
		return own
	}
	prefix, ok := p.attributes["idprefix"]
	if !ok {
		prefix = "_"
	}
	separator, ok := p.attributes["idseparator"]
	if !ok {
		separator = "_"
	}
	plain := notID.ReplaceAllString(strings.ToLower(plainText(p.inline(title))), "")
	anchor := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-", r) {
			return ' '
		}
		return r
	}, plain)
	anchor = prefix + strings.Join(strings.Fields(anchor), separator)
	seen[anchor]++
	if n := seen[anchor]; n > 1 {
		anchor += separator + itoa(n)
	}
	return anchor
}
