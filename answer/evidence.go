package answer

import (
	"cmp"
	"fmt"

	"github.com/citewell/citewell/retrieve"
)

// minEvidence returns the least evidence to answer from that a Config asks for.
func minEvidence(c Config) float64 { return cmp.Or(c.MinEvidence, retrieve.DefaultMinEvidence) }

// missing says why what was found is too little to answer the question from; ""
// if it is enough, or nothing was found. A question about images may be answered
// by them.
func (a *Answerer) missing(q Question, found *retrieve.Result) string {
	if len(found.Hits) == 0 || len(q.Images) > 0 || found.Evidence >= a.minEvidence {
		return ""
	}
	asked := terms(q.asked(), found.Hits[0].Lang)
	if len(asked) == 0 {
		return "no page is near the question"
	}
	held := map[string]bool{}
	for _, h := range found.Hits {
		for t := range terms(h.Title+"\n"+h.Section+"\n"+h.Text, h.Lang) {
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
