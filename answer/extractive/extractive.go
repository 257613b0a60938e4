// Package extractive chooses the parts of pages that answer a question.
//
// Call [Choose] for an answer without a model, and [Nearest] for the sentence that
// backs a claim. Pages are quoted as they are: nothing is written.
package extractive

import (
	"slices"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A Quote is a part of sources[Source] that stands by itself.
type Quote struct {
	Source int
	Text   *cite.Text   // of the source
	Blocks []int        // of Text, in order
	Rest   int          // items, rows or lines that follow them and were left out
	Answer cite.Passage // the sentence, line or row of it that answers
}

// Choose returns one to three parts of the sources that answer the question, in the
// order of their pages. It returns none if no part holds a word of the question and near
// is nil. There is at least one source; the best comes first.
func Choose(question string, sources []*cite.Source, near Nearness) []Quote {
	q, pages := prepare(question, sources)
	chosen := q.choose(q.order(q.units(pages), near))
	sortByPage(chosen)
	var out []Quote
	for _, u := range chosen {
		out = append(out, q.quote(u))
	}
	return out
}

// A Part is a part of a source that may answer a question, with what it is judged by.
type Part struct {
	Quote
	Signals Signals
}

// Parts returns the parts that [Choose] chooses from, best first.
func Parts(question string, sources []*cite.Source, near Nearness) []Part {
	q, pages := prepare(question, sources)
	units, n := q.order(q.units(pages), near)
	if n == 0 {
		n = min(len(units), maxCompared)
	}
	var out []Part
	for _, u := range units[:n] {
		out = append(out, Part{q.quote(u), u.signals})
	}
	return out
}

func (q *query) quote(u unit) Quote {
	return Quote{Source: u.page.number, Text: u.page.text, Blocks: u.blocks, Rest: u.rest, Answer: q.sentence(u)}
}

// units returns the units of the pages that can answer, rated.
func (q *query) units(pages []*page) []unit {
	var out []unit
	for _, p := range pages {
		for _, u := range p.units() {
			if q.rate(&u, pages[0].Source); u.answers {
				out = append(out, u)
			}
		}
	}
	if q.isName && slices.ContainsFunc(out, func(u unit) bool { return u.titled }) {
		out = slices.DeleteFunc(out, func(u unit) bool { return !u.titled })
	}
	if slices.ContainsFunc(out, func(u unit) bool { return u.named }) {
		out = slices.DeleteFunc(out, func(u unit) bool { return u.other }) // the terms beside it
	}
	return out
}

// prepare reads the sources and weighs the terms of the question.
func prepare(question string, sources []*cite.Source) (*query, []*page) {
	langs := map[string]bool{}
	for _, s := range sources {
		langs[s.Lang] = true
	}
	q := newQuery(question, langs)
	var pages []*page
	var masks []mask
	for i, s := range sources {
		p := newPage(i, s, q)
		pages = append(pages, p)
		for _, b := range p.blocks {
			masks = append(masks, b.mask)
		}
	}
	q.weigh(masks)
	return q, pages
}

// Nearest returns the sentence of a source that shares most with a claim, or
// false if the source shows no sentence.
func Nearest(claim string, s *cite.Source) (cite.Passage, bool) {
	q, pages := prepare(claim, []*cite.Source{s})
	var best cite.Passage
	most := -1.0
	for i, b := range pages[0].blocks {
		if b.IsHeading || b.IsHeader {
			continue
		}
		for _, p := range pages[0].text.SentencesOf(i) {
			if share := q.share(q.mask(bm25.Terms(p.Text, s.Lang), s.Lang)); share > most {
				best, most = p, share
			}
		}
	}
	return best, most >= 0
}
