package chunker

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// enders holds the signs that end a sentence, and whether white space must
// follow for them to do so.
var enders = map[rune]bool{
	'.': true, '!': true, '?': true, '…': true,
	'։': true, '؟': true, '۔': true, '।': true, '॥': true, '።': true, '፧': true,
	'。': false, '！': false, '？': false, '｡': false, '．': false,
	'។': false, '៕': false, '။': false,
}

// leads holds the first bytes of enders.
var leads = func() (leads [256]bool) {
	for r := range enders {
		leads[string(r)[0]] = true
	}
	return leads
}()

// closers stand behind the sign that ends a sentence and still belong to it.
const closers = ".!?…。！？｡．)]}\"'”’»」』）】》*_`~"

// lookBack is how many bytes in front of a full stop are looked at, at most.
const lookBack = 16

// nextSentence returns where the sentence begins that follows the one at a byte,
// or to if there is none in front of it.
func nextSentence(text string, at, to int) int {
	for i := at; i < to; i++ {
		if !leads[text[i]] {
			continue
		}
		r, width := utf8.DecodeRuneInString(text[i:to])
		needsSpace, ok := enders[r]
		if !ok {
			i += width - 1
			continue
		}
		rest := strings.TrimLeft(text[i+width:to], closers)
		next := strings.TrimLeftFunc(rest, isSpace)
		if len(next) == len(rest) && needsSpace || len(next) > 0 && r == '.' && !endsAt(text, at, i, next) {
			i = to - len(rest) - 1
			continue
		}
		return to - len(next)
	}
	return to
}

// endsAt reports whether the full stop at byte i of text[at:] ends a sentence, and
// not an abbreviation, an initial or the number of a list item.
func endsAt(text string, at, i int, next string) bool {
	if r, _ := utf8.DecodeRuneInString(next); unicode.IsLower(r) {
		return false
	}
	start := i
	for start > at && start > i-lookBack && text[start-1] > ' ' {
		start--
	}
	before := strings.TrimLeft(text[start:i], "([\"'*_")
	switch {
	case before == "":
		return true
	case strings.Trim(before, "0123456789") == "":
		return strings.TrimLeft(text[lineStart(text, at, start):start], " \t>") != ""
	case len(before) == 1:
		return !unicode.IsLetter(rune(before[0]))
	}
	beforeNumber, ok := abbreviations[strings.ToLower(before)]
	return !ok || beforeNumber && (next[0] < '0' || '9' < next[0])
}

// abbreviations holds what ends with a full stop inside of a sentence, and
// whether it does so in front of a number only.
var abbreviations = map[string]bool{
	"mr": false, "mrs": false, "ms": false, "dr": false, "prof": false, "st": false, "vs": false, "cf": false,
	"e.g": false, "i.e": false, "al": false, "approx": false, "ca": false, "resp": false,
	"fig": true, "figs": true, "eq": true, "no": true, "nos": true, "sec": true, "ch": true, "vol": true, "pp": true,
}

// lineStart returns where the line begins that byte i of text[at:] is in.
func lineStart(text string, at, i int) int {
	return at + strings.LastIndexByte(text[at:i], '\n') + 1
}

// runeStart returns the start of the rune that byte i is in.
func runeStart(text string, i int) int {
	i = max(i, 0)
	for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}
