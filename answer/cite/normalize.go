package cite

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// A normalized text is a text as quotes are compared: composed characters,
// white space as one space, and one form of each quotation mark, dash, ligature
// and width. Characters that would change a number or a unit stay: x² is not
// x2, and ½ not 1/2.
type normalized struct {
	runes    []rune
	from, to []int // for each rune, its range in src
	src      []rune
}

// normalize returns rs as quotes are compared, without the runes for which skip
// is true.
func normalize(rs []rune, skip func(i int) bool) normalized {
	f := normalized{src: rs}
	for i := 0; i < len(rs); {
		n := composedLen(rs[i:])
		switch {
		case n == 1:
			if skip == nil || !skip(i) {
				f.add(rs[i], i, i+1)
			}
		default:
			for _, r := range norm.NFC.String(string(rs[i : i+n])) {
				f.add(r, i, i+n)
			}
		}
		i += n
	}
	if n := len(f.runes); n > 0 && f.runes[n-1] == ' ' {
		f.truncate(n - 1)
	}
	return f
}

// composedLen returns the number of runes at the start of rs that Unicode
// composes to one character.
func composedLen(rs []rune) int {
	if len(rs) == 1 || rs[0] < 0x300 && rs[1] < 0x300 {
		return 1
	}
	const enough = 32
	s := string(rs[:min(len(rs), enough)])
	return max(1, len([]rune(s[:norm.NFC.NextBoundaryInString(s, true)])))
}

// add appends r, which represents [from, to).
func (f *normalized) add(r rune, from, to int) {
	n := len(f.runes)
	switch {
	case unicode.IsSpace(r):
		if n == 0 || f.runes[n-1] == ' ' {
			return
		}
		r = ' '
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r): // soft hyphens, joiners
		return
	default:
		if s, ok := expansions[r]; ok {
			for _, r := range s {
				f.runes, f.from, f.to = append(f.runes, r), append(f.from, from), append(f.to, to)
			}
			return
		}
		if narrow := width.LookupRune(r).Folded(); narrow != 0 {
			r = narrow
		}
		if plain, ok := typography[r]; ok {
			r = plain
		}
		if n > 1 && f.runes[n-1] == ' ' && unspaced(r) && unspaced(f.runes[n-2]) {
			f.truncate(n - 1) // a line break
		}
	}
	f.runes, f.from, f.to = append(f.runes, r), append(f.from, from), append(f.to, to)
}

// truncate keeps the first n runes.
func (f *normalized) truncate(n int) { f.runes, f.from, f.to = f.runes[:n], f.from[:n], f.to[:n] }

// expansions are characters that stand for several.
var expansions = map[rune]string{
	'…': "...", '⋯': "...", 'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
}

// typography maps quotation marks and dashes to their ASCII forms.
var typography = func() map[rune]rune {
	m := make(map[rune]rune)
	for plain, forms := range map[rune]string{'\'': "‘’‚‛′ʼ´", '"': "“”„‟″«»", '-': "‐‑‒–—―−﹣"} {
		for _, r := range forms {
			m[r] = plain
		}
	}
	return m
}()

// unspaced reports whether r belongs to a script without spaces between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		strings.ContainsRune("、。「」『』・ー", r)
}

// marks are characters that Markdown puts at the edge of words, and that half a
// Markdown element leaves there. An underscore is not one: names have it.
const marks = "*`"

// strayMark returns a function that reports whether rs[i] is a mark at the edge
// of a word, as in **bold, but not in 2*3 or 2 * 3, and never in code.
func strayMark(rs []rune, code func(i int) bool) func(i int) bool {
	return func(i int) bool { return strings.ContainsRune(marks, rs[i]) && !code(i) && atEdge(rs, i) }
}

// atEdge reports whether the marks around rs[i] touch a word on one side only.
func atEdge(rs []rune, i int) bool {
	l, r := i, i
	for l > 0 && strings.ContainsRune(marks, rs[l-1]) {
		l--
	}
	for r+1 < len(rs) && strings.ContainsRune(marks, rs[r+1]) {
		r++
	}
	class := func(k int) int {
		switch {
		case k < 0 || k == len(rs) || unicode.IsSpace(rs[k]):
			return 0
		case unicode.IsLetter(rs[k]) || unicode.IsDigit(rs[k]):
			return 1
		}
		return 2
	}
	return class(l-1) != class(r+1)
}
