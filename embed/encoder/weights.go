package encoder

import "math"

// The shape that all models have.
const (
	Dim     = 384  // of a vector, and of the state of a piece
	Inner   = 1536 // of the feed-forward part
	Heads   = 12   // of attention
	Epsilon = 1e-12

	headDim = Dim / Heads
)

// Words gives the embeddings of pieces. It is safe for concurrent use.
type Words interface {
	// Word sets x, which has Dim elements, to the embedding of the piece id, without
	// its position. It may use buf, which has 4·Dim bytes.
	Word(x []float32, id int32, buf []byte) error
}

// A Norm is the parameters of a layer normalisation, Dim each.
type Norm struct{ Scale, Shift []float32 }

// A Linear is the parameters of a fully connected layer: Weights has one row for each
// output, Bias one element.
type Linear struct{ Weights, Bias []float32 }

// A Layer is the parameters of one layer, as files have them.
type Layer struct {
	Query, Key, Value Linear // Dim × Dim
	Attention         Linear // Dim × Dim, the output of attention
	AttentionNorm     Norm
	Up                Linear // Inner × Dim
	Down              Linear // Dim × Inner
	OutNorm           Norm
}

// A layer is a Layer packed for a kernel.
type layer struct {
	qkv           linear // query, key and value side by side; query scaled by 1/√headDim
	attention     linear
	attentionNorm Norm
	up, down      linear
	outNorm       Norm
}

// A linear is a fully connected layer, packed into panels of a kernel's cols:
// panel, input, column.
type linear struct {
	in, out int
	panels  []float32
	bias    []float32
	gelu    bool // of the output
}

// packLayer packs l. It changes l.Query.
func packLayer(l Layer, cols int) layer {
	scale(l.Query.Weights, float32(1/math.Sqrt(headDim)))
	scale(l.Query.Bias, float32(1/math.Sqrt(headDim)))
	var qkv Linear
	for _, part := range []Linear{l.Query, l.Key, l.Value} {
		qkv.Weights, qkv.Bias = append(qkv.Weights, part.Weights...), append(qkv.Bias, part.Bias...)
	}
	up := pack(l.Up, Dim, Inner, cols)
	up.gelu = true
	return layer{
		qkv:           pack(qkv, Dim, 3*Dim, cols),
		attention:     pack(l.Attention, Dim, Dim, cols),
		attentionNorm: l.AttentionNorm,
		up:            up,
		down:          pack(l.Down, Inner, Dim, cols),
		outNorm:       l.OutNorm,
	}
}

// pack packs l, which has in inputs and out outputs. Nothing here is shared between
// goroutines, and looking for races takes most of the time of opening a model.
//
//go:norace
func pack(l Linear, in, out, cols int) linear {
	p := linear{in: in, out: out, bias: l.Bias, panels: make([]float32, in*out)}
	for o := range out {
		panel := p.panels[o/cols*cols*in+o%cols:]
		for i, v := range l.Weights[o*in : (o+1)*in] {
			panel[i*cols] = v
		}
	}
	return p
}

func scale(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}
