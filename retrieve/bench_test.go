package retrieve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// BenchmarkRetrieve searches a store in memory: what it takes besides is the
// comparison of the candidates with the question.
func BenchmarkRetrieve(b *testing.B) {
	e, o := embedtest.Words{}, &retrievetest.Oracle{}
	var texts []retrievetest.Text
	for i := range 60 {
		text := strings.Repeat(fmt.Sprintf("The cache of kind %d keeps pages in memory for an hour and drops old pages. ", i), 25)
		texts = append(texts, retrievetest.Text{URL: fmt.Sprint("https://e.org/", i), Title: fmt.Sprint("Cache ", i), Text: text})
	}
	if err := retrievetest.Index(b.Context(), o, e, texts); err != nil {
		b.Fatal(err)
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: o})
	if err != nil {
		b.Fatal(err)
	}
	for name, question := range map[string]string{"long": "How long does the cache keep old pages in memory?", "short": "What is a cache?"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Retrieve(b.Context(), retrieve.Query{Text: question, K: 5, Mode: retrieve.Hybrid}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
