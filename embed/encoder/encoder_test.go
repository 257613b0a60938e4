package encoder

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testPieces is the longest text of the models of tests.
const testPieces = 300

// randomWords gives each piece an embedding of its own.
type randomWords struct{}

func (randomWords) Word(x []float32, id int32, _ []byte) error {
	h := uint32(id)
	for i := range x {
		h = h*1664525 + 1013904223
		x[i] = float32(int32(h)) / (1 << 30)
	}
	return nil
}

// newEncoder returns a model with random parameters, which depend on nothing else.
func newEncoder(t *testing.T, k *Kernel, words Words) *Encoder {
	t.Helper()
	norm := func(rng *rand.Rand) Norm {
		n := Norm{random(rng, Dim, 0.1), random(rng, Dim, 0.1)}
		for i := range n.Scale {
			n.Scale[i]++
		}
		return n
	}
	rng := rand.New(rand.NewPCG(8, 9))
	e, err := New(Config{MaxPieces: testPieces, Words: words, Positions: random(rng, testPieces*Dim, 0.1), Norm: norm(rng), Layers: 2, Kernel: k,
		Layer: func(i int) (Layer, error) {
			rng := rand.New(rand.NewPCG(uint64(i), 10))
			linear := func(in, out int) Linear { return Linear{random(rng, in*out, 0.05), random(rng, out, 0.1)} }
			return Layer{Query: linear(Dim, Dim), Key: linear(Dim, Dim), Value: linear(Dim, Dim), Attention: linear(Dim, Dim), AttentionNorm: norm(rng),
				Up: linear(Dim, Inner), Down: linear(Inner, Dim), OutNorm: norm(rng)}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// someTexts returns n texts of different lengths.
func someTexts(n int) [][]int32 {
	texts := make([][]int32, n)
	for i := range texts {
		texts[i] = make([]int32, 1+i*37%testPieces)
		for j := range texts[i] {
			texts[i][j] = int32(i + j*j)
		}
	}
	return texts
}

// All kernels compute the same vectors, of unit length.
func TestKernelsAgree(t *testing.T) {
	texts := [][]int32{{3}, {1, 2, 3, 4, 5, 6, 7}, {9, 8}}
	want, err := newEncoder(t, generic, randomWords{}).Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Kernels() {
		got, err := newEncoder(t, k, randomWords{}).Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			var dot, length float64
			for j, x := range got[i] {
				dot += float64(x) * float64(want[i][j])
				length += float64(x) * float64(x)
			}
			if dot < 0.999999 || math.Abs(length-1) > 1e-5 {
				t.Errorf("%s: text %d: cosine %v with the generic kernel, squared length %v", k.Name, i, dot, length)
			}
		}
	}
}

// A vector depends on its text alone, to the last bit: not on its company, nor on how
// many goroutines compute it.
func TestEmbedAlone(t *testing.T) {
	e, texts := newEncoder(t, nil, randomWords{}), someTexts(12)
	together, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, others := range []int32{0, 1000} { // passes; with 1000, none has helpers
		e.load.passes.Add(others)
		for i := range texts {
			alone, err := e.Embed(t.Context(), texts[i:i+1])
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(together[i], alone[0]); d != "" {
				t.Errorf("text %d in company, and alone beside %d passes:\n%s", i, others, d)
			}
		}
		e.load.passes.Add(-others)
	}
}

func TestEmbedTogether(t *testing.T) {
	e, texts := newEncoder(t, nil, randomWords{}), someTexts(12)
	want, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range len(texts) - 1 {
		wg.Go(func() {
			got, err := e.Embed(t.Context(), texts[i:i+2])
			if err != nil || !cmp.Equal(got, want[i:i+2]) {
				t.Errorf("texts %d and %d beside others: %v, other vectors: %v", i, i+1, err, err == nil)
			}
		})
	}
	wg.Wait()
}

func TestEmbedCanceled(t *testing.T) {
	e := newEncoder(t, nil, randomWords{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := e.Embed(ctx, someTexts(2))
	if len(got) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Embed = %v, %v, want none and context.Canceled", got, err)
	}

	// Nor does it wait for memory.
	for range cap(e.free) {
		<-e.free
	}
	if _, err := e.forward(ctx, someTexts(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("forward = %v, want context.Canceled", err)
	}
}

// canceling cancels when it has been asked so often.
type canceling struct {
	randomWords
	left   atomic.Int64
	cancel func()
}

func (c *canceling) Word(x []float32, id int32, buf []byte) error {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.randomWords.Word(x, id, buf)
}

func TestEmbedCanceledPartWay(t *testing.T) {
	texts := make([][]int32, 40)
	for i := range texts {
		texts[i] = make([]int32, 254-i) // each a pass of its own
		texts[i][0] = int32(i)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	words := &canceling{cancel: cancel}
	words.left.Store(5 * batchPieces)
	e := newEncoder(t, nil, words)
	got, err := e.Embed(ctx, texts)
	if !errors.Is(err, context.Canceled) || len(got) < 3 || len(got) > 10 {
		t.Fatalf("Embed = %d vectors, %v, want about 5 and context.Canceled", len(got), err)
	}
	want, err := e.Embed(t.Context(), texts[:len(got)])
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("vectors beside the error are not those of the first texts:\n%s", d)
	}
}

type noWords struct{}

func (noWords) Word([]float32, int32, []byte) error { return io.ErrUnexpectedEOF }

func TestErrors(t *testing.T) {
	if _, err := newEncoder(t, nil, noWords{}).Embed(t.Context(), someTexts(1)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Embed = %v, want the error of the words", err)
	}
	_, err := New(Config{Layers: 3, Layer: func(int) (Layer, error) { return Layer{}, io.ErrUnexpectedEOF }})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("New = %v, want the error of the layer", err)
	}
	if Slow() != (Kernels()[0] == generic) {
		t.Errorf("Slow() = %v", Slow())
	}
}
