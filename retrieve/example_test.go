package retrieve_test

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// The store here is in memory. A program uses github.com/citewell/citewell/retrieve/milvus,
// and the embedder that its index was built with.
func ExampleRetriever_Retrieve() {
	ctx := context.Background()
	e := embed.Constant{}
	store := &retrievetest.Oracle{}
	err := retrievetest.Index(ctx, store, e, []retrievetest.Text{
		{URL: "https://docs.example/keys", Title: "Keys", Text: "Rotate each signing key every ninety days."},
		{URL: "https://docs.example/doors", Title: "Doors", Text: "The doors are made of oak."},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: store})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := r.Retrieve(ctx, retrieve.Query{Text: "How often do I rotate a signing key?", K: 1, Mode: retrieve.Sparse})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range res.Hits {
		fmt.Println(h.Title, h.URL)
		fmt.Println(h.Text)
	}
	// Output:
	// Keys https://docs.example/keys
	// Rotate each signing key every ninety days.
}
