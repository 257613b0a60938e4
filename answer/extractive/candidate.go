package extractive

import (
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A candidate is a sentence that an extractive answer may quote.
type candidate struct {
	hit     int // index of its source, the best is 0
	text    *cite.Text
	passage cite.Passage
	terms   map[string]bool
	heading map[string]bool // terms of the headings above it
}

// candidates returns the sentences of the sources, each once: a sentence that
// overlapping chunks share belongs to the better chunk.
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
				said = p.Term + " " + said // The sentence explains the term.
			}
			out = append(out, candidate{hit: i, text: t, passage: p,
				terms: bm25.TermSet(said, src.Lang), heading: bm25.TermSet(heading+" "+p.Term, src.Lang)})
		}
	}
	return out
}
