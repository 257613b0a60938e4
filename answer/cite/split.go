package cite

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// split cuts a block of prose into sentences, as ranges of shown.
func (t *Text) split(bl block) [][2]int {
	var out [][2]int
	for _, line := range t.paragraphs(bl) {
		at := line[0]
		begin := at
		it := sentences.FromString(string(t.shown[line[0]:line[1]]))
		for it.Next() {
			at += utf8.RuneCountInString(it.Value())
			if at < line[1] && abbreviated(string(t.shown[begin:at]), t.shown[at]) {
				continue
			}
			if i, j := t.trim(begin, at); i < j {
				out = append(out, [2]int{i, j})
			}
			begin = at
		}
		if i, j := t.trim(begin, line[1]); i < j { // it ended in an abbreviation
			out = append(out, [2]int{i, j})
		}
	}
	return out
}

// shortLine is the length in runes below which a line is assumed to end where
// its author ended it. Wrapped text has longer lines.
const shortLine = 50

// paragraphs cuts a block after a short line that no lower-case letter follows,
// as plain text has between paragraphs and headings.
func (t *Text) paragraphs(bl block) [][2]int {
	var out [][2]int
	begin, line := bl.start, bl.start
	for i := bl.start; i < bl.end; i++ {
		if !t.breaks[i] {
			continue
		}
		text := string(t.shown[line:i])
		next := bl.end
		if k, j := t.trim(i, bl.end); k < j {
			next = k
		}
		short := i-line < shortLine && next < bl.end && !unicode.IsLower(t.shown[next])
		if short || rowLine(text) {
			out = append(out, [2]int{begin, i})
			begin = i + 1
		}
		line = i + 1
	}
	if begin < bl.end {
		out = append(out, [2]int{begin, bl.end})
	}
	return out
}

// trim returns the range without white space at its ends.
func (t *Text) trim(i, j int) (int, int) {
	for i < j && unicode.IsSpace(t.shown[i]) {
		i++
	}
	for i < j && unicode.IsSpace(t.shown[j-1]) {
		j--
	}
	return i, j
}

// abbreviation matches a sentence that may end in an abbreviation.
var abbreviation = regexp.MustCompile(`(?i)(^|[\s(\["'])(e\.g|i\.e|et al|vs|cf|resp|approx|fig|figs|eq|sec|ch|no|vol|ref|refs|dr|mr|mrs|ms|prof|st|[a-z]|\d{1,2})\.\s*$`)

// always matches abbreviations that never end a sentence.
var always = regexp.MustCompile(`(?i)(^|[\s(\["'])(e\.g|i\.e|vs|cf|fig|figs|eq|dr|mr|mrs|ms|prof)\.\s*$`)

// abbreviated reports whether the sentence s continues although it ends in a
// period.
func abbreviated(s string, next rune) bool {
	if always.MatchString(s) {
		return true
	}
	return abbreviation.MatchString(s) && (unicode.IsDigit(next) || strings.ContainsRune("([", next)) ||
		numbered.MatchString(s)
}

// numbered matches a sentence that is only a number, as of a list.
var numbered = regexp.MustCompile(`^\s*\(?(\d{1,2}|[A-Za-z])\.\s*$`)

// terminal matches the end of a complete sentence.
var terminal = regexp.MustCompile(`[.!?…。！？｡।؟][)\]}"'”’»」』*]*(\s?\[\d+\])*$`)

// endsSentence reports whether s ends as a sentence does.
func endsSentence(s string) bool { return terminal.MatchString(strings.TrimSpace(s)) }

// rowLine reports whether s is a table row that was cut off from its header.
func rowLine(s string) bool {
	s = strings.TrimSpace(s)
	return strings.Count(s, "|") >= 2 && (strings.HasPrefix(s, "|") || strings.HasSuffix(s, "|"))
}
