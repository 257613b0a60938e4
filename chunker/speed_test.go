package chunker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/citewell/citewell/chunker"
)

// documents are texts of each shape that costs time in its own way.
var documents = []struct {
	name string
	text string
}{
	{"sections", strings.Repeat("## Small section\n\n"+strings.Repeat("Chunks hold about two thousand characters. ", 12)+"\n\n", 800)},
	{"long section", "# One\n\n" + strings.Repeat(strings.Repeat("Chunks hold about two thousand characters. ", 12)+"\n\n", 800)},
	{"one paragraph", "# One\n\n" + strings.Repeat("Chunks hold about two thousand characters, says 日本. ", 8000)},
	{"code", "# One\n\n```go\n" + strings.Repeat("\tx = append(x, y[i])\n", 20000) + "```\n"},
	{"table", "# One\n\n| a | b |\n|---|---|\n" + strings.Repeat("| cell of a row | another one |\n", 12000)},
	{"cjk", "# 一\n\n" + strings.Repeat("文書は句点で切られる。見出しは次の段落と共にある。", 5000)},
	{"bare headings", strings.Repeat("## x\n\n", 50000)},
	{"unbroken", "# One\n\n" + strings.Repeat("a1b2c3d4", 50000)},
}

func BenchmarkSplitDocument(b *testing.B) {
	for _, bb := range documents {
		headings := headingsOf(bb.text)
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				chunker.SplitDocument(bb.text, headings, chunker.Options{Kind: chunker.Document})
			}
		})
	}
}

// BenchmarkFolder splits the files that CITEWELL_CHUNKER_TEXTS matches, such as
// 'corpora/*.md', to compare with other splitters on the same texts.
func BenchmarkFolder(b *testing.B) {
	names, err := filepath.Glob(os.Getenv("CITEWELL_CHUNKER_TEXTS"))
	if err != nil || len(names) == 0 {
		b.Skip("CITEWELL_CHUNKER_TEXTS matches no file")
	}
	var texts []string
	var headings [][]chunker.Heading
	size := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		texts, headings = append(texts, string(data)), append(headings, headingsOf(string(data)))
		size += len(data)
	}
	b.Run("recursive", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			for _, text := range texts {
				chunker.Split(text, chunker.Options{})
			}
		}
	})
	b.Run("document", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			for i, text := range texts {
				chunker.SplitDocument(text, headings[i], chunker.Options{Kind: chunker.Document})
			}
		}
	})
}
