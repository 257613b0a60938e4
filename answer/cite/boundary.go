package cite

import (
	"slices"
	"strings"
	"unicode"
)

// cutsBefore reports whether a quote that starts at i omits something its
// meaning depends on: the rest of a word, number or name, a sign, or a
// negation.
func (f normalized) cutsBefore(i int) bool {
	if i == 0 {
		return false
	}
	before, first := f.runes[i-1], f.runes[i]
	if unicode.IsDigit(first) {
		k := i - 1
		for k > 0 && f.runes[k] == ' ' {
			k--
		}
		if strings.ContainsRune("<>≤≥≠±~≈$€£¥", f.runes[k]) || k == i-1 && strings.ContainsRune("+^×#", f.runes[k]) {
			return true
		}
		if before == '-' && (i == 1 || strings.ContainsRune(" (", f.runes[i-2])) {
			return true // minus sign
		}
	}
	if i > 1 && f.joins(i-2, i-1, i) {
		return true
	}
	return sameWord(before, first) || f.negated(i)
}

// cutsAfter reports the same of a quote that ends at j.
func (f normalized) cutsAfter(j int) bool {
	if j == len(f.runes) {
		return false
	}
	last, next := f.runes[j-1], f.runes[j]
	if sameWord(last, next) || j+1 < len(f.runes) && f.joins(j-1, j, j+1) {
		return true
	}
	word := f.wordAfter(j)
	if unicode.IsDigit(last) && (strings.ContainsRune("%‰°", next) || slices.Contains(units, word)) {
		return true
	}
	if last == 'n' && next == '\'' { // as in can't
		return true
	}
	return slices.Contains(negations, word)
}

// endsBlock reports whether a block or cell ends at k.
func (f normalized) endsBlock(k int) bool {
	for i := f.from[k]; i < len(f.src) && unicode.IsSpace(f.src[i]); i++ {
		if f.src[i] == '\n' || f.src[i] == '\t' {
			return true
		}
	}
	return false
}

// joins reports whether the sign at k joins the characters at a and b to one
// word, number or name: 1.5, 3-5, 10:30, gpt-4o, os.path, non-empty.
func (f normalized) joins(a, k, b int) bool {
	x, y := f.runes[a], f.runes[b]
	digits := unicode.IsDigit(x) && unicode.IsDigit(y)
	switch {
	case strings.ContainsRune(",:/", f.runes[k]):
		return digits
	case f.runes[k] == '.':
		return digits || isWordRune(x) && isWordRune(y)
	case f.runes[k] == '-':
		return digits || strings.ContainsRune("-‐‑", f.src[f.from[k]]) && isWordRune(x) && isWordRune(y)
	}
	return false
}

func isWordRune(r rune) bool { return sameWord(r, r) }

// negationReach is how many words before a quote are searched for a negation.
const negationReach = 3

// negated reports whether one of the words before i, in the same clause,
// negates what follows.
func (f normalized) negated(i int) bool {
	if strings.ContainsRune("不没沒無无非未勿莫", f.runes[i-1]) && unspaced(f.runes[i]) {
		return true
	}
	k, seen := i, 0
	for k > 0 && seen <= negationReach && !f.endsBlock(k-1) && !strings.ContainsRune(`.,;:!?()"|`, f.runes[k-1]) {
		if k--; f.runes[k] == ' ' {
			seen++
		}
	}
	for w := range strings.FieldsSeq(string(f.runes[k:i])) {
		if isNegation(w) {
			return true
		}
	}
	return false
}

// wordAfter returns the word after the space at j, in the same block, or "".
func (f normalized) wordAfter(j int) string {
	if f.runes[j] != ' ' || f.endsBlock(j) {
		return ""
	}
	k := j + 1
	for k < len(f.runes) && (isWordRune(f.runes[k]) || strings.ContainsRune("%°'", f.runes[k])) {
		k++
	}
	return string(f.runes[j+1 : k])
}

func isNegation(word string) bool {
	word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return unicode.IsPunct(r) && r != '\'' }))
	return slices.Contains(negations, word) || strings.HasSuffix(word, "n't") || strings.HasPrefix(word, "n'")
}

// negations are words that negate a statement, in the languages of most
// documentation.
var negations = strings.Fields("not never no nor neither cannot without hardly nicht kein keine keinen keiner keines nie niemals ohne " +
	"pas ne jamais sans aucun aucune nunca jamás sin não nem sem mai senza нет не без")

// units follow a number that means little without them.
var units = strings.Fields("% ms s sec seconds minutes min hours h days weeks months years bytes B kB KB MB GB TB KiB MiB GiB bits px em pt " +
	"tokens characters million billion thousand times percent USD EUR °C °F Hz kHz MHz GHz")

// sameWord reports whether two adjacent characters belong to one word. Scripts
// without spaces have no such words.
func sameWord(a, b rune) bool {
	for _, r := range []rune{a, b} {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' || unspaced(r) || unicode.Is(unicode.Hangul, r) {
			return false
		}
	}
	return true
}
