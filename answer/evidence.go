package answer

import (
	"fmt"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// lackOfEvidence says why what was found is too little to answer the question from; ""
// if it is enough, or nothing was found. A question about images may be answered
// by them.
func (a *Answerer) lackOfEvidence(q Question, found *retrieve.Result) string {
	if len(found.Hits) == 0 || len(q.Images) > 0 || found.Evidence >= a.minEvidence {
		return ""
	}
	asked := bm25.TermSet(q.searchText(), found.Hits[0].Lang)
	if len(asked) == 0 {
		return "no page is near the question"
	}
	held := map[string]bool{}
	for _, h := range found.Hits {
		for t := range bm25.TermSet(h.Title+"\n"+h.Section+"\n"+h.Text, h.Lang) {
			held[t] = true
		}
	}
	n := 0
	for t := range asked {
		if held[t] {
			n++
		}
	}
	if n == len(asked) {
		return "no page is near the question, though the nearest ones hold its terms"
	}
	return fmt.Sprintf("no page is near the question, and the nearest ones hold %d of its %d terms", n, len(asked))
}
