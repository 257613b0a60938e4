package minilm

import (
	"fmt"
	"io"
	"os"

	"github.com/citewell/citewell/embed/encoder"
)

// The shape of all-MiniLM-L6-v2, beyond what all models of [encoder] have.
const (
	layers    = 6
	maxPieces = 256 // the longest texts of its training
	positions = 512
)

// words are the embeddings of the word pieces: encoder.Dim floats for each. They are
// half of the model (47 MB) and stay in the file: each text reads the few rows that it
// needs.
type words struct{ file io.ReaderAt }

// Word implements [encoder.Words].
func (w words) Word(x []float32, id int32, buf []byte) error {
	if _, err := w.file.ReadAt(buf, int64(id)*4*encoder.Dim); err != nil {
		return fmt.Errorf("read word piece: %w", err)
	}
	decode(x, buf)
	return nil
}

// load reads the parameters from f, for the kernel k.
func load(f *os.File, k *encoder.Kernel) (*encoder.Encoder, error) {
	t, err := openTensors(f)
	if err != nil {
		return nil, err
	}
	const dim = encoder.Dim
	at := t.offset("embeddings.word_embeddings.weight", vocabSize, dim)
	c := encoder.Config{
		MaxPieces: maxPieces,
		Words:     words{io.NewSectionReader(f, at, 4*vocabSize*dim)},
		Positions: t.read("embeddings.position_embeddings.weight", positions, dim),
		Norm:      t.norm("embeddings.LayerNorm"),
		Layers:    layers,
		Layer:     func(i int) (encoder.Layer, error) { return loadLayer(*t, fmt.Sprintf("encoder.layer.%d.", i)) },
		Kernel:    k,
	}
	kind := t.read("embeddings.token_type_embeddings.weight", 2, dim)
	if t.err != nil {
		return nil, t.err
	}
	for i := range c.Positions {
		c.Positions[i] += kind[i%dim]
	}
	return encoder.New(c)
}

// loadLayer reads the layer whose tensors begin with prefix.
func loadLayer(t tensors, prefix string) (encoder.Layer, error) {
	t.buf = nil // layers must not share it
	const dim, inner = encoder.Dim, encoder.Inner
	l := encoder.Layer{
		Query:         t.linear(prefix+"attention.self.query", dim, dim),
		Key:           t.linear(prefix+"attention.self.key", dim, dim),
		Value:         t.linear(prefix+"attention.self.value", dim, dim),
		Attention:     t.linear(prefix+"attention.output.dense", dim, dim),
		AttentionNorm: t.norm(prefix + "attention.output.LayerNorm"),
		Up:            t.linear(prefix+"intermediate.dense", dim, inner),
		Down:          t.linear(prefix+"output.dense", inner, dim),
		OutNorm:       t.norm(prefix + "output.LayerNorm"),
	}
	return l, t.err
}

func (t *tensors) norm(name string) encoder.Norm {
	return encoder.Norm{Scale: t.read(name+".weight", encoder.Dim), Shift: t.read(name+".bias", encoder.Dim)}
}

func (t *tensors) linear(name string, in, out int) encoder.Linear {
	return encoder.Linear{Weights: t.read(name+".weight", out, in), Bias: t.read(name+".bias", out)}
}
