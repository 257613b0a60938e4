package cite

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// missingOpening returns what must precede a chunk from the middle of a page so
// that it parses like the page: an opening fence if it starts within a code
// block, or a table header if it starts within a table.
func missingOpening(chunk string) string {
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

// columns returns the number of cells in a row.
func columns(row string) int {
	row = strings.ReplaceAll(strings.TrimSpace(row), `\|`, "")
	return max(strings.Count(strings.Trim(row, "|"), "|")+1, 1)
}

// inFence reports whether a chunk starts within a code block. A fence that
// names a language opens one. Otherwise each fence votes: one after a blank
// line and before text opens a block, one after text and before a blank line
// closes it. If the votes are equal and the number of fences is odd, the end of
// the chunk that looks more like code is code.
func inFence(chunk string) bool {
	fences := fence.FindAllStringSubmatchIndex(chunk, -1)
	inside := 0 // votes for a start within a block
	for i, m := range fences {
		opens := 1 - 2*(i%2) // vote against it if the fence opens a block
		if m[2] != m[3] {
			return opens < 0
		}
		above, below := blankEnd(chunk[:m[0]]), blankStart(chunk[m[1]:])
		switch {
		case above && !below:
			inside -= opens
		case below && !above:
			inside += opens
		}
	}
	if inside != 0 || len(fences)%2 == 0 {
		return inside > 0
	}
	return codeness(chunk[:fences[0][0]]) > codeness(chunk[fences[len(fences)-1][1]:])
}

// blankEnd reports whether s, which ends at the start of a line, ends with a
// blank line.
func blankEnd(s string) bool {
	s = strings.TrimRight(s, " \t")
	return s == "" || strings.HasSuffix(s, "\n\n")
}

// blankStart reports whether s, which starts at the end of a line, starts with
// a blank line.
func blankStart(s string) bool {
	_, s, _ = strings.Cut(s, "\n")
	first, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(first) == ""
}

// codeness is higher the more a text looks like code: by the characters that
// code has more of, minus the ends of sentences.
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

// startsMidSentence reports whether a chunk from the middle of a page starts
// within a sentence.
func startsMidSentence(chunk string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(chunk, unicode.IsSpace))
	return unicode.IsLower(r) || strings.ContainsRune(",.;:!?)]}’”%/", r)
}
