package embed

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// constantDim is the default dimension of [Constant]: that of the local model.
const constantDim = 384

// A Constant is an embedder of constant cost, to measure or test the rest of the
// pipeline. A vector depends on nothing but its text. Similar texts are no nearer to
// each other than other texts.
type Constant struct {
	Dim int // of the vectors; 0 means 384
}

var (
	_ Embedder = Constant{}
	_ Windower = Constant{}
)

func (c Constant) dim() int {
	if c.Dim > 0 {
		return c.Dim
	}
	return constantDim
}

// Model returns "constant/" and the dimension.
func (c Constant) Model() string { return fmt.Sprintf("constant/%d", c.dim()) }

// MaxTokens returns a limit that no text reaches.
func (c Constant) MaxTokens() int { return math.MaxInt32 }

// Windows returns one window: heading and the whole text.
func (c Constant) Windows(heading, text string) []string { return []string{withHeading(heading, text)} }

// Embed returns a vector for each text. It fails only if ctx is canceled.
func (c Constant) Embed(ctx context.Context, texts []string, _ Kind) ([]Vector, error) {
	vectors := make([]Vector, 0, len(texts))
	for _, text := range texts {
		if err := ctx.Err(); err != nil {
			return vectors, fmt.Errorf("embed: constant: %w", err)
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(text)) // never fails
		rng := rand.New(rand.NewPCG(h.Sum64(), 0))
		v := make(Vector, c.dim())
		for i := range v {
			v[i] = rng.Float32() - 0.5
		}
		Normalize(v)
		vectors = append(vectors, v)
	}
	return vectors, nil
}
