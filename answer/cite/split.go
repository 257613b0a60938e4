package cite

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// split cuts a block of prose into sentences, as ranges of shown. It cuts where
// Unicode's rules do (UAX #29), except
//
//   - where no space follows a full stop, as in a.Name;
//   - within code, a link, a quotation or brackets;
//   - after an abbreviation, and after the number of an item;
//
// and at spaces in a long text of a script that has no full stop, such as Thai.
func (t *Text) split(bl block) [][2]int {
	var out [][2]int
	for _, line := range t.paragraphs(bl) {
		at := line[0]
		begin := at
		it := sentences.FromString(string(t.shown[line[0]:line[1]]))
		for it.Next() {
			at += utf8.RuneCountInString(it.Value())
			if at < line[1] && (t.within(begin, at, line[1]) || abbreviated(string(t.shown[begin:at]), t.shown[at:line[1]])) {
				continue
			}
			out = t.appendPieces(out, begin, at)
			begin = at
		}
		out = t.appendPieces(out, begin, line[1]) // it ended in an abbreviation
	}
	return out
}

// within reports whether shown[begin:at], which is followed by text up to end, ends
// within a word, code, a link, a quotation or brackets.
func (t *Text) within(begin, at, end int) bool {
	last, next := t.shown[at-1], t.shown[at]
	if t.code[at-1] && t.code[at] || t.link[at-1] && t.link[at] {
		return true
	}
	if !unicode.IsSpace(last) && !unicode.IsSpace(next) && last < firstWide && next < firstWide {
		return true
	}
	return openAt(t.shown[begin:at], t.shown[at:end])
}

// firstWide is the first character of the scripts that write no space after a full
// stop.
const firstWide = '\u2e80'

// closers are the marks that end a quotation or brackets, by the mark that begins it.
var closers = map[rune]rune{'(': ')', '[': ']', '“': '”', '„': '“', '«': '»', '「': '」', '『': '』', '（': '）', '《': '》', '"': '"'}

// maxQuotationRunes is the longest quotation that is one sentence. A mark that is not
// closed within it is an inch, a smiley or an error.
const maxQuotationRunes = 300

// openAt reports whether a quotation or brackets that begin in before end in after.
func openAt(before, after []rune) bool {
	var open []rune // the marks that will close them
	for i, r := range before {
		switch closer, ok := closers[r]; {
		case len(open) > 0 && r == open[len(open)-1]:
			open = open[:len(open)-1]
		case ok && (r != '"' || i == 0 || !isWordRune(before[i-1])):
			open = append(open, closer)
		}
	}
	if len(open) == 0 {
		return false
	}
	i := slices.Index(after[:min(len(after), maxQuotationRunes)], open[len(open)-1])
	return i >= 0 && i+len(before) <= maxQuotationRunes
}

const (
	// maxUnmarkedRunes is the longest text without a full stop that is not cut at
	// spaces.
	maxUnmarkedRunes = 160
	// minPieceRunes is the shortest piece of it.
	minPieceRunes = 60
)

// appendPieces appends shown[i:j] without white space at its ends, in pieces if it is
// long and of a script that ends sentences with a space.
func (t *Text) appendPieces(out [][2]int, i, j int) [][2]int {
	i, j = t.trim(i, j)
	if j-i > maxUnmarkedRunes {
		for k := i + minPieceRunes; k+minPieceRunes < j; k++ {
			if unicode.IsSpace(t.shown[k]) && unicode.In(t.shown[k-1], unmarked...) && unicode.In(t.shown[k+1], unmarked...) {
				out = append(out, [2]int{i, k})
				i = k + 1
				k = i + minPieceRunes
			}
		}
	}
	if i < j {
		out = append(out, [2]int{i, j})
	}
	return out
}

// unmarked are the scripts that write a space, and no mark, between sentences.
var unmarked = []*unicode.RangeTable{unicode.Thai, unicode.Lao}

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

// abbreviations are those of some languages that are written with a full stop:
// first those after which a sentence goes on, then those that may end one, too.
// Add a language by adding a row.
var abbreviations = map[string][2]string{
	"en": {`e\.g|eg|i\.e|ie|vs|cf|figs?|eq|dr|mr|mrs|ms|prof|approx|incl|esp`, `et al|resp|sec|ch|no|vol|refs?|st`},
	"de": {`z\. ?b|d\. ?h|u\. ?a|i\. ?d\. ?r|bzw|ca|vgl|ggf|evtl|inkl|sog|bspw|nr|abs|bd|s|hr|fr`, `usw|etc`},
	"fr": {`p\. ?ex|c\.-à-d|cf|m|mme|fig|env`, `etc`},
	"es": {`p\. ?ej|ej|sr|sra|núm|fig|aprox`, `etc`},
	"it": {`p\. ?es|es|sig|fig|ca`, `ecc`},
	"pt": {`p\. ?ex|ex|sr|sra|fig|aprox`, `etc`},
	"nl": {`bijv|d\.w\.z|o\.a|ca|nr`, `enz`},
	"ru": {`т\. ?е|т\. ?к|т\. ?н|напр|см|рис|стр`, `т\. ?д|т\. ?п|др|г`},
}

// abbreviationAt returns a pattern for a sentence that ends in one of the
// abbreviations.
func abbreviationAt(which int, more string) *regexp.Regexp {
	var all []string
	for _, lists := range abbreviations {
		all = append(all, lists[which])
	}
	slices.Sort(all)
	return regexp.MustCompile(`(?i)(?:^|[\s(\["'“„])(?:` + strings.Join(all, "|") + more + `)\.\s*$`)
}

var (
	always    = abbreviationAt(0, "")
	sometimes = abbreviationAt(1, `|[a-z]|\d{1,2}`)
	// numbered matches a sentence that is only a number, as of a list.
	numbered = regexp.MustCompile(`^\s*\(?(\d{1,2}|[A-Za-z])\.\s*$`)
	// initial matches a sentence that ends in one letter.
	initial = regexp.MustCompile(`(?:^|[\s(])\pL\.\s*$`)
)

// abbreviated reports whether the sentence s continues with rest although it ends in
// a period.
func abbreviated(s string, rest []rune) bool {
	if !strings.HasSuffix(strings.TrimRightFunc(s, unicode.IsSpace), ".") {
		return false
	}
	return always.MatchString(s) || numbered.MatchString(s) ||
		(unicode.IsDigit(rest[0]) || strings.ContainsRune("([", rest[0])) && sometimes.MatchString(s) ||
		len(rest) > 1 && rest[1] == '.' && unicode.IsLetter(rest[0]) && initial.MatchString(s)
}

// closing matches what may follow the mark that ends a sentence.
var closing = regexp.MustCompile(`[)\]}"'”’»」』*]*(\s?\[\d+\])*$`)

// EndsSentence reports whether s ends as a sentence does: with a mark, or with a
// letter of a script that has none.
func EndsSentence(s string) bool {
	s = strings.TrimSpace(s)
	last, _ := utf8.DecodeLastRuneInString(closing.ReplaceAllString(s, ""))
	return unicode.Is(unicode.Sentence_Terminal, last) || last == '…' || unicode.In(last, unmarked...) && utf8.RuneCountInString(s) >= minPieceRunes
}

// rowLine reports whether s is a table row that was cut off from its header.
func rowLine(s string) bool {
	s = strings.TrimSpace(s)
	return strings.Count(s, "|") >= 2 && (strings.HasPrefix(s, "|") || strings.HasSuffix(s, "|"))
}
