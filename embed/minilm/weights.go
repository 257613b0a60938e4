package minilm

import (
	"fmt"
	"io"
	"math"
	"os"

	"golang.org/x/sync/errgroup"
)

// The shape of all-MiniLM-L6-v2.
const (
	dim       = 384  // of a vector, and of the state of a piece
	heads     = 12   // of attention
	headDim   = 32   // dim / heads
	inner     = 1536 // of the feed-forward part
	layers    = 6
	maxPieces = 256 // the longest texts of its training
	epsilon   = 1e-12
)

// weights are the parameters. The largest one, the embeddings of the word pieces
// (47 MB), stays in the file: each text reads the few rows that it needs.
type weights struct {
	file     io.Closer
	words    io.ReaderAt // dim floats for each word piece
	position []float32   // of each position in the text, token type included
	norm     layerNorm
	layer    [layers]layer
}

type layer struct {
	qkv           linear // query, key and value side by side; query scaled by 1/√headDim
	attention     linear
	attentionNorm layerNorm
	up, down      linear
	outNorm       layerNorm
}

type layerNorm struct{ scale, shift []float32 }

// A linear is a fully connected layer, packed into panels of a kernel's cols:
// panel, input, column.
type linear struct {
	in, out int
	panels  []float32
	bias    []float32
}

// load reads the parameters from f, packed for k.
func load(f *os.File, k *kernel) (*weights, error) {
	t, err := openTensors(f)
	if err != nil {
		return nil, err
	}
	words := t.offset("embeddings.word_embeddings.weight", vocabSize, dim)
	w := &weights{
		file:     f,
		words:    io.NewSectionReader(f, words, 4*vocabSize*dim),
		position: t.read("embeddings.position_embeddings.weight", 2*maxPieces, dim),
		norm:     t.norm("embeddings.LayerNorm"),
	}
	kind := t.read("embeddings.token_type_embeddings.weight", 2, dim)
	if t.err != nil {
		return nil, t.err
	}
	for i := range w.position {
		w.position[i] += kind[i%dim]
	}
	var g errgroup.Group
	for i := range w.layer {
		g.Go(func() (err error) {
			w.layer[i], err = loadLayer(*t, fmt.Sprintf("encoder.layer.%d.", i), k)
			return err
		})
	}
	return w, g.Wait()
}

// loadLayer reads the layer whose tensors begin with prefix.
func loadLayer(t tensors, prefix string, k *kernel) (layer, error) {
	t.buf = nil // layers must not share it
	var qw, qb []float32
	for _, name := range []string{"query", "key", "value"} {
		p := prefix + "attention.self." + name
		w, b := t.read(p+".weight", dim, dim), t.read(p+".bias", dim)
		if name == "query" {
			scale(w, float32(1/math.Sqrt(headDim)))
			scale(b, float32(1/math.Sqrt(headDim)))
		}
		qw, qb = append(qw, w...), append(qb, b...)
	}
	l := layer{
		attentionNorm: t.norm(prefix + "attention.output.LayerNorm"),
		outNorm:       t.norm(prefix + "output.LayerNorm"),
	}
	if t.err == nil {
		l.qkv = pack(qw, qb, dim, 3*dim, k.cols)
	}
	l.attention = t.linear(prefix+"attention.output.dense", dim, dim, k.cols)
	l.up = t.linear(prefix+"intermediate.dense", dim, inner, k.cols)
	l.down = t.linear(prefix+"output.dense", inner, dim, k.cols)
	return l, t.err
}

func (t *tensors) norm(name string) layerNorm {
	return layerNorm{scale: t.read(name+".weight", dim), shift: t.read(name+".bias", dim)}
}

func (t *tensors) linear(name string, in, out, cols int) linear {
	w, b := t.read(name+".weight", out, in), t.read(name+".bias", out)
	if t.err != nil {
		return linear{}
	}
	return pack(w, b, in, out, cols)
}

// pack returns the layer with the weights w, which has one row for each output.
func pack(w, bias []float32, in, out, cols int) linear {
	l := linear{in: in, out: out, bias: bias, panels: make([]float32, in*out)}
	for o := range out {
		panel := l.panels[o/cols*cols*in+o%cols:]
		for i, v := range w[o*in : (o+1)*in] {
			panel[i*cols] = v
		}
	}
	return l
}

func scale(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// word sets x to the embedding of the word piece id, without its position. buf has
// 4·dim bytes.
func (w *weights) word(x []float32, id int32, buf []byte) error {
	if _, err := w.words.ReadAt(buf, int64(id)*4*dim); err != nil {
		return fmt.Errorf("read word piece: %w", err)
	}
	decode(x, buf)
	return nil
}
