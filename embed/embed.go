// Package embed turns texts into vectors.
//
// Call [Embedder.Embed] on one of the implementations: a local model
// ([github.com/citewell/citewell/embed/local]), a service
// ([github.com/citewell/citewell/embed/provider]), or [Constant], which is cheap and
// deterministic but ignores meaning.
//
// Every vector has unit length, so that L2, inner product and cosine rank alike. A
// text longer than the embedder's input is never truncated silently: [Windows]
// divides it into several inputs.
package embed

import "context"

// A Vector is an embedding: Dim float32 values of unit length.
type Vector = []float32

// A Kind is the use of a text. Some models embed questions and documents
// differently.
type Kind int

const (
	Document Kind = iota // a chunk to be found
	Query                // a question to find chunks for
)

// An Embedder turns texts into vectors. It is safe for concurrent use.
//
// Model returns "name/dim", such as "all-MiniLM-L6-v2/384". An index records it
// and refuses a vector made by any other model.
//
// MaxTokens is the longest input in the model's own tokens; a longer text is
// embedded as several [Windows].
//
// Embed returns one vector of unit length per text, in order. If it fails after some
// of the texts, it returns their vectors together with the error.
type Embedder interface {
	Model() string
	MaxTokens() int
	Embed(ctx context.Context, texts []string, kind Kind) ([]Vector, error)
}

// A Windower is an [Embedder] that divides a long text with its own tokenizer.
//
// Windows returns pieces that together cover text. Each starts with heading and fits
// the model's input. It returns at least one.
type Windower interface {
	Windows(heading, text string) []string
}
