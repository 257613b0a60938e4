package cite

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// opening returns what must stand in front of a chunk from the middle of a page
// for it to be read as the page is: an opening fence, if the chunk begins inside
// a code block, or a header, if it begins inside a table.
func opening(chunk string) string {
	if inFence(chunk) {
		return "```\n"
	}
	first, rest, _ := strings.Cut(chunk, "\n")
	second, _, _ := strings.Cut(rest, "\n")
	if strings.HasPrefix(first, "|") && !delimiterRow.MatchString(second) {
		if delimiterRow.MatchString(first) { // the header is in the chunk before
			return "|" + strings.Repeat(" |", columns(first)) + "\n"
		}
		n := columns(first)
		return "|" + strings.Repeat(" |", n) + "\n|" + strings.Repeat("-|", n) + "\n"
	}
	return ""
}

var (
	delimiterRow = regexp.MustCompile(`^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$`)
	fence        = regexp.MustCompile("(?m)^ {0,3}(?:```+|~~~+)[ \t]*([^`\n]*)$")
)

// columns counts the cells of a row.
func columns(row string) int {
	row = strings.ReplaceAll(strings.TrimSpace(row), `\|`, "")
	return max(strings.Count(strings.Trim(row, "|"), "|")+1, 1)
}

// inFence says whether a chunk begins inside a code block: by the first fence
// that names a language, which can only open one; else by whether what stands
// before the first fence, between the second and the third, and so on looks more
// like code than the rest.
func inFence(chunk string) bool {
	fences := fence.FindAllStringSubmatchIndex(chunk, -1)
	var parts [2]strings.Builder // outside and inside, if the chunk begins outside
	at := 0
	for i, m := range fences {
		if m[2] != m[3] { // it names a language
			return i%2 == 1
		}
		parts[i%2].WriteString(chunk[at:m[0]])
		at = m[1]
	}
	parts[len(fences)%2].WriteString(chunk[at:])
	return len(fences) > 0 && codeness(parts[0].String()) > codeness(parts[1].String())
}

// codeness is higher the more a text looks like code: by the characters that
// code has more of, less the ends of sentences.
func codeness(s string) float64 {
	n := -20 * len(sentenceEnd.FindAllString(s, -1))
	for _, r := range s {
		if strings.ContainsRune("{}()[]<>=;_$/\\+\"'", r) {
			n++
		}
	}
	return float64(n) / float64(20+utf8.RuneCountInString(s))
}

var sentenceEnd = regexp.MustCompile(`[\pL)][.!?:](\s|$)`)

// beginsCut says whether the chunk, which is from the middle of a page, begins
// in the middle of a sentence.
func beginsCut(chunk string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(chunk, unicode.IsSpace))
	return unicode.IsLower(r) || strings.ContainsRune(",.;:!?)]}’”%/", r)
}
