package cite

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Find returns where quote stands in the text, word for word. White space, the
// form of quotation marks and dashes, soft hyphens and Markdown marks don't
// matter; case, numbers and punctuation do. A quote must begin and end where a
// word or number does.
func (t *Text) Find(quote string) (Passage, bool) {
	forms := []string{quote, strings.Join(strings.Fields(Parse(quote, true).String()), " ")}
	for _, loose := range []bool{false, true} {
		hay, at := normalise(t.shown, loose)
		for _, q := range forms {
			needle, _ := normalise([]rune(q), loose)
			if i, j, ok := find(hay, needle); ok {
				start, end := at[i], at[j-1]+1
				b := sort.Search(len(t.blocks), func(b int) bool { return t.blocks[b].end > start })
				return t.passage(b, start, end), true
			}
		}
	}
	return Passage{}, false
}

// find returns the range of the first occurrence of needle that cuts no word.
func find(hay, needle []rune) (i, j int, ok bool) {
	if !slices.ContainsFunc(needle, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return 0, 0, false
	}
	s, n := string(hay), string(needle)
	for base := 0; ; {
		k := strings.Index(s[base:], n)
		if k < 0 {
			return 0, 0, false
		}
		i += utf8.RuneCountInString(s[base : base+k])
		if j = i + len(needle); !cutsBefore(hay, i) && !cutsAfter(hay, j) {
			return i, j, true
		}
		_, size := utf8.DecodeRuneInString(s[base+k:])
		base += k + size
		i++
	}
}

// cutsBefore says whether a word or number goes on in front of i.
func cutsBefore(rs []rune, i int) bool {
	if i == 0 {
		return false
	}
	before := rs[i-1]
	if unicode.IsDigit(rs[i]) && i > 1 && strings.ContainsRune(".,", before) && unicode.IsDigit(rs[i-2]) {
		return true
	}
	if unicode.IsDigit(rs[i]) && before == '-' && (i == 1 || rs[i-2] == ' ' || rs[i-2] == '(') {
		return true // a minus
	}
	return joined(before, rs[i])
}

// cutsAfter says whether a word or number goes on at j.
func cutsAfter(rs []rune, j int) bool {
	if j == len(rs) {
		return false
	}
	if unicode.IsDigit(rs[j-1]) && j+1 < len(rs) && strings.ContainsRune(".,", rs[j]) && unicode.IsDigit(rs[j+1]) {
		return true
	}
	return joined(rs[j-1], rs[j])
}

// joined says whether two neighbours belong to one word. Scripts that write no
// spaces have no such words.
func joined(a, b rune) bool {
	for _, r := range []rune{a, b} {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' {
			return false
		}
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			return false
		}
	}
	return true
}

// normalise returns rs in the form that is compared, with the index in rs of
// each rune. If loose is set, Markdown marks at the edge of words are left out.
func normalise(rs []rune, loose bool) (out []rune, at []int) {
	add := func(i int, r rune) {
		if r == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			return
		}
		out, at = append(out, r), append(at, i)
	}
	for i, r := range rs {
		switch {
		case unicode.IsSpace(r):
			add(i, ' ')
		case unicode.Is(unicode.Cf, r): // soft hyphen, joiners
		case loose && strings.ContainsRune(marks, r) && atEdge(rs, i):
		case r == '…':
			add(i, '.')
			add(i, '.')
			add(i, '.')
		default:
			if plain, ok := typography[r]; ok {
				r = plain
			}
			add(i, r)
		}
	}
	if n := len(out); n > 0 && out[n-1] == ' ' {
		out, at = out[:n-1], at[:n-1]
	}
	return out, at
}

// marks are the characters that Markdown puts at the edge of words.
const marks = "*_`~"

// atEdge says whether the marks around rs[i] have a word on one side only, as
// they do in **bold** but not in 2*3 or 2 * 3.
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

// typography maps the forms of quotation marks and dashes to the plain ones.
var typography = func() map[rune]rune {
	m := make(map[rune]rune)
	for plain, forms := range map[rune]string{'\'': "‘’‚‛′ʼ＇", '"': "“”„‟″«»＂", '-': "‐‑‒–—―−﹣－"} {
		for _, r := range forms {
			m[r] = plain
		}
	}
	return m
}()
