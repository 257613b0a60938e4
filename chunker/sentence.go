package chunker

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentenceEnders holds the signs that end a sentence, and whether white space must
// follow.
var sentenceEnders = map[rune]bool{
	'.': true, '!': true, '?': true, '…': true,
	'։': true, '؟': true, '۔': true, '।': true, '॥': true, '።': true, '፧': true,
	'。': false, '！': false, '？': false, '｡': false, '．': false,
	'។': false, '៕': false, '။': false,
}

// enderFirstBytes holds the first bytes of sentenceEnders.
var enderFirstBytes = func() (first [256]bool) {
	for r := range sentenceEnders {
		first[string(r)[0]] = true
	}
	return first
}()

// closers may follow the sign that ends a sentence and still belong to the sentence.
const closers = ".!?…。！？｡．)]}\"'”’»」』）】》*_`~"

// lookBackBytes is how many bytes before a full stop are examined, at most.
const lookBackBytes = 16

// nextSentence returns where the next sentence begins after the one at a byte, or to if
// none begins before it.
func nextSentence(text string, at, to int) int {
	for i := at; i < to; i++ {
		if !enderFirstBytes[text[i]] {
			continue
		}
		r, width := utf8.DecodeRuneInString(text[i:to])
		needsSpace, ok := sentenceEnders[r]
		if !ok {
			i += width - 1
			continue
		}
		rest := strings.TrimLeft(text[i+width:to], closers)
		next := strings.TrimLeftFunc(rest, isSpace)
		if len(next) == len(rest) && needsSpace || len(next) > 0 && r == '.' && !endsSentence(text, at, i, next) {
			i = to - len(rest) - 1
			continue
		}
		return to - len(next)
	}
	return to
}

// endsSentence reports whether the full stop at byte i of text[at:] ends a sentence, and
// not an abbreviation, an initial or the number of a list item.
func endsSentence(text string, at, i int, next string) bool {
	if r, _ := utf8.DecodeRuneInString(next); unicode.IsLower(r) {
		return false
	}
	start := i
	for start > at && start > i-lookBackBytes && text[start-1] > ' ' {
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

// abbreviations holds abbreviations with a full stop, and whether they are such only
// before a number.
var abbreviations = map[string]bool{
	"mr": false, "mrs": false, "ms": false, "dr": false, "prof": false, "st": false, "vs": false, "cf": false,
	"e.g": false, "i.e": false, "al": false, "approx": false, "ca": false, "resp": false,
	"fig": true, "figs": true, "eq": true, "no": true, "nos": true, "sec": true, "ch": true, "vol": true, "pp": true,
}

// lineStart returns the start of the line with byte i, at the earliest at.
func lineStart(text string, at, i int) int {
	return at + strings.LastIndexByte(text[at:i], '\n') + 1
}

// runeStart returns the start of the rune with byte i.
func runeStart(text string, i int) int {
	i = max(i, 0)
	for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}
