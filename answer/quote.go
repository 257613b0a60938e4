package answer

import (
	"cmp"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/draft"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// CheckQuote searches a page for a quote. The chunks are those of the page by Ordinal, at
// least one. If the quote is on the page, word for word but for spaces, marks of Markdown
// and the forms of quotation marks, the citation is verified and leads there. Else its
// quote is the sentence of the page that is nearest to it, or "" if there is none.
func CheckQuote(quote string, page []index.Chunk) Citation {
	quote = strings.TrimSpace(quote)
	hits := make([]retrieve.Hit, len(page))
	for i, c := range page {
		hits[i].Chunk = c
	}
	sources := cite.Sources(hits)
	for i, s := range sources {
		if p, ok := find(quote, s); ok {
			c := newCitation(1, i, sources, p)
			c.Verified = true
			return c
		}
	}
	// A quote may be longer than what chunks share.
	whole := page[0]
	whole.Text, whole.Anchors, whole.End = index.PageText(page), "", page[len(page)-1].End
	all := cite.Sources([]retrieve.Hit{{Chunk: whole}})
	p, ok := find(quote, all[0])
	verified := ok
	if !ok {
		p, _ = extractive.Nearest(quote, all[0])
	}
	c := newCitation(1, 0, all, p)
	c.Verified, c.Quote = verified, cmp.Or(p.Around().Text, p.Text)
	if verified {
		c.Quote = p.Text
	}
	return c
}

// find searches a source for a quote.
func find(quote string, s *cite.Source) (cite.Passage, bool) {
	for _, form := range draft.QuoteForms(quote) {
		if p, ok := s.Parsed().Find(form); ok {
			return p, true
		}
	}
	return cite.Passage{}, false
}
