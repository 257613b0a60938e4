package e5

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
)

// Long is 16 texts of exactly 256 pieces, Query one of 12.
func BenchmarkEmbed(b *testing.B) {
	m := openModel(b)
	text := func(n int) string { return strings.Repeat("wort ", n-2-len(m.tok.Encode(passagePrefix))) }
	long := make([]string, 16)
	for i := range long {
		long[i] = text(256)
	}
	for _, tt := range []struct {
		name  string
		texts []string
	}{{"Long", long}, {"Query", []string{text(12)}}} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Embed(b.Context(), tt.texts, embed.Document); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(tt.texts))/b.Elapsed().Seconds(), "chunks/s")
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	m := openModel(b)
	text := strings.Repeat("Der Zug hält am alten Bahnhof, und niemand steigt aus. 这座城市的图书馆。", 30)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		m.tok.Encode(text)
	}
}
