// Package eval measures extraction and chunking, without a model.
//
// Call [Chunking] with a folder of texts and questions whose answers are marked
// in them, and [Extraction] with a folder of pages and the text a person took
// from each. The folders have the layout of two public benchmarks,
// brandonstarxel/chunking_evaluation and scrapinghub/article-extraction-benchmark,
// and each figure is defined as in the benchmark's own evaluator, so that figures
// can be compared with published ones. There are two verbs because extraction and
// chunking need different data.
//
// Both results marshal to JSON and print themselves as a table.
package eval

// mean returns the mean of values, 0 if there are none.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return ratio(sum, float64(len(values)))
}

// ratio returns a/b, 0 if b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
