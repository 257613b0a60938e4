package eval

import (
	"regexp"

	"github.com/citewell/citewell/retrieve/bm25"
)

// mark is the number of a citation.
var mark = regexp.MustCompile(`\[\d+\]`)

// overlap returns the F1 of the terms of an answer, without its citations, and of
// a reference: how many they share, each as often as both have it, by how many
// either has.
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
