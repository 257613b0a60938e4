package answer_test

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// Without a model, the answer is made of sentences of the pages. With one, as
// Config.Model, the same fields are filled in and each quote is verified.
func ExampleAnswerer_Answer() {
	ctx := context.Background()
	e := embed.Constant{}
	store := &retrievetest.Oracle{}
	err := retrievetest.Index(ctx, store, e, []retrievetest.Text{
		{URL: "https://docs.example/keys", Title: "Keys", Text: "A key opens one door. Rotate each signing key every ninety days."},
		{URL: "https://docs.example/doors", Title: "Doors", Text: "The doors are made of oak."},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: store, Mode: retrieve.Sparse})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := answer.New(answer.Config{Retriever: r})
	if err != nil {
		fmt.Println(err)
		return
	}
	ans, err := a.Answer(ctx, answer.Question{Text: "How often do I rotate a signing key?", K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ans.Answer)
	for _, c := range ans.Citations {
		fmt.Printf("[%d] %s, verified: %t\n", c.N, c.Link, c.Verified)
	}
	ans, err = a.Answer(ctx, answer.Question{Text: "Who painted the ceiling of the Sistine Chapel?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("answered:", ans.Answered)
	// Output:
	// A key opens one door. Rotate each signing key every ninety days. [1]
	// [1] https://docs.example/keys#:~:text=Rotate%20each%20signing%20key%20every%20ninety%20days., verified: true
	// answered: false
}
