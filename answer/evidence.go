package answer

import (
	"fmt"
	"slices"

	"github.com/citewell/citewell/retrieve"
)

// What is too little evidence to answer from: no chunk is near the question, and
// the chunks hold no more than half of its terms. Of 5 questions on other
// subjects put to a documentation site, the nearest chunk had a cosine of 0.27 at
// most, of 5 on its own subject 0.36 at least (all-MiniLM-L6-v2, November 2026).
// Other embedders give higher cosines to everything; with them the rule seldom
// applies, and never wrongly.
const (
	nearScore  = 0.30
	termsShare = 0.50
)

// evidence says why the hits are too little to answer the question from; "" if
// they are enough, or none.
func evidence(question string, hits []retrieve.Hit) string {
	if len(hits) == 0 || slices.ContainsFunc(hits, func(h retrieve.Hit) bool { return h.Dense >= nearScore }) {
		return ""
	}
	asked := terms(question, hits[0].Lang)
	if len(asked) == 0 {
		return ""
	}
	held := map[string]bool{}
	for _, h := range hits {
		for t := range terms(h.Title+"\n"+h.Section+"\n"+h.Text, h.Lang) {
			held[t] = held[t] || asked[t]
		}
	}
	n := 0
	for t := range asked {
		if held[t] {
			n++
		}
	}
	if float64(n) > termsShare*float64(len(asked)) {
		return ""
	}
	return fmt.Sprintf("no page is near the question, and the nearest ones hold %d of its %d terms", n, len(asked))
}
