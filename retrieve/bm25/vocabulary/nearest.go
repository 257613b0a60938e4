package vocabulary

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Lengths, in runes, from which on slips are corrected, any edit, and two edits.
const (
	minSlip     = 4
	minEdit     = 5
	minTwoEdits = 8
)

// Nearest returns the word of the vocabulary that a misspelt one, in lower case,
// stands for, and the number of edits between them: of the words with the fewest
// edits, the most frequent. An edit is a letter that was added, left out or replaced,
// or two adjacent letters that were swapped. At most one edit is corrected, in words of
// eight letters or more two, in words of four letters only one that was left out, or two
// that were swapped: short words that differ otherwise are two words, such as nuxt and
// next. The first letter must be right, unless it was swapped with the second.
//
// It returns "" and 0 for words that the vocabulary has, for words of fewer than four
// letters, and for what is no word.
func (v *Vocabulary) Nearest(word string) (near string, edits int) {
	n := utf8.RuneCountInString(word)
	if v.Len() == 0 || n < minSlip || !isWord(word) || v.Count(word) > 0 {
		return "", 0
	}
	edits = 1
	if n >= minTwoEdits {
		edits = 2
	}
	rs := []rune(word)
	best := -1
	for _, prefix := range []string{string(rs[0]), string([]rune{rs[1], rs[0]})} {
		from, _ := slices.BinarySearch(v.words, prefix)
		for i := from; i < len(v.words) && strings.HasPrefix(v.words[i], prefix); i++ {
			to := []rune(v.words[i])
			if n < minEdit && !isSlip(rs, to) {
				continue
			}
			d := distance(rs, to, edits)
			if d < edits || d == edits && (best < 0 || v.counts[i] > v.counts[best]) {
				best, edits = i, d
			}
		}
	}
	if best < 0 {
		return "", 0
	}
	return v.words[best], edits
}

// isSlip reports whether a word that differs from another by one edit has all of its
// letters: that one has one more, or the same in another order.
func isSlip(word, of []rune) bool {
	if len(of) == len(word)+1 {
		return true
	}
	a, b := slices.Clone(word), slices.Clone(of)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// distance returns the least number of edits that turn a into b, or a number above
// limit if there are more: the distance of optimal string alignment.
func distance(a, b []rune, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	var few [3 * 32]int // most words are shorter: no allocation
	cells, n := few[:], len(b)+1
	if 3*n > len(cells) {
		cells = make([]int, 3*n)
	}
	rows := [3][]int{cells[:n], cells[n : 2*n], cells[2*n : 3*n]} // two before, before, now
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		now, before, two := rows[2], rows[1], rows[0]
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(before[j]+1, now[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], two[j-2]+1)
			}
			least = min(least, now[j])
		}
		if least > limit {
			return limit + 1
		}
		rows = [3][]int{before, now, two}
	}
	return rows[1][len(b)]
}
