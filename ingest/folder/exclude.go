package folder

import (
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// exclude adds a pattern of files that the generator does not publish, as .gitignore has
// them; one that begins with ! publishes them after all.
func (s *site) exclude(pattern string) {
	if pattern = strings.TrimSpace(pattern); pattern == "" || pattern[0] == '#' {
		return
	}
	rest, again := strings.CutPrefix(pattern, "!")
	rest = strings.TrimSuffix(rest, "/")
	if inner := strings.TrimPrefix(rest, "/"); inner != rest || strings.Contains(inner, "/") {
		rest = inner
	} else {
		rest = "**/" + rest
	}
	if again {
		rest = "!" + rest
	}
	s.excluded = append(s.excluded, rest)
}

// excludes reports whether the patterns leave out a file or folder, by its path in the
// content. The last pattern that matches counts.
func (s *site) excludes(rel string) bool {
	out := false
	for _, p := range s.excluded {
		pattern, again := strings.CutPrefix(p, "!")
		if ok, err := doublestar.Match(pattern, rel); ok && err == nil {
			out = !again
		}
	}
	return out
}

// quoted matches the texts in a list of a script.
var quoted = regexp.MustCompile(`["']([^"'\n]+)["']`)

// excludeList adds the patterns in a list that a script assigns to a name. They are relative
// to the content.
func (s *site) excludeList(script, name string) {
	m := regexp.MustCompile(`(?s)\b` + name + `\s*[:=]\s*\[([^\]]*)\]`).FindStringSubmatch(script)
	if m == nil {
		return
	}
	for _, pattern := range quoted.FindAllStringSubmatch(m[1], -1) {
		s.excluded = append(s.excluded, strings.TrimSuffix(pattern[1], "/"))
	}
}
