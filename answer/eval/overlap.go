package eval

import (
	"regexp"

	"github.com/citewell/citewell/retrieve/bm25"
)

// mark matches the mark of a citation.
var mark = regexp.MustCompile(`\[\d+\]`)

// overlap returns the F1 of the terms of an answer, without its citation marks, and
// the terms of a reference, both as multisets.
func overlap(got, reference string) float64 {
	count := map[string]int{}
	want := bm25.Terms(reference, "")
	for _, t := range want {
		count[t]++
	}
	terms := bm25.Terms(mark.ReplaceAllString(got, ""), "")
	both := 0
	for _, t := range terms {
		if count[t] > 0 {
			count[t]--
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return 2 * float64(both) / float64(len(terms)+len(want))
}
