package folder

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Limits of what files include.
const (
	maxIncludes     = 8 // within each other
	maxIncludeBytes = 4 << 20
)

// includes match lines of Markdown that include a file, whose name is the last group: of
// MkDocs, mdBook, VitePress, Hugo, Quarto, Jekyll and MyST.
var includes = []*regexp.Regexp{
	regexp.MustCompile(`^([ \t]*)--8<--[ \t]+["']([^"']+)["'][ \t]*$`),
	regexp.MustCompile(`^([ \t]*)\{!>?[ \t]*([^!]+?)[ \t]*!\}[ \t]*$`),
	regexp.MustCompile(`^([ \t]*)\{%-?[ \t]*include-markdown[ \t]+["']([^"']+)["'].*%\}[ \t]*$`),
	regexp.MustCompile(`^([ \t]*)\{%-?[ \t]*include(?:_relative)?[ \t]+([^ \t]+\.(?:md|markdown|txt))[ \t].*%\}[ \t]*$`),
	regexp.MustCompile(`^([ \t]*)\{\{#(?:rustdoc_)?include[ \t]+([^}]+?)[ \t]*\}\}[ \t]*$`),
	regexp.MustCompile(`^([ \t]*)\{\{[<%][ \t]*(?:include|readfile|include-file)[ \t]+(?:file[ \t]*=[ \t]*)?["']?([^"'>% \t]+)["']?.*[>%]\}\}[ \t]*$`),
	regexp.MustCompile(`^([ \t]*)<!--[ \t]*@include:[ \t]*([^ >]+?)[ \t]*-->[ \t]*$`),
	regexp.MustCompile("^([ \t]*)```+\\{(?:include|literalinclude)\\}[ \t]+([^ \t]+)[ \t]*$"),
}

// codeImport matches a line of VitePress or mdBook that includes a file as code.
var codeImport = regexp.MustCompile(`^([ \t]*)(?:<<<[ \t]*([@./][^\[{]*(?:\{[^}]*\})?)|\{\{#playground[ \t]+([^ }]+).*\}\})`)

// mayInclude matches what a text with includes holds.
var mayInclude = regexp.MustCompile(`--8<--|\{!|include|<<<|\{\{#|readfile`)

// snippetBlock matches the names of several files that MkDocs includes.
var snippetBlock = regexp.MustCompile(`(?m)^[ \t]*--8<--[ \t]*\n((?:[ \t]*[^\s"'][^\n]*\n|[ \t]*\n)+?)[ \t]*--8<--[ \t]*$`)

// snippetLines returns a line for each name in such a block.
func snippetLines(block string) string {
	lines := strings.Split(block, "\n")
	for i, l := range lines {
		name := strings.TrimSpace(l)
		indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
		if name == "--8<--" || strings.HasPrefix(name, ";") {
			lines[i] = ""
		} else if name != "" {
			lines[i] = indent + `--8<-- "` + name + `"`
		}
	}
	return strings.Join(lines, "\n")
}

// partial matches an import of a Markdown file as a component.
var partial = regexp.MustCompile(`(?m)^import[ \t]+([A-Z]\w*)[ \t]+from[ \t]+["']([^"']+\.mdx?)["'];?[ \t]*$`)

// include returns a Markdown file with the files that it includes, as far as they
// are in its root.
func include(body []byte, f File) []byte {
	return withIncludes(body, f, func(in *includer, file string) string { return in.expand(string(body), path.Dir(file), 0) })
}

// withIncludes returns what expand makes of a file by its path in its root; body, if the
// root can't be read.
func withIncludes(body []byte, f File, expand func(in *includer, file string) string) []byte {
	root, err := os.OpenRoot(f.Root)
	if err != nil {
		return body
	}
	defer root.Close()
	rel, err := filepath.Rel(f.Root, f.Path)
	if err != nil {
		return body
	}
	return []byte(expand(&includer{root: root, folders: f.includes, left: maxIncludeBytes}, filepath.ToSlash(rel)))
}

// An includer reads the files that a file includes.
type includer struct {
	root    *os.Root
	folders []string // in the root, that the settings of the generator name
	left    int      // bytes that may still be read
}

// expand returns a text with what it includes.
func (in *includer) expand(text, dir string, depth int) string {
	if depth >= maxIncludes {
		return text
	}
	for _, m := range partial.FindAllStringSubmatch(text, -1) {
		part, ok := in.read(m[2], dir)
		if !ok {
			continue
		}
		use := regexp.MustCompile(`(?m)^([ \t]*)<` + m[1] + `(?:[ \t][^>]*)?/>[ \t]*$`)
		part = in.expand(part, path.Dir(path.Join(dir, m[2])), depth+1)
		text = use.ReplaceAllStringFunc(text, func(s string) string {
			return indentLines(part, s[:len(s)-len(strings.TrimLeft(s, " \t"))])
		})
	}
	if !mayInclude.MatchString(text) {
		return text
	}
	lines := strings.Split(snippetBlock.ReplaceAllStringFunc(text, snippetLines), "\n")
	for i, l := range lines {
		if m := codeImport.FindStringSubmatch(l); m != nil {
			if code, ok := in.read(m[2]+m[3], dir); ok {
				name, _ := cutPart(m[2] + m[3])
				lines[i] = indentLines("```"+strings.TrimPrefix(path.Ext(name), ".")+"\n"+strings.TrimRight(code, "\n")+"\n```", m[1])
			}
			continue
		}
		for k, re := range includes {
			m := re.FindStringSubmatch(l)
			if m == nil {
				continue
			}
			part, ok := in.read(m[2], dir)
			if !ok {
				continue
			}
			if k == len(includes)-1 { // within the fence that the line opens
				if strings.Contains(l, "literalinclude") {
					lines[i] = strings.Replace(l, l[len(m[1]):], "```"+strings.TrimPrefix(path.Ext(m[2]), "."), 1) + "\n" + indentLines(part, m[1])
					continue
				}
				lines[i] = m[1] + "```{div}\n" + indentLines(part, m[1])
				continue
			}
			lines[i] = indentLines(in.expand(part, dir, depth+1), m[1])
		}
	}
	return strings.Join(lines, "\n")
}

// read returns a file that a text in a folder includes, or the part of it that the name
// asks for. Names are relative to that folder, to the root or to one that generators look
// in.
func (in *includer) read(name, dir string) (string, bool) {
	name, part := cutPart(strings.TrimPrefix(strings.TrimPrefix(name, "@site/"), "@/"))
	places := []string{path.Join(dir, name), path.Clean(strings.TrimPrefix(name, "/"))}
	for _, at := range append([]string{"docs", "includes", "_includes", "snippets"}, in.folders...) {
		places = append(places, path.Join(at, name))
	}
	for _, p := range places {
		body, err := in.root.ReadFile(filepath.FromSlash(p))
		if err != nil || len(body) > in.left {
			continue
		}
		in.left -= len(body)
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		if strings.HasSuffix(p, ".md") || strings.HasSuffix(p, ".mdx") {
			text = withoutFront(text)
		}
		return partOf(text, part), true
	}
	return "", false
}

// indentLines returns a text with an indentation before each line.
func indentLines(text, indent string) string {
	if indent == "" {
		return text
	}
	return indent + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+indent)
}
