package answer

import (
	"fmt"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// lackOfEvidence returns why the hits are too little to answer from. It returns
// "" if they are enough, if there are none, or if the question has images,
// which may hold the answer.
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
