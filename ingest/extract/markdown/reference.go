package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	definition = regexp.MustCompile(`(?m)^[ \t>]*\[([^\[\]\n]+)\]:[ \t]*\S`)
	reference  = regexp.MustCompile(`^\[([^\[\]\n]*\pL[^\[\]\n]*)\]\[([^\[\]\n^]*)\]`)
)

// definitions returns the labels of the links that a text defines, in lower case.
func definitions(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range definition.FindAllStringSubmatch(text, -1) {
		all[strings.ToLower(m[1])] = true
	}
	return all
}

// looseReference returns the label of a link by reference at in[i:], such as
// [label][name] or [name][], that the text does not define: the generator defines it, as
// MkDocs does with the names of headings. Its length is 0 if there is none.
func (s *scanner) looseReference(in string, i int) (label string, n int) {
	m := reference.FindStringSubmatch(in[i:])
	if m == nil {
		return "", 0
	}
	// An image, or an index as in a[i][j].
	if before, _ := utf8.DecodeLastRuneInString(in[:i]); before == '!' || before == ']' || before == ')' || unicode.IsLetter(before) || unicode.IsDigit(before) {
		return "", 0
	}
	name := m[2]
	if name == "" {
		name = m[1]
	}
	if s.defined[strings.ToLower(name)] {
		return "", 0
	}
	return m[1], len(m[0])
}
