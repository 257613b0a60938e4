// Package markdown turns the Markdown that documentation generators read into plain
// Markdown: what a reader of the published page sees.
//
// Call [Read]. Front matter, comments, attribute lists, imports, template tags and images
// within the text are taken out. Of admonitions, tabs and components the titles and
// the text stay. Code blocks and code spans are kept as they are.
package markdown

import (
	"regexp"
	"slices"
	"strings"
)

// A Document is the text of a file and what stands above it.
type Document struct {
	Front map[string]any // front matter; nil if there is none
	Text  string         // a heading with an anchor of its own ends in " {#anchor}"
}

// Options say what a text is written in, and how to read HTML in it.
type Options struct {
	MDX  bool                                      // a program: imports, exports and expressions are no text
	HTML func(element string) (md string, ok bool) // makes Markdown of an HTML element; nil keeps its tags out
}

// Read reads a file, whose lines end in LF.
func Read(source string, o Options) Document {
	front, body := CutFrontMatter(source)
	lines := scanFences(strings.Split(body, "\n"))
	lines = dropModules(lines, o.MDX)
	lines = joinTags(lines)
	closed := closedComponents(lines)
	lines = blocks(lines, closed, 0)
	s := scanner{options: o, closed: closed, front: front, defined: definitions(body)}
	return Document{Front: front, Text: strings.TrimSpace(homeText(front) + s.text(lines))}
}

// manyBlank matches several blank lines.
var manyBlank = regexp.MustCompile(`\n[ \t]*\n(?:[ \t]*\n)+`)

// A line is a line of a text; code says that it is part of a code block, fences included.
type line struct {
	text string
	code bool
}

func (l line) isBlank() bool { return strings.TrimSpace(l.text) == "" }

// indent returns the number of columns before the first character.
func (l line) indent() int {
	n := 0
	for _, r := range l.text {
		switch r {
		case ' ':
			n++
		case '\t':
			n += 4 - n%4
		default:
			return n
		}
	}
	return n
}

// without returns the line without the first n columns of its indentation.
func (l line) without(n int) line {
	for n > 0 && l.text != "" && (l.text[0] == ' ' || l.text[0] == '\t') {
		if l.text[0] == '\t' {
			n -= 3
		}
		l.text = l.text[1:]
		n--
	}
	return l
}

// plain returns lines that are no code.
func plain(texts ...string) []line {
	out := make([]line, len(texts))
	for i, t := range texts {
		out[i] = line{text: t}
	}
	return out
}

// fence matches the first line of a fenced code block.
var fence = regexp.MustCompile("^(?:[ \t]*(?:>[ \t]?|[-*+][ \t]+|[0-9]+[.)][ \t]+)*)(`{3,}|~{3,})[ \t]*([^`]*)$")

// scanFences finds the code blocks of a text. The directives of MyST that hold text
// are no code.
func scanFences(texts []string) []line {
	var out []line
	var above indentation
	for i := 0; i < len(texts); i++ {
		m := fence.FindStringSubmatch(texts[i])
		if m == nil {
			out = append(out, line{text: texts[i], code: above.isCode(texts[i])})
			continue
		}
		above.afterBlank, above.inCode = false, false
		end := i + 1
		for end < len(texts) && !closes(texts[end], m[1]) {
			end++
		}
		inner := texts[i+1 : min(end, len(texts))]
		if len(inner) > 0 && !slices.ContainsFunc(inner, func(t string) bool { return !isInclude(t) }) {
			i = end
			continue // the page shows a file that is not here
		}
		if d := directive.FindStringSubmatch(m[2]); d != nil {
			out = append(out, readDirective(line{text: texts[i]}, d[1], d[2], inner)...)
		} else {
			out = append(out, line{texts[i], true})
			for _, t := range inner {
				out = append(out, line{t, true})
			}
			if end < len(texts) {
				out = append(out, line{texts[end], true})
			}
		}
		i = end
	}
	return out
}

// include matches a line that stands for a file, as MkDocs reads it within code, too.
var include = regexp.MustCompile(`^[ \t]*(?:\{![^!]+!\}|-+8<-+[ \t]+"[^"]+")[ \t]*$`)

func isInclude(text string) bool { return strings.TrimSpace(text) == "" || include.MatchString(text) }

// closes reports whether a line ends the code block that a fence began.
func closes(text, fence string) bool {
	t := strings.Trim(text, " \t>")
	return len(t) >= len(fence) && strings.Trim(t, fence[:1]) == ""
}

var listItem = regexp.MustCompile(`^[ \t]*(?:[-*+]|[0-9]+[.)])[ \t]`)

// container matches what has an indented text below it that is no code.
var container = regexp.MustCompile(`^[ \t]*(?:!!!|\?\?\?|===|:[ \t]|<|\[\^|/)`)

// An indentation knows what stands above a line, to tell whether it is code by its
// indentation: below a blank line, and not within a list or a container.
type indentation struct {
	afterBlank, inCode, holdsText bool
}

func (a *indentation) isCode(text string) bool {
	l := line{text: text}
	switch {
	case l.isBlank():
		a.afterBlank = true
		return false
	case l.indent() < 4:
		a.holdsText = listItem.MatchString(text) || container.MatchString(text) || l.indent() > 0 && a.holdsText
		a.inCode = false
	default:
		a.inCode = a.inCode || a.afterBlank && !a.holdsText
	}
	a.afterBlank = false
	return a.inCode
}

// importLine matches an import of a module that ends on its line.
var importLine = regexp.MustCompile(`^import\s+(?:[^;]+\s+from\s+)?["'][^"']+["'];?\s*$`)

// dropModules removes imports, and, of a program, exports and expressions that stand alone.
func dropModules(lines []line, mdx bool) []line {
	var out []line
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		switch {
		case l.code:
			out = append(out, l)
		case importLine.MatchString(l.text):
		case mdx && (strings.HasPrefix(l.text, "import ") || strings.HasPrefix(l.text, "export ")),
			mdx && strings.HasPrefix(l.text, "{") && !strings.HasPrefix(l.text, "{/*"):
			end, kept := statement(lines, i)
			out = append(out, plain(kept...)...)
			i = end
		default:
			out = append(out, l)
		}
	}
	return out
}

// literal matches an expression that is a string alone.
var literal = regexp.MustCompile("^\\{\\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`$]*)`)\\s*\\}$")

// statement returns the last line of the statement that begins at line i, where its
// brackets are closed, and the text that it is.
func statement(lines []line, i int) (end int, kept []string) {
	depth := 0
	for end = i; end < len(lines); end++ {
		for _, r := range lines[end].text {
			switch r {
			case '{', '(', '[':
				depth++
			case '}', ')', ']':
				depth--
			}
		}
		if depth <= 0 || lines[end].isBlank() && end > i+40 {
			break
		}
	}
	first := strings.TrimSpace(lines[i].text)
	if m := literal.FindStringSubmatch(first); m != nil {
		return i, []string{m[1] + m[2] + m[3]}
	}
	if end == i && strings.HasPrefix(first, "{") && !strings.HasSuffix(first, "}") {
		return i, []string{lines[i].text} // a sentence that begins with an expression
	}
	return min(end, len(lines)-1), nil
}
