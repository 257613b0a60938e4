package folder

import (
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	adocInclude = regexp.MustCompile(`^(\\?)include::([^\[]+)\[(.*)\]$`)
	adocEntry   = regexp.MustCompile(`^:([\w][\w-]*):[ \t]+(.*)$`)
	adocRef     = regexp.MustCompile(`\{([\w][\w-]*)\}`)
	adocTag     = regexp.MustCompile(`\b(tag|end)::([\w.-]+)\[\]`)
	adocOption  = regexp.MustCompile(`([\w-]+)=(?:"([^"]*)"|([^,\]]*))`)
)

// includeASCIIDoc returns a file with the files that it includes, as far as they are in its
// root, and with the attributes that its site sets.
func includeASCIIDoc(body []byte, f File) []byte {
	return withIncludes(body, f, func(in *includer, file string) string {
		x := adocIncluder{*in, maps.Clone(f.attributes)}
		if x.attributes == nil {
			x.attributes = map[string]string{}
		}
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(f.attributes)) {
			b.WriteString(":" + name + ": " + f.attributes[name] + "\n")
		}
		b.WriteString(x.expand(strings.ReplaceAll(string(body), "\r\n", "\n"), file, 0))
		return b.String()
	})
}

// An adocIncluder reads the files that a file of AsciiDoc includes.
type adocIncluder struct {
	includer
	attributes map[string]string
}

// expand returns the text of a file with what it includes.
func (x *adocIncluder) expand(text, file string, depth int) string {
	if depth >= maxIncludes {
		return text
	}
	lines := strings.Split(text, "\n")
	var out []string
	for _, l := range lines {
		if m := adocEntry.FindStringSubmatch(l); m != nil {
			x.attributes[m[1]] = m[2]
		}
		m := adocInclude.FindStringSubmatch(l)
		switch {
		case m == nil:
			out = append(out, l)
			continue
		case m[1] != "":
			out = append(out, l[1:])
			continue
		}
		name := adocRef.ReplaceAllStringFunc(m[2], func(ref string) string {
			if v, ok := x.attributes[ref[1:len(ref)-1]]; ok {
				return v
			}
			return ref
		})
		part, at, ok := x.find(name, file)
		if !ok {
			continue
		}
		options := map[string]string{}
		for _, o := range adocOption.FindAllStringSubmatch(m[3], -1) {
			options[o[1]] = o[2] + o[3]
		}
		part = chooseTags(part, options["tag"]+options["tags"])
		if options["lines"] != "" {
			part = section(part, map[string]string{"lines": strings.NewReplacer("..", "-", ";", ",").Replace(options["lines"])})
		}
		if strings.HasSuffix(at, ".adoc") || strings.HasSuffix(at, ".asciidoc") {
			part = x.expand(part, at, depth+1)
		}
		part = strings.TrimRight(part, "\n")
		if offset := options["leveloffset"]; offset != "" {
			part = ":leveloffset: " + offset + "\n\n" + part + "\n\n:leveloffset: 0\n"
		}
		out = append(out, part)
	}
	return strings.Join(out, "\n")
}

// find returns a file that another one names, and its path: beside that file, in the root or, with a
// family such as partial$, in the module of Antora.
func (x *adocIncluder) find(name, file string) (text, at string, ok bool) {
	module, inModule := antoraModule(file)
	if i := strings.LastIndex(name, ":"); i >= 0 {
		module, name, inModule = path.Join("modules", path.Base(strings.ReplaceAll(name[:i], ":", "/"))), name[i+1:], true
	}
	if family, rest, isFamily := strings.Cut(name, "$"); isFamily && inModule {
		name = path.Join("/", module, map[string]string{"page": "pages", "partial": "partials", "example": "examples", "attachment": "attachments"}[family], rest)
	}
	for _, p := range []string{path.Join(path.Dir(file), name), strings.TrimPrefix(path.Clean(name), "/")} {
		if strings.HasPrefix(name, "/") {
			p = strings.TrimPrefix(path.Clean(name), "/")
		}
		body, err := x.root.ReadFile(filepath.FromSlash(p))
		if err == nil && len(body) <= x.left {
			x.left -= len(body)
			return strings.ReplaceAll(string(body), "\r\n", "\n"), p, true
		}
	}
	return "", "", false
}

// chooseTags returns the lines of a file that tags choose, without the lines that hold tags.
func chooseTags(text, tags string) string {
	if !strings.Contains(text, "::") && tags == "" {
		return text
	}
	wanted, refused, all := map[string]bool{}, map[string]bool{}, tags == ""
	for tag := range strings.FieldsFuncSeq(tags, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		switch {
		case tag == "*" || tag == "**":
			all = true
		case strings.HasPrefix(tag, "!"):
			refused[tag[1:]] = true
			all = all || len(wanted) == 0
		default:
			wanted[tag] = true
		}
	}
	var open, out []string
	for l := range strings.SplitSeq(text, "\n") {
		if m := adocTag.FindStringSubmatch(l); m != nil {
			if m[1] == "tag" {
				open = append(open, m[2])
			} else if i := slices.Index(open, m[2]); i >= 0 {
				open = slices.Delete(open, i, i+1)
			}
			continue
		}
		in := all
		for _, tag := range open {
			in = (in || wanted[tag]) && !refused[tag]
		}
		if in {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
