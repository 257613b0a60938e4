package retrieve

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/dictionary"
	"github.com/citewell/citewell/retrieve/index"
)

// A token is a word of a question with what its spelling shows.
type token struct {
	text           string
	start          int  // of text in the question, in bytes
	isCode         bool // within backticks
	startsSentence bool
	isUpper        bool // it begins with a capital letter
	isCapital      bool // isUpper, and that marks a name: most words of the question do not
	followsClosely bool // nothing but a space or a hyphen separates it from the token before
}

// trimmed is what is no part of a word at its ends.
const trimmed = "_.:'’"

// scan cuts a question into its words.
func scan(question string) []token {
	var out []token
	code, starts, closely := false, true, false
	capitals, uncased := 0, false
	for tok, start := range bm25.Cut(question) {
		text := strings.Trim(tok, trimmed)
		text = strings.TrimSuffix(strings.TrimSuffix(text, "'s"), "’s")
		switch {
		case text == "`":
			code = !code
		case isUnspaced(text):
			uncased = true
			if n := len(out) - 1; n >= 0 && closely && isUnspaced(out[n].text) && out[n].start+len(out[n].text) == start {
				out[n].text += text
			} else {
				out = append(out, token{text: text, start: start, startsSentence: starts})
			}
			starts, closely = false, true
			continue
		case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
			r, _ := utf8.DecodeRuneInString(text)
			isUpper := unicode.IsUpper(r)
			out = append(out, token{text: text, start: start + strings.Index(tok, text), isCode: code, startsSentence: starts, isUpper: isUpper, isCapital: isUpper, followsClosely: closely})
			if isUpper && !starts {
				capitals++
			}
			uncased = uncased || unicode.Is(unicode.Lo, r)
			starts, closely = false, true
			continue
		case strings.ContainsAny(text, ".?!:;"):
			starts = true
		}
		closely = closely && (strings.TrimSpace(text) == "" || text == "-")
	}
	if 2*capitals >= len(out) && len(out) > 3 && !uncased { // a title: its capitals tell nothing
		for i := range out {
			out[i].isCapital = false
		}
	}
	return out
}

// pairs replaces each run of characters without spaces by the pairs that are its terms,
// without words that only ask and without what stands alone between them.
func pairs(tokens []token, lang string) []token {
	var out []token
	for _, t := range tokens {
		if !isUnspaced(t.text) {
			out = append(out, t)
			continue
		}
		for part := range strings.FieldsSeq(language.WithoutAsking(t.text, lang)) {
			if asks(part, lang) || utf8.RuneCountInString(part) == 1 {
				continue
			}
			for _, pair := range bm25.Words(part) {
				out = append(out, token{text: pair, start: t.start})
			}
		}
	}
	return out
}

// isUnspaced reports whether a token is of a script without spaces.
func isUnspaced(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return bm25.Unspaced(r)
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
		case r != '\'' && r != '’' && !unicode.IsMark(r):
			others++
		}
	}
	return letters > 0 && others > 0
}

// isNumber reports whether a token has no letter.
func (t token) isNumber() bool { return !strings.ContainsFunc(t.text, unicode.IsLetter) }

// minEnglish is the share of a question's words from which on, if English has them,
// the question is English, unless its grammar shows another language. If the grammar is
// rather that of another one, it is minRatherEnglish.
const minEnglish, minRatherEnglish = 0.4, 0.5

// minSure is the confidence from which on a guess of a question's language counts.
const minSure = 0.5

// A tongue is what the language of a question tells about its words.
type tongue struct {
	lang      string                 // a tag; "" if it is unknown
	usual     *dictionary.Dictionary // of the language; nil if there is none
	isForeign bool                   // the index has no page in it: that no page holds a word tells nothing
}

// isName reports whether a token of the question, key in lower case, names one thing: by
// its spelling or since a dictionary lacks it. A word that is one edit from a usual one
// may be misspelt.
//
//   - In English, any word.
//   - In German, words with a capital letter: of the others the dictionary has too few.
//   - In a language of another script, words in Latin letters that are capitalized or not
//     English.
func (in tongue) isName(t token, key string) bool {
	switch {
	case t.isName():
		return true
	case t.isNumber() || utf8.RuneCountInString(key) < minUsualRunes:
		return false
	case in.lang == "en":
		return in.usual.Rank(key) == 0 && (t.isCapital || in.usual.Nearest(key) == "")
	case in.usual != nil && !in.isForeign: // names of places and peoples differ between languages
		near := in.usual.Nearest(key)
		return t.isUpper && in.usual.Rank(key) == 0 && (near == "" || isReplaced(key, near))
	case in.lang != "" && !language.IsLatin(in.lang) && isLatin(key):
		english := dictionary.For("en")
		return t.isUpper || english.Rank(key) == 0 && english.Nearest(key) == ""
	}
	return false
}

// isLatin reports whether a word begins with a Latin letter.
func isLatin(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.Is(unicode.Latin, r)
}

// capitalNouns are the languages that write every noun with a capital letter.
var capitalNouns = map[string]bool{"de": true, "lb": true}

// tongueOf returns what the language of a question tells. Where capital letters mark no
// names, it takes them from the tokens.
func tongueOf(question string, tokens []token, ix index.Info) tongue {
	tag, sure := language.Guess(question)
	if tag == "" || tag == "en" || sure < minSure {
		least := minEnglish
		if tag != "" && tag != "en" {
			least = minRatherEnglish
		}
		if usual := englishOf(tokens, least); usual != nil {
			return tongue{lang: "en", usual: usual}
		}
		if tag == "" || sure < minSure {
			clearCapitals(tokens) // it may be German
			return tongue{}
		}
	}
	t := tongue{lang: tag, usual: dictionary.For(tag), isForeign: !slices.Contains(languagesOf(ix), bm25.Known(tag))}
	if t.isForeign || capitalNouns[tag] {
		clearCapitals(tokens)
	}
	return t
}

// clearCapitals makes no token a name for its capital letter.
func clearCapitals(tokens []token) {
	for i := range tokens {
		tokens[i].isCapital = false
	}
}

// englishOf returns the dictionary of English if at least this share of the tokens is
// English.
func englishOf(tokens []token, least float64) *dictionary.Dictionary {
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
	if all > 0 && float64(known) < least*float64(all) {
		return nil
	}
	return d
}
