package bm25

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"
)

// Terms returns the terms of text in their order. They are
//
//   - the words by Unicode's rules, compatibility forms folded (NFKC),
//     lower-cased, without soft hyphens;
//   - less the stop words and reduced to their stems, where lang is a tag of a
//     language known here: English (also if lang is empty), French, Hungarian,
//     Norwegian, Russian, Spanish, Swedish;
//   - of an identifier such as max_completion_tokens, CamelCase or foo.bar, the
//     whole, unstemmed, and after it each part as a word;
//   - of scripts that write no spaces, and of Korean, the pairs of characters
//     that stand side by side; of a character that stands alone, itself.
func Terms(text, lang string) []string {
	a := analysis{language: languages[primary(lang)]}
	text = norm.NFKC.String(strings.ToValidUTF8(text, "\uFFFD"))
	a.terms = make([]string, 0, len(text)/bytesATerm)
	end := 0 // of the token before
	for it := words.FromString(text); it.Next(); end = it.End() {
		tok := it.Value()
		r, _ := utf8.DecodeRuneInString(tok)
		if r >= firstUnspaced && unicode.In(r, unspaced...) {
			if it.Start() != end {
				a.flush()
			}
			a.run = append(a.run, []rune(tok)...)
			continue
		}
		a.flush()
		if strings.ContainsFunc(tok, wordRune) {
			a.word(tok)
		}
	}
	a.flush()
	return a.terms
}

// TermSet returns the distinct terms of a text; see [Terms].
func TermSet(text, lang string) map[string]bool {
	set := map[string]bool{}
	for _, t := range Terms(text, lang) {
		set[t] = true
	}
	return set
}

// bytesATerm is the room a term takes in a text, about.
const bytesATerm = 8

// unspaced are the scripts that are cut into pairs of characters.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// firstUnspaced is the first character of those scripts, a Thai one.
const firstUnspaced = '\u0e01'

// An analysis is the state of one call of [Terms].
type analysis struct {
	language language
	terms    []string
	run      []rune // characters of unspaced scripts, side by side
}

// flush adds the pairs of the run, which has ended.
func (a *analysis) flush() {
	if len(a.run) == 1 {
		a.terms = append(a.terms, string(a.run))
	}
	for i := 0; i+1 < len(a.run); i++ {
		a.terms = append(a.terms, string(a.run[i:i+2]))
	}
	a.run = a.run[:0]
}

// word adds a token that holds a letter or a digit.
func (a *analysis) word(tok string) {
	if plainWord(tok) { // most of any text
		a.part(tok)
		return
	}
	tok = strings.Trim(strings.Map(plain, tok), "_.:'")
	parts := split(tok)
	if len(parts) == 1 {
		a.part(tok)
		return
	}
	a.terms = append(a.terms, strings.ToLower(tok))
	for _, p := range parts {
		if utf8.RuneCountInString(p) > 1 { // the e and g of e.g. find nothing
			a.part(p)
		}
	}
}

// part adds a word that is no identifier.
func (a *analysis) part(word string) {
	word = strings.ToLower(word)
	if a.language.stop[word] {
		return
	}
	if a.language.stem != nil && !strings.ContainsFunc(word, unicode.IsDigit) {
		word = a.language.stem(word)
	}
	if word != "" {
		a.terms = append(a.terms, word)
	}
}

// split cuts an identifier into its parts: at underscores, dots and colons, and
// where the case says that a word begins (HTTPServer is HTTP and Server). A
// number such as 3.14 has one part.
func split(tok string) []string {
	if !strings.ContainsFunc(tok, unicode.IsLetter) {
		return []string{tok}
	}
	var parts []string
	for _, field := range strings.FieldsFunc(tok, func(r rune) bool { return r == '_' || r == '.' || r == ':' }) {
		rs := []rune(field)
		from := 0
		for i := 1; i < len(rs); i++ {
			hump := unicode.IsLower(rs[i-1]) && unicode.IsUpper(rs[i])
			acronym := i+1 < len(rs) && unicode.IsUpper(rs[i-1]) && unicode.IsUpper(rs[i]) && unicode.IsLower(rs[i+1])
			// The s of APIs and IDs is a plural, not a word of its own.
			if acronym && i+2 == len(rs) && rs[i+1] == 's' {
				acronym = false
			}
			if hump || acronym {
				parts = append(parts, string(rs[from:i]))
				from = i
			}
		}
		parts = append(parts, string(rs[from:]))
	}
	return parts
}

// plain drops what is not shown and straightens apostrophes.
func plain(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r): // soft hyphen, joiners
		return -1
	case r == '’' || r == '‘' || r == 'ʼ':
		return '\''
	}
	return r
}

// plainWord reports whether tok is made of a–z only, or begins with one of A–Z: no
// rule for identifiers applies to it.
func plainWord(tok string) bool {
	for i := range len(tok) {
		if (tok[i] < 'a' || tok[i] > 'z') && (i > 0 || tok[i] < 'A' || tok[i] > 'Z') {
			return false
		}
	}
	return true
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
