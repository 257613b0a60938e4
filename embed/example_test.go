package embed_test

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/embed"
)

// Embed gives vectors of unit length, so that the cosine of two is their product.
func ExampleEmbedder() {
	var e embed.Embedder = embed.Constant{Dim: 8}
	vectors, err := e.Embed(context.Background(), []string{"a key", "a door", "a key"}, embed.Document)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Model(), len(vectors), "vectors")
	fmt.Printf("the same text: %.3f\n", embed.Cosine(vectors[0], vectors[2]))
	fmt.Println("another text is nearer:", embed.Cosine(vectors[0], vectors[1]) > embed.Cosine(vectors[0], vectors[2]))
	// Output:
	// constant/8 3 vectors
	// the same text: 1.000
	// another text is nearer: false
}

// A text that is longer than the embedder's input is covered by several windows.
func ExampleWindows() {
	e := shortInput{embed.Constant{}}
	for _, w := range embed.Windows(e, "Keys", "Rotate each key every ninety days, and after each incident.") {
		fmt.Printf("%q\n", w)
	}
	// Output:
	// "Keys\n\nRotate each key"
	// "Keys\n\nevery ninety days,"
	// "Keys\n\nand after each"
	// "Keys\n\nincident."
}

// A shortInput is an embedder that takes 40 tokens.
type shortInput struct{ embed.Embedder }

func (shortInput) MaxTokens() int { return 40 }
