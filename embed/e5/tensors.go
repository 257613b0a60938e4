package e5

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/citewell/citewell/embed/encoder"
)

// A tensor is where a tensor is in the file.
type tensor struct {
	kind         byte
	count        int64 // of numbers
	offset, size int64 // in bytes
}

// tensors reads tensors from a file. It keeps the first error.
type tensors struct {
	file io.ReaderAt
	at   map[string]tensor
	err  error
}

// find returns the tensor name, which must have this type and count.
func (t *tensors) find(name string, kind byte, count, size int) tensor {
	at := t.at[name]
	if t.err == nil && (at.kind != kind || at.count != int64(count) || at.size != int64(size)) {
		t.err = fmt.Errorf("tensor %s has %d numbers of type %d in %d bytes, want %d of type %d in %d", name, at.count, at.kind, at.size, count, kind, size)
	}
	return at
}

// bytes reads the tensor name as it is in the file.
func (t *tensors) bytes(name string, kind byte, count, size int) []byte {
	at := t.find(name, kind, count, size)
	if t.err != nil {
		return nil
	}
	b := make([]byte, size)
	if _, err := t.file.ReadAt(b, at.offset); err != nil {
		t.err = fmt.Errorf("read tensor %s: %w", name, err)
		return nil
	}
	return b
}

// floats returns a tensor of n floats.
func (t *tensors) floats(name string, n int) []float32 {
	b := t.bytes(name, typeFloat, n, 4*n)
	if b == nil {
		return nil
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x
}

// linear returns the layer whose tensors begin with name.
func (t *tensors) linear(name string, in, out int) encoder.Linear {
	n := in * out
	b := t.bytes(name+".w", typeQ4, n, n/blockWeights*blockBytes)
	if b == nil {
		return encoder.Linear{}
	}
	l := encoder.Linear{Weights: make([]float32, n), Bias: t.floats(name+".b", out)}
	decodeQ4(l.Weights, b)
	return l
}

func (t *tensors) norm(name string) encoder.Norm {
	return encoder.Norm{Scale: t.floats(name+".w", encoder.Dim), Shift: t.floats(name+".b", encoder.Dim)}
}

// encoder returns the model for the kernel k.
func (t *tensors) encoder(k *encoder.Kernel) (*encoder.Encoder, error) {
	at := t.find("emb.word", typeQ4, wordRows*encoder.Dim, wordRows*wordBytes)
	c := encoder.Config{
		MaxPieces: maxPieces,
		Words:     words{t.file, at.offset},
		Positions: t.floats("emb.pos", maxPieces*encoder.Dim),
		Norm:      t.norm("emb.ln"),
		Layers:    layers,
		Layer:     t.layer,
		Kernel:    k,
	}
	kinds := t.floats("emb.type", 2*encoder.Dim)
	if t.err != nil {
		return nil, t.err
	}
	for i := range c.Positions {
		c.Positions[i] += kinds[i%encoder.Dim]
	}
	return encoder.New(c)
}

// layer reads the layer i. It is called from several goroutines.
func (t *tensors) layer(i int) (encoder.Layer, error) {
	own := tensors{file: t.file, at: t.at}
	const dim, inner = encoder.Dim, encoder.Inner
	name := func(part string) string { return fmt.Sprintf("l%d.%s", i, part) }
	l := encoder.Layer{
		Query:         own.linear(name("q"), dim, dim),
		Key:           own.linear(name("k"), dim, dim),
		Value:         own.linear(name("v"), dim, dim),
		Attention:     own.linear(name("ao"), dim, dim),
		AttentionNorm: own.norm(name("aln")),
		Up:            own.linear(name("fi"), dim, inner),
		Down:          own.linear(name("fo"), inner, dim),
		OutNorm:       own.norm(name("oln")),
	}
	return l, own.err
}

// decodeQ4 sets dst to the weights of src, in blocks: a scale and 16 bytes. The lower
// half of byte j is weight j, the upper half weight j+16; 8 is added to each, and the
// scale divides it.
//
// Nothing here is shared between goroutines, and looking for races takes most of the
// time of opening the model.
//
//go:norace
func decodeQ4(dst []float32, src []byte) {
	for len(dst) > 0 {
		scale := float16(binary.LittleEndian.Uint16(src))
		for j, b := range src[2:blockBytes] {
			dst[j] = float32(int(b&15)-8) * scale
			dst[j+blockWeights/2] = float32(int(b>>4)-8) * scale
		}
		dst, src = dst[blockWeights:], src[blockBytes:]
	}
}

// float16 returns the number with the bits h of IEEE 754's binary16.
func float16(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, int(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0: // subnormal
		x := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(x) | sign)
	case 31: // infinite or not a number
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | uint32(exponent-15+127)<<23 | fraction<<13)
}
