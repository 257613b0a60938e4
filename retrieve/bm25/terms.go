package bm25

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"
)

// Terms returns the terms of text in order:
//
//   - Words are cut by Unicode's rules, normalized to NFKC and lower-cased, without
//     soft hyphens.
//   - If lang is a tag of English, French, Hungarian, Norwegian, Russian, Spanish or
//     Swedish, words are reduced to their stems; English (also if lang is empty)
//     loses its stop words.
//   - An identifier such as max_completion_tokens, CamelCase or foo.bar gives the
//     whole, unstemmed, and then each part as a word.
//   - Scripts without spaces, and Korean, give each pair of adjacent characters, and
//     a single character if it stands alone.
func Terms(text, lang string) []string { return terms(text, languages[primary(lang)]) }

// terms returns the terms of text by the rules of a language.
func terms(text string, l language) []string {
	a := analysis{language: l}
	text = norm.NFKC.String(strings.ToValidUTF8(text, "\uFFFD"))
	a.terms = make([]string, 0, len(text)/bytesPerTerm)
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
		if strings.ContainsFunc(tok, isWordRune) {
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

// bytesPerTerm is about how many bytes of text a term takes.
const bytesPerTerm = 8

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
	if isASCIIWord(tok) { // most of any text
		a.part(tok)
		return
	}
	tok = strings.Trim(strings.Map(normalizeRune, tok), "_.:'")
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

// part adds a word that is not an identifier.
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
// where the case shows that a word begins (HTTPServer is HTTP and Server). A number
// such as 3.14 is one part.
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

// normalizeRune drops invisible characters and straightens apostrophes.
func normalizeRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r): // soft hyphen, joiners
		return -1
	case r == '’' || r == '‘' || r == 'ʼ':
		return '\''
	}
	return r
}

// isASCIIWord reports whether tok consists of a–z, with a first letter of A–Z allowed:
// no rule for identifiers applies to it.
func isASCIIWord(tok string) bool {
	for i := range len(tok) {
		if (tok[i] < 'a' || tok[i] > 'z') && (i > 0 || tok[i] < 'A' || tok[i] > 'Z') {
			return false
		}
	}
	return true
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
