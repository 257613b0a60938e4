package minilm

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/encoder"
)

// wordText returns a text of n word pieces, [CLS] and [SEP] among them.
func wordText(n int) string { return strings.Repeat("word ", n-2) }

// Long is 64 texts of exactly 256 word pieces, Mixed 64 of 16 to 256, Query one
// of 12. On two cores of an AMD EPYC with AVX-512 that had other work too
// (2026-11-22): Long 30 chunks/s, Mixed 47. A chunk of Long took
// 39 ms of processor time with AVX-512, 66 ms with AVX2, one of Mixed 21 ms
// with AVX-512. Query took 2.3 ms on one core and 1.4 ms on two of a Xeon with
// AVX-512 (2026-11-28).
func BenchmarkEmbed(b *testing.B) {
	long, mixed := make([]string, 64), make([]string, 64)
	for i := range long {
		long[i] = wordText(maxPieces)
		mixed[i] = wordText(16 + i*37%64*240/63)
	}
	for _, tt := range []struct {
		name  string
		texts []string
	}{
		{"Long", long}, {"Mixed", mixed}, {"Query", []string{wordText(12)}},
	} {
		for _, k := range encoder.Kernels() {
			texts := tt.texts
			if k.Name == generic {
				texts = texts[:min(len(texts), 4)]
			}
			b.Run(tt.name+"/"+k.Name, func(b *testing.B) {
				m := openModel(b, k)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := m.Embed(b.Context(), texts, embed.Document); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "chunks/s")
			})
		}
	}
}

func BenchmarkWindows(b *testing.B) {
	m := &Model{tok: openTokenizer(b)}
	text := strings.Repeat("Plain words, and some that are not so usual: tokenizer. ", 36)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		m.Windows("Guide > Setup", text)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		openModel(b, nil)
	}
}
