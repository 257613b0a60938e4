package retrieve

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/dictionary"
	"github.com/citewell/citewell/retrieve/index"
)

// A Word is a word of a question that tells what it is about. Stop words and words
// that only ask, such as how, use and example, are none.
type Word struct {
	Text string // as the question writes it, or as it was corrected
	// Asked is the misspelt word that Text replaces in search and evidence; "" for
	// a word that is as the question writes it.
	Asked  string
	Weight float64 // how much the word tells: its idf, 0–1; 1 for a word that no chunk holds
	Absent bool    // no chunk of the index holds the word, nor its parts side by side
	// Name means that the word names one thing that has no other word: a product, a
	// version or an identifier. Another word may have a synonym.
	Name bool
	Code bool // the question marks the word as code

	isUsual bool                  // a dictionary has it
	forms   map[string][][]string // by language: the terms that a text holds side by side, in one way or another
}

// Terms returns the terms of the word in a text of the language; see [bm25.Terms].
func (w Word) Terms(lang string) []string { return bm25.Terms(w.Text, lang) }

// minUsualRunes is the length of the shortest words of dictionaries. A shorter word is
// a name only if its spelling shows that.
const minUsualRunes = 3

// wordsOf returns the content words of a question, each once.
func wordsOf(question string, ix index.Info) []Word {
	tokens := scan(question)
	usual := dictionaryOf(tokens)
	seen := map[string]bool{}
	var out []Word
	for i, t := range tokens {
		key := strings.ToLower(t.text)
		if seen[key] || !t.isCode && asks(key) {
			continue
		}
		seen[key] = true
		w := Word{Text: t.text, Code: t.isCode, Name: t.isName()}
		w.isUsual = usual.Has(key) || utf8.RuneCountInString(key) < minUsualRunes
		w.Name = w.Name || !w.isUsual && usual != nil && !t.isNumber()
		var before, after string
		if i > 0 && t.followsClosely {
			before = tokens[i-1].text
		}
		if i+1 < len(tokens) && tokens[i+1].followsClosely {
			after = tokens[i+1].text
		}
		if w.weigh(ix, before, after) {
			out = append(out, w)
		}
	}
	return out
}

// weigh sets the word's forms, its weight, and whether it is absent. It returns false
// for a word without terms. The words before and after it may be its other part.
func (w *Word) weigh(ix index.Info, before, after string) bool {
	w.forms = map[string][][]string{}
	most, hasTerms := 0, false
	for _, lang := range languagesOf(ix) {
		terms := bm25.Terms(w.Text, lang)
		if len(terms) == 0 {
			continue
		}
		hasTerms = true
		held := ix.Statistics.Holders(terms[0])
		forms := [][]string{terms[:1]}
		if len(terms) > 1 { // an identifier, and its parts
			forms = append(forms, terms[1:])
		} else if held == 0 {
			forms = append(forms, compounds(w.Text, lang, ix.Statistics)...)
		}
		for _, joined := range [2]string{before + w.Text, w.Text + after} {
			if t := bm25.Terms(joined, lang); joined != w.Text && len(t) == 1 && ix.Statistics.Holders(t[0]) > 0 {
				held = max(held, ix.Statistics.Holders(t[0]))
				forms = append(forms, t)
			}
		}
		w.forms[lang] = forms
		most = max(most, held)
	}
	w.Absent, w.Weight = most == 0, ix.Statistics.Rarity(most)
	return hasTerms
}

// languagesOf returns the languages of an index's chunks.
func languagesOf(ix index.Info) []string {
	if langs := ix.Statistics.Langs(); len(langs) > 0 {
		return langs
	}
	return []string{bm25.Known("")}
}

// minCompoundPart is the least length, in bytes, of the parts of a compound.
const minCompoundPart = 3

// compounds returns the pairs of terms that a word may be written as, such as web
// socket for websocket, of those that the index holds.
func compounds(word, lang string, stats *bm25.Statistics) [][]string {
	var out [][]string
	for i := minCompoundPart; i+minCompoundPart <= len(word); i++ {
		if !utf8.RuneStart(word[i]) {
			continue
		}
		a, b := bm25.Terms(word[:i], lang), bm25.Terms(word[i:], lang)
		if len(a) == 1 && len(b) == 1 && stats.Holders(a[0]) > 0 && stats.Holders(b[0]) > 0 {
			out = append(out, []string{a[0], b[0]})
		}
	}
	return out
}

// heldBy returns the places in a text at which it holds the word.
func (w Word) heldBy(text bm25.Tokens, lang string) []int {
	var at []int
	for _, form := range w.forms[bm25.Known(lang)] {
		at = append(at, text.Find(form...)...)
	}
	return at
}

// A token is a word of a question with what its spelling shows.
type token struct {
	text           string
	isCode         bool // within backticks
	startsSentence bool
	isCapital      bool // it begins with a capital letter, and most words of the question do not
	followsClosely bool // nothing but a space or a hyphen separates it from the token before
}

// scan cuts a question into its words.
func scan(question string) []token {
	var out []token
	code, starts, closely := false, true, false
	capitals := 0
	for it := words.FromString(question); it.Next(); {
		text := strings.Trim(it.Value(), "_.:'’")
		switch {
		case text == "`":
			code = !code
		case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
			r, _ := utf8.DecodeRuneInString(text)
			out = append(out, token{text: text, isCode: code, startsSentence: starts, isCapital: unicode.IsUpper(r), followsClosely: closely})
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
		if low := strings.ToLower(t.text); d.Has(low) || len(bm25.Terms(low, lang)) == 0 {
			known++
		}
	}
	if all > 0 && float64(known) < minEnglish*float64(all) {
		return nil
	}
	return d
}
