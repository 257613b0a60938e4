package retrieve

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/dictionary"
)

// A token is a word of a question with what its spelling shows.
type token struct {
	text           string
	start          int  // of text in the question, in bytes
	isCode         bool // within backticks
	startsSentence bool
	isCapital      bool // it begins with a capital letter, and most words of the question do not
	followsClosely bool // nothing but a space or a hyphen separates it from the token before
}

// trimmed is what is no part of a word at its ends.
const trimmed = "_.:'’"

// scan cuts a question into its words.
func scan(question string) []token {
	var out []token
	code, starts, closely := false, true, false
	capitals := 0
	for it := words.FromString(question); it.Next(); {
		text := strings.Trim(it.Value(), trimmed)
		text = strings.TrimSuffix(strings.TrimSuffix(text, "'s"), "’s")
		switch {
		case text == "`":
			code = !code
		case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
			r, _ := utf8.DecodeRuneInString(text)
			out = append(out, token{text: text, start: it.Start() + strings.Index(it.Value(), text), isCode: code, startsSentence: starts, isCapital: unicode.IsUpper(r), followsClosely: closely})
			if unicode.IsUpper(r) && !starts {
				capitals++
			}
			starts, closely = false, true
			continue
		case strings.ContainsAny(text, ".?!:;"):
			starts = true
		}
		closely = closely && (strings.TrimSpace(text) == "" || text == "-")
	}
	if 2*capitals >= len(out) && len(out) > 3 { // a title: its capitals tell nothing
		for i := range out {
			out[i].isCapital = false
		}
	}
	return out
}

// isName reports whether the spelling of a token shows that it names one thing.
func (t token) isName() bool {
	if t.isCode || t.isCapital && !t.startsSentence || t.isNumber() && strings.Contains(t.text, ".") {
		return true
	}
	letters, others := 0, 0 // others: what ordinary words do not have after their first letter
	for i, r := range t.text {
		switch {
		case unicode.IsLetter(r) && (i == 0 || !unicode.IsUpper(r)):
			letters++
		case r != '\'' && r != '’':
			others++
		}
	}
	return letters > 0 && others > 0
}

// isNumber reports whether a token has no letter.
func (t token) isNumber() bool { return !strings.ContainsFunc(t.text, unicode.IsLetter) }

// minEnglish is the share of a question's words from which on, if English has them,
// the question is English.
const minEnglish = 0.4

// dictionaryOf returns the dictionary of the language that a question is in; nil if
// that is unknown.
func dictionaryOf(tokens []token) *dictionary.Dictionary {
	const lang = "en"
	d, known, all := dictionary.For(lang), 0, 0
	for _, t := range tokens {
		if t.isNumber() || t.isCode {
			continue
		}
		all++
		if low := strings.ToLower(t.text); d.Rank(low) > 0 || len(bm25.Terms(low, lang)) == 0 {
			known++
		}
	}
	if all > 0 && float64(known) < minEnglish*float64(all) {
		return nil
	}
	return d
}
