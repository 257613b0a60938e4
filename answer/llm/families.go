package llm

import (
	"regexp"
	"strconv"
	"strings"
)

// A family is a line of models of one vendor. A model that the table does not have is
// treated like the newest row of its family that is not newer than the model itself.
type family struct {
	name    string // a regular expression for the beginning of a name; its group is the version
	rows    []generation
	anyName *regexp.Regexp // matches the beginning of a name
	within  *regexp.Regexp // matches a part of the name of a deployment
}

// A generation is the first version that a row is for.
type generation struct{ version, row string }

// families are searched in this order: special lines of a vendor stand first.
var families = compile([]family{
	{name: `(?:chat)?gpt-(\d+(?:\.\d+)?)[\w.-]*-chat\b`, rows: []generation{{"4", "gpt-4o"}, {"5", "gpt-5-chat"}}},
	{name: `gpt-oss\b`, rows: []generation{{"", "gpt-oss"}}},
	{name: `gpt-35\b`, rows: []generation{{"", "gpt-4o"}}}, // as Azure writes 3.5
	{name: `(?:chat)?gpt-(\d+(?:\.\d+)?)`, rows: []generation{
		{"3.5", "gpt-4o"}, {"4.1", "gpt-4.1"}, {"5", "gpt-5"}, {"5.1", "gpt-5.1"}, {"5.2", "gpt-5.2"}, {"5.4", "gpt-5.4"}, {"5.6", "gpt-5.6"}, {"6", "gpt-6"}, {"6.1", "gpt-6.1"},
	}},
	{name: `o(\d+)(?:-|$)`, rows: []generation{{"1", "o1"}, {"3", "o3"}}},
	{name: `claude-(?:[a-z]+-)*(\d+(?:[.-]\d{1,2})?)(?:-|$)`, rows: claudes},
	{name: `claude\b`, rows: claudes},
	{name: `deepseek-r\d`, rows: []generation{{"", "deepseek-r1"}}},
	{name: `deepseek-v(\d+(?:\.\d+)?)[\w.-]*(?:reason|think)`, rows: []generation{{"1", "deepseek-r1"}, {"4", "deepseek-v4"}}},
	{name: `deepseek-v?(\d+(?:\.\d+)?)`, rows: []generation{{"1", "deepseek-v3"}, {"4", "deepseek-v4"}}},
	{name: `deepseek\b`, rows: []generation{{"", "deepseek-v4"}}},
	{name: `(?:qwen[\w.-]*think|qwq|qvq)`, rows: []generation{{"", "qwen3-thinking"}}},
	{name: `qwen[\w.-]*(?:instruct|coder|turbo|plus|max|vl|math)`, rows: []generation{{"", "qwen"}}},
	{name: `qwen-?(\d+(?:\.\d+)?)`, rows: []generation{{"1", "qwen"}, {"3", "qwen3-thinking"}}}, // from 3 on they reason unless told not to
	{name: `qwen\b`, rows: []generation{{"", "qwen"}}},
})

var claudes = []generation{{"1", "claude-3.5-sonnet"}, {"4.5", "claude-sonnet-4.5"}, {"4.6", "claude-sonnet-4.6"}, {"4.7", "claude-opus-4.8"}, {"5", "claude-sonnet-5.5"}}

func compile(all []family) []family {
	for i, f := range all {
		all[i].anyName = regexp.MustCompile(`^` + f.name)
		all[i].within = regexp.MustCompile(`(?:^|[^a-z0-9.])` + f.name)
	}
	return all
}

// profileByFamily returns the row that stands for a name that the table does not
// have. A deployment may have the name of its model anywhere in its own.
func profileByFamily(name string, deployment bool) (profile, bool) {
	for _, f := range families {
		re := f.anyName
		if deployment {
			re = f.within
		}
		if m := re.FindStringSubmatch(name); m != nil {
			return profileByName(f.rowOf(m))
		}
	}
	return compatible, false
}

// rowOf returns the row for a match of the family's name: by its version, or the
// newest if the name has none.
func (f family) rowOf(match []string) string {
	row := f.rows[0].row
	for _, g := range f.rows {
		if len(match) < 2 || !older(match[1], g.version) {
			row = g.row
		}
	}
	return row
}

// older reports whether version a, such as 4-6 or 4.6, precedes b.
func older(a, b string) bool {
	x, y := numbers(a), numbers(b)
	return x[0] < y[0] || x[0] == y[0] && x[1] < y[1]
}

func numbers(version string) (n [2]int) {
	major, minor, _ := strings.Cut(strings.ReplaceAll(version, "-", "."), ".")
	n[0], _ = strconv.Atoi(major) // "" is 0
	n[1], _ = strconv.Atoi(minor)
	return n
}
