package folder

import (
	"regexp"
	"strconv"
	"strings"
)

// partName matches what follows the name of an included file: lines or a section, as
// "a.rs:main", "a.md:3:6", "a.js#part{2}" or "a.md{3,10}".
var partName = regexp.MustCompile(`^([^#{}]+?)(?::([\w:,-]+)|#([\w-]+))?(\{[^}]*\})?$`)

// cutPart returns the name of an included file, and which part of it is asked for.
func cutPart(name string) (file, part string) {
	m := partName.FindStringSubmatch(strings.TrimSpace(name))
	switch {
	case m == nil:
		return name, ""
	case m[2]+m[3] != "":
		return m[1], m[2] + m[3]
	case linesOnly.MatchString(m[4]):
		return m[1], strings.Trim(strings.ReplaceAll(m[4], ",", ":"), "{}")
	}
	return m[1], ""
}

var (
	// linesOnly matches the lines of a file that VitePress includes, not those that it marks.
	linesOnly = regexp.MustCompile(`^\{\d*,\d*\}$`)
	// lineRange matches lines from one to another.
	lineRange = regexp.MustCompile(`^(\d*):?(\d*)$`)
	// marker matches a line that begins or ends a section: of mdBook, MkDocs and VitePress.
	marker = regexp.MustCompile(`(ANCHOR:|ANCHOR_END:|--8<--[ \t]*\[(?:start|end):|#?(?:end)?region\b)[ \t]*([\w-]*)`)
)

// partOf returns a part of a text: the lines of a range, or a section between markers; all
// of it if it has no such part. Markers are left out.
func partOf(text, part string) string {
	if m := lineRange.FindStringSubmatch(part); m != nil && part != "" {
		lines := strings.Split(text, "\n")
		from, to := atoi(m[1], 1), atoi(m[2], len(lines))
		if m[2] == "" && !strings.Contains(part, ":") {
			to = from
		}
		from, to = max(from, 1), min(to, len(lines))
		return strings.Join(lines[min(from-1, to):to], "\n")
	}
	if !strings.Contains(text, "ANCHOR") && !strings.Contains(text, "--8<--") && !strings.Contains(text, "region") {
		return text
	}
	var all, section []string
	in, found := false, false
	for _, l := range strings.Split(text, "\n") {
		m := marker.FindStringSubmatch(l)
		if m == nil {
			all = append(all, l)
			if in {
				section = append(section, l)
			}
			continue
		}
		if m[2] == part && part != "" || in && m[2] == "" {
			in = !strings.Contains(strings.ToLower(m[1]), "end")
			found = found || in
		}
	}
	if found {
		return strings.Join(section, "\n")
	}
	return strings.Join(all, "\n")
}

// atoi returns a number; otherwise if a text is none.
func atoi(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return otherwise
}
