package extractive

import (
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A candidate is a sentence that an extractive answer may quote.
type candidate struct {
	hit     int // its chunk, as ranked
	text    *cite.Text
	passage cite.Passage
	terms   map[string]bool
	heading map[string]bool // terms of the headings above it
}

// candidates returns the sentences of the chunks, each once: what overlapping
// chunks share is left to the better one.
func candidates(sources []*cite.Source) []candidate {
	var out []candidate
	seen := make(map[string]bool)
	for i, src := range sources {
		t := src.Parsed()
		for _, p := range t.Sentences() {
			if seen[p.Text] {
				continue
			}
			seen[p.Text] = true
			heading := p.Heading
			if heading == "" {
				heading = src.Section[strings.LastIndex(src.Section, " > ")+1:]
			}
			said := p.Text
			if p.First {
				said = p.Term + " " + said // It is said of the term, which the answer names.
			}
			out = append(out, candidate{hit: i, text: t, passage: p,
				terms: bm25.TermSet(said, src.Lang), heading: bm25.TermSet(heading+" "+p.Term, src.Lang)})
		}
	}
	return out
}
