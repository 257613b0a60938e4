package extractive

import (
	"slices"
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/bm25"
)

const (
	sizeWords   = 80
	laterWeight = 0.3  // for the name of a heading, below its first paragraph
	otherWeight = 0.5  // of a word in a label that the question lacks
	wholeName   = 0.99 // share of the question from which on a label holds all of it
)

func rank(score, best float64) float64 {
	if best <= 0 {
		return 1
	}
	return score / best
}

// shapes are the shapes of units that answer a form of question, with how well each
// fits, 0–1.
var shapes = map[form]map[shape]float64{
	howTo:   {listing: 1, signature: 1, items: 0.3},
	reason:  {paragraph: 0.6},
	list:    {items: 1, table: 1},
	value:   {row: 1, item: 0.7},
	what:    {paragraph: 0.6, signature: 0.6, row: 0.3, item: 0.3},
	compare: {paragraph: 0.5, table: 0.5},
	whether: {paragraph: 0.6},
	request: {listing: 0.6, signature: 0.6, items: 0.2},
}

// someCode is how well a unit fits that has code within its text, as a share of code alone.
const someCode = 0.5

// rate sets the signals of a unit, but for Near, and whether it can answer. best is
// the best source.
func (q *query) rate(u *unit, best *cite.Source) {
	p := u.page
	words, fresh, letters, links := 0, 0, 0, 0
	most, coded := -1.0, false
	for k, i := range u.blocks {
		b := p.blocks[i]
		u.path |= b.path
		words += size(b.Text)
		fresh += b.fresh
		letters, links = letters+b.Letters, links+b.Links
		if k < u.lead || u.shape == paragraph || u.shape == signature {
			u.mask |= b.mask
		}
		coded = coded || b.HasCode
		s := q.share(b.mask)
		if b.Kind == cite.Code && u.blocks[0] != u.blocks[len(u.blocks)-1] {
			s /= 2 // what is said of it tells more
		}
		if s > most && !b.IsTerm && !b.IsHeader {
			most, u.best = s, i
		}
	}
	u.mask |= p.blocks[u.best].mask
	label, named := q.labelShare(u)
	if fresh == 0 || fresh < enoughFresh && u.shape != row && !cite.EndsSentence(p.blocks[u.blocks[len(u.blocks)-1]].Text) || 4*links > 3*letters && words < sizeWords {
		return
	}
	u.answers, u.worded = true, u.mask|u.path != 0 || named
	u.words = words
	u.titled = named && label >= wholeName
	if p.blocks[u.blocks[0]].IsTerm {
		u.named, u.other = named, label == 0
	}
	u.signals = Signals{
		Words: q.share(u.mask), Above: q.share(u.path &^ u.mask), Label: label,
		Rank: rank(p.Score, best.Score), Shape: q.fits(u, coded), Long: float64(max(0, words-sizeWords)) / sizeWords,
	}
	if p.URL == best.URL {
		u.signals.Page = 1
	}
	if q.forms[what] {
		u.signals.Place = place(u)
	}
	if u.shape != paragraph && letters > 0 {
		u.signals.Links = float64(links) / float64(letters)
	}
	u.score = u.signals.score(byWords)
}

// fits returns how well the shape of a unit fits what the question asks for.
func (q *query) fits(u *unit, hasCode bool) float64 {
	most := 0.0
	for f := range q.forms {
		most = max(most, shapes[f][u.shape])
		if (f == howTo || f == request) && hasCode {
			most = max(most, someCode*shapes[f][listing])
		}
	}
	return most
}

// place returns how likely the place of a unit is that of a definition: the start of
// the site, of a page, of a section.
func place(u *unit) float64 {
	s := 0.0
	if u.isFirst {
		s += 0.5
	}
	if u.page.Ordinal == 0 {
		s += 0.5
	}
	if u.page.isStart && u.page.Ordinal < startChunks {
		s++
	}
	return s
}

// startChunks is how many chunks of a start page say what the site is about.
const startChunks = 3

// labelShare returns the share of the question that the name of what u explains
// holds: its own, or that of the heading. named means that it has no other words.
func (q *query) labelShare(u *unit) (share float64, named bool) {
	explains := q.forms[what] || q.forms[reason] || q.forms[whether] || q.forms[request] || len(q.forms) == 0
	if explains || !u.defines {
		share, named = q.nameShare(u.label, u.page.Lang)
	}
	of, isName := q.nameShare(u.page.heading(u.blocks[0]), u.page.Lang)
	if !u.isFirst && explains {
		of, isName = laterWeight*of, false
	}
	return max(share, of), named || isName
}

// nameShare returns the share of the question that a name holds, less for each of its
// words that the question lacks; named means that there is none.
func (q *query) nameShare(label, lang string) (share float64, named bool) {
	var m mask
	other := 0
	for w := range strings.FieldsSeq(language.WithoutAsking(name(label), lang)) {
		if language.Asks(strings.ToLower(w), lang) {
			continue // as in the question
		}
		if in, ok := q.names(w, lang); ok {
			m |= in
		} else {
			other++
		}
	}
	return q.share(m) / (1 + otherWeight*float64(other)), m != 0 && other == 0
}

// name returns a label without what follows a name in brackets, as of options and
// settings.
func name(label string) string {
	if i := strings.IndexAny(label, "([<="); i > 0 && len(strings.Fields(label[:i])) == 1 {
		return label[:i]
	}
	return label
}

// names returns the terms of the question that a word of a label is, and false if
// the question does not have it: of an identifier, the whole or all of its parts. An
// option such as -x is compared letter by letter.
func (q *query) names(word, lang string) (mask, bool) {
	if word = strings.Trim(word, "`*\"'“”‘’,;:?!"); strings.HasPrefix(word, "-") {
		return q.mask(bm25.Terms(word, lang), lang), slices.Contains(q.words, word)
	}
	terms := bm25.Terms(word, lang)
	if len(terms) == 0 {
		return 0, true // such as "the"
	}
	m := q.mask(terms, lang)
	if len(terms) > 1 && terms[0] == strings.ToLower(word) { // an identifier and its parts
		if q.mask(terms[:1], lang) != 0 {
			return m, true
		}
		terms = terms[1:]
	}
	for _, part := range terms {
		if q.mask([]string{part}, lang) == 0 {
			return 0, false
		}
	}
	return m, true
}

// size returns the number of words of a text. Two characters of a script without
// spaces count as one.
func size(s string) int {
	n, unspaced, inWord := 0, 0, false
	for _, r := range s {
		switch {
		case r >= '\u0e01' && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			unspaced++
			inWord = false
		case unicode.IsSpace(r):
			inWord = false
		case !inWord:
			inWord = true
			n++
		}
	}
	return n + unspaced/2
}
