// Package embed turns texts into vectors.
//
// Call [Embedder.Embed] on one of the implementations: the local
// all-MiniLM-L6-v2 ([github.com/citewell/citewell/embed/minilm]), a [Service]
// of one of the [Providers], or [Constant], which is cheap and deterministic and
// knows nothing of meaning.
//
// Every vector is of unit length, so that L2, inner product and cosine rank
// alike. A text longer than the embedder's input is never cut off silently:
// [Windows] says how it is covered.
package embed

import "context"

// A Vector is an embedding: Dim float32 values of unit length.
type Vector = []float32

// A Kind says what a text is for. Some models embed questions and documents
// differently.
type Kind int

const (
	Document Kind = iota // a chunk to be found
	Query                // a question to find it by
)

// An Embedder turns texts into vectors. It is safe for concurrent use.
//
// Model returns "name/dim", such as "all-MiniLM-L6-v2/384". An index records it
// and refuses a vector made by any other model.
//
// MaxTokens is the longest input in the model's own tokens; a longer text is
// embedded as several [Windows].
//
// Embed returns one vector of unit length per text, in order. If it fails part
// way, it returns the vectors of a prefix of texts together with the error.
type Embedder interface {
	Model() string
	MaxTokens() int
	Embed(ctx context.Context, texts []string, kind Kind) ([]Vector, error)
}

// A Windower is an [Embedder] that cuts a long text by its own tokenizer.
//
// Windows returns the pieces of text, each with heading in front, that together
// cover all of text and each fit the model's input. It returns at least one.
type Windower interface {
	Windows(heading, text string) []string
}
