// Package embedtest provides embedders for tests.
//
// [Words] is an embedder for which texts with common words are near each other.
// [Failing] makes any embedder fail after some texts.
package embedtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/citewell/citewell/embed"
)

// Words is an embedder whose vector of a text is the sum of one vector for each
// distinct word, regardless of case and order. Vectors of two words are nearly
// orthogonal, so the inner product of two texts grows with the words they share. The
// zero Words is ready to use.
type Words struct {
	Dim    int    // of the vectors; 0 means 384
	Tokens int    // the longest input; 0 means 8192
	Name   string // of the model; "" means "words"
}

var _ embed.Embedder = Words{}

func (w Words) dim() int {
	if w.Dim > 0 {
		return w.Dim
	}
	return 384
}

// Model returns the name and the dimension, such as "words/384".
func (w Words) Model() string {
	name := w.Name
	if name == "" {
		name = "words"
	}
	return fmt.Sprintf("%s/%d", name, w.dim())
}

// MaxTokens returns w.Tokens.
func (w Words) MaxTokens() int {
	if w.Tokens > 0 {
		return w.Tokens
	}
	return 8192
}

// Embed returns a vector for each text. A text without words gets that of the
// empty word.
func (w Words) Embed(ctx context.Context, texts []string, _ embed.Kind) ([]embed.Vector, error) {
	vectors := make([]embed.Vector, 0, len(texts))
	for _, text := range texts {
		if err := ctx.Err(); err != nil {
			return vectors, fmt.Errorf("embedtest: embed: %w", err)
		}
		vectors = append(vectors, w.vector(text))
	}
	return vectors, nil
}

func (w Words) vector(text string) embed.Vector {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
	if len(words) == 0 {
		words = []string{""}
	}
	sum := make([]float64, w.dim())
	seen := map[string]bool{}
	for _, word := range words {
		if seen[word] {
			continue
		}
		seen[word] = true
		h := fnv.New64a()
		_, _ = h.Write([]byte(word)) // never fails
		rng := rand.New(rand.NewPCG(h.Sum64(), 0))
		for i := range sum {
			sum[i] += rng.NormFloat64()
		}
	}
	var square float64
	for _, x := range sum {
		square += x * x
	}
	v := make(embed.Vector, len(sum))
	for i, x := range sum {
		v[i] = float32(x / math.Sqrt(square))
	}
	return v
}

// Failing is an embedder that fails with Err at the text after the first After
// of each call, whose vectors it returns.
type Failing struct {
	embed.Embedder
	After int
	Err   error
}

// Embed returns the vectors of at most f.After texts.
func (f Failing) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	if len(texts) <= f.After {
		return f.Embedder.Embed(ctx, texts, kind)
	}
	vectors, err := f.Embedder.Embed(ctx, texts[:f.After], kind)
	if err != nil {
		return vectors, err
	}
	return vectors, f.Err
}
