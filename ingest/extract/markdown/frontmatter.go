package markdown

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

// key matches the first line of YAML that could be front matter.
var key = regexp.MustCompile(`^\s*["']?[A-Za-z_][\w .-]*["']?\s*:(?:\s|$)`)

// simpleValue matches a line of front matter that is no valid YAML as a whole.
var simpleValue = regexp.MustCompile(`(?m)^([A-Za-z_][\w-]*)\s*:[ \t]*["']?(.*?)["']?[ \t]*$`)

// CutFrontMatter splits a file into its front matter and the rest: YAML between lines of
// "---", of which the last one may be "...", TOML between lines of "+++", JSON between
// lines of ";;;" or in braces. Anything else is text. Front matter whose YAML is broken
// has the values of its simple lines.
func CutFrontMatter(s string) (map[string]any, string) {
	s = strings.TrimLeft(s, "\n")
	if strings.HasPrefix(s, "{") {
		return cutJSON(s)
	}
	first, rest, _ := strings.Cut(s, "\n")
	opening := strings.TrimRight(first, " \t")
	if opening != "---" && opening != "+++" && opening != ";;;" {
		return nil, s
	}
	front, body, ok := cutAt(rest, opening)
	if !ok {
		return nil, s
	}
	values := map[string]any{}
	switch opening {
	case "+++":
		if toml.Unmarshal([]byte(front), &values) != nil {
			return nil, s
		}
	case ";;;":
		if json.Unmarshal([]byte(front), &values) != nil {
			return nil, s
		}
	default:
		if yaml.Unmarshal([]byte(front), &values) == nil {
			return values, body
		}
		if line, _, _ := strings.Cut(strings.TrimLeft(front, "\n"), "\n"); !key.MatchString(line) {
			return nil, s
		}
		values = map[string]any{}
		for _, m := range simpleValue.FindAllStringSubmatch(front, -1) {
			values[m[1]] = m[2]
		}
	}
	return values, body
}

// cutAt splits a text at the line that ends front matter.
func cutAt(rest, opening string) (front, body string, ok bool) {
	at := 0
	for l := range strings.SplitAfterSeq(rest, "\n") {
		t := strings.TrimRight(l, " \t\n")
		if t == opening || opening == "---" && t == "..." {
			return rest[:at], rest[at+len(l):], true
		}
		at += len(l)
	}
	return "", "", false
}

// cutJSON splits a text that begins with an object of JSON, behind which a line ends.
func cutJSON(s string) (map[string]any, string) {
	d := json.NewDecoder(strings.NewReader(s))
	values := map[string]any{}
	if d.Decode(&values) != nil {
		return nil, s
	}
	body := s[d.InputOffset():]
	if body != "" && !strings.HasPrefix(strings.TrimLeft(body, " \t"), "\n") {
		return nil, s
	}
	return values, body
}
