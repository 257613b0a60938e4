package folder

import (
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/citewell/citewell/ingest/media"
)

// references are the titles that files of reStructuredText name each other by.
type references struct {
	once   sync.Once
	files  []File
	docs   map[string]string // titles by path without extension
	labels map[string]string // titles of sections
}

// add adds a file that others can refer to.
func (r *references) add(f File) {
	if f.Type == media.RST {
		r.files = append(r.files, f)
	}
}

var (
	rstLabel   = regexp.MustCompile("^ *\\.\\. _(?:`([^`]+)`|([^:`]+)):$")
	rstInclude = regexp.MustCompile(`^( *)\.\. include:: +(\S+)$`)
	rstLiteral = regexp.MustCompile(`^( *)\.\. literalinclude:: +(\S+)$`)
	rstToctree = regexp.MustCompile(`^( *)\.\. toctree::`)
	rstOption  = regexp.MustCompile(`^ +:([\w-]+):(?: +(.*))?$`)
	rstDocRole = regexp.MustCompile("(:(?:doc|ref):`)([^`<>\n]+)`")
)

// read reads the titles of all files.
func (r *references) read() {
	r.docs, r.labels = map[string]string{}, map[string]string{}
	for _, f := range r.files {
		body, err := readFile(f.Path, defaultMaxBytes)
		if err != nil {
			continue
		}
		lines := strings.Split(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n")
		var labels []string
		for i, l := range lines {
			if m := rstLabel.FindStringSubmatch(l); m != nil {
				labels = append(labels, strings.ToLower(m[1]+m[2]))
				continue
			}
			if i+1 < len(lines) && isTitle(l, lines[i+1]) {
				title := strings.TrimSpace(l)
				if key := withoutExt(f.Path); r.docs[key] == "" {
					r.docs[key] = title
				}
				for _, name := range labels {
					r.labels[name] = title
				}
			}
			if l != "" && !isRule(l) {
				labels = labels[:0]
			}
		}
	}
}

func withoutExt(p string) string { return strings.TrimSuffix(p, filepath.Ext(p)) }

// isRule reports whether a line consists of one repeated mark.
func isRule(l string) bool {
	l = strings.TrimRight(l, " ")
	return len(l) >= 2 && strings.Contains("=-~^\"'`#*+.:_<>", l[:1]) && strings.Trim(l, l[:1]) == ""
}

func isTitle(l, under string) bool {
	return strings.TrimSpace(l) != "" && !isRule(l) && isRule(under) && len(strings.TrimRight(under, " ")) >= min(len([]rune(l)), 4) && !strings.HasPrefix(l, "..")
}

// includeRST returns a file with the files that it includes and the titles of what it
// refers to, as far as they are in its root.
func includeRST(body []byte, f File) []byte {
	return withIncludes(body, f, func(in *includer, file string) string {
		text := in.expandRST(strings.ReplaceAll(string(body), "\r\n", "\n"), path.Dir(file), 0)
		if f.references != nil && (strings.Contains(text, ":doc:") || strings.Contains(text, ":ref:") || strings.Contains(text, "toctree::")) {
			f.references.once.Do(f.references.read)
			text = f.references.name(text, f)
		}
		if f.definitions != "" && strings.Contains(text, "|") {
			text += "\n\n" + f.definitions + "\n"
		}
		return text
	})
}

// expandRST returns a text with what it includes.
func (in *includer) expandRST(text, dir string, depth int) string {
	if depth >= maxIncludes || !strings.Contains(text, "include::") {
		return text
	}
	lines := strings.Split(text, "\n")
	var out []string
	for i := 0; i < len(lines); i++ {
		m, literal := rstInclude.FindStringSubmatch(lines[i]), false
		if m == nil {
			m, literal = rstLiteral.FindStringSubmatch(lines[i]), true
		}
		if m == nil {
			out = append(out, lines[i])
			continue
		}
		options := map[string]string{}
		for i+1 < len(lines) {
			o := rstOption.FindStringSubmatch(lines[i+1])
			if o == nil {
				break
			}
			options[o[1]] = o[2]
			i++
		}
		part, ok := in.read(m[2], dir)
		if !ok {
			continue
		}
		part = section(part, options)
		if _, isCode := options["code"]; literal || isCode {
			language := options["language"] + options["code"]
			if language == "" {
				language = strings.TrimPrefix(path.Ext(m[2]), ".")
			}
			out = append(out, m[1]+".. code-block:: "+language, "", indentLines(part, m[1]+"   "), "")
			continue
		}
		out = append(out, indentLines(in.expandRST(part, path.Dir(path.Join(dir, m[2])), depth+1), m[1]))
	}
	return strings.Join(out, "\n")
}

// section returns the part of a file that options choose.
func section(text string, options map[string]string) string {
	if mark := options["start-after"]; mark != "" {
		if _, rest, ok := strings.Cut(text, mark); ok {
			_, text, _ = strings.Cut(rest, "\n")
		}
	}
	if mark := options["end-before"]; mark != "" {
		if before, _, ok := strings.Cut(text, mark); ok {
			text = before[:strings.LastIndexByte(before, '\n')+1]
		}
	}
	if options["lines"] == "" {
		return text
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var out []string
	for part := range strings.SplitSeq(options["lines"], ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, _ := strconv.Atoi(from)
		last, err := strconv.Atoi(to)
		if !isRange {
			last = first
		} else if err != nil {
			last = len(lines)
		}
		for n := max(first, 1); n <= min(last, len(lines)); n++ {
			out = append(out, lines[n-1])
		}
	}
	return strings.Join(out, "\n")
}

// name returns a text with the titles of the documents and sections that it refers to.
func (r *references) name(text string, f File) string {
	text = rstDocRole.ReplaceAllStringFunc(text, func(s string) string {
		m := rstDocRole.FindStringSubmatch(s)
		title := r.labels[strings.ToLower(m[2])]
		if m[1] == ":doc:`" {
			title = r.titleOf(m[2], f)
		}
		if title == "" || strings.Contains(title, "`") {
			return s
		}
		return m[1] + title + " <" + m[2] + ">`"
	})
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		m := rstToctree.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		for i+1 < len(lines) && (lines[i+1] == "" || strings.HasPrefix(lines[i+1], m[1]+" ")) {
			i++
			if title := r.titleOf(strings.TrimSpace(lines[i]), f); title != "" {
				lines[i] = lines[i][:len(lines[i])-len(strings.TrimLeft(lines[i], " "))] + title + " <" + strings.TrimSpace(lines[i]) + ">"
			}
		}
	}
	return strings.Join(lines, "\n")
}

// titleOf returns the title of the document that a file refers to; "" if there is none.
func (r *references) titleOf(doc string, f File) string {
	if doc == "" || strings.HasPrefix(doc, ":") {
		return ""
	}
	p := filepath.Join(filepath.Dir(f.Path), filepath.FromSlash(doc))
	if rest, ok := strings.CutPrefix(doc, "/"); ok {
		p = filepath.Join(f.Root, filepath.FromSlash(rest))
	}
	if t := r.docs[p]; t != "" {
		return t
	}
	return r.docs[withoutExt(p)]
}
