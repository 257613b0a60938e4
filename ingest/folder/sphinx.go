package folder

import (
	"cmp"
	"regexp"
	"strings"
)

func readSphinx(s *site, config string) {
	if !strings.Contains(config, "extensions") && !strings.Contains(config, "html_theme") {
		return
	}
	s.name, s.style, s.private = "sphinx", StyleHTML, true
	s.textIsRST = regexp.MustCompile(`(?m)^source_suffix\s*=.*["']\.txt["']`).MatchString(config)
	s.excludeList(config, "exclude_patterns")
	s.definitions = definitionsOf(config)
	s.version = cmp.Or(top(config, "release"), top(config, "version"))
	s.setBase(top(config, "html_baseurl"))
}

var (
	// everyFile matches the text that Sphinx adds to each file.
	everyFile = regexp.MustCompile(`(?s)(?m)^rst_(?:prolog|epilog)\s*=\s*[rRfF]*(?:"""(.*?)"""|'''(.*?)''')`)
	// definition matches a substitution or a target, with the lines that belong to it.
	definition = regexp.MustCompile(`(?m)^\.\. (?:\||_).*(?:\n[ \t]+\S.*)*`)
)

// definitionsOf returns the substitutions and targets that settings give to every file, and
// those for the version.
func definitionsOf(config string) string {
	var all []string
	for _, m := range everyFile.FindAllStringSubmatch(config, -1) {
		all = append(all, definition.FindAllString(m[1]+m[2], -1)...)
	}
	for _, name := range []string{"version", "release"} {
		if v := top(config, name); v != "" {
			all = append(all, ".. |"+name+"| replace:: "+v)
		}
	}
	return strings.Join(all, "\n\n")
}
