package milvus_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// benchDim is the dimension of all-MiniLM-L6-v2.
const benchDim = 384

func benchFingerprint() index.Fingerprint {
	fp := fingerprint()
	fp.Model, fp.Dim = fmt.Sprintf("test/%d", benchDim), benchDim
	return fp
}

// benchChange returns a page of 10 chunks of 2000 characters, two windows each.
func benchChange(p int) index.Change {
	const chunks = 10
	url := urlOf(p)
	c := index.Change{Page: index.Page{URL: url, Source: "example.com", Status: 200, Chunks: chunks, Decision: "indexed"}}
	for n := range chunks {
		text := strings.Repeat(fmt.Sprintf("chunk %d of page %d. ", n, p), 200)[:2000]
		c.Insert = append(c.Insert, index.Record{
			Chunk:   index.Chunk{ID: index.ChunkID(url, text, 0), URL: url, Text: text, Ordinal: n, Source: "example.com", Lang: "en"},
			Windows: [][]float32{vectorOf(text, benchDim), vectorOf(text+"2", benchDim)},
			Terms:   bm25.Document(text, "en"),
		})
	}
	return c
}

func BenchmarkSearch(b *testing.B) {
	for _, chunks := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(chunks), func(b *testing.B) {
			s := openAt(b, milvus.Config{URI: filepath.Join(b.TempDir(), "a.db"), Name: "bench", LiteDir: milvustest.LiteDir(b)})
			r, err := s.Begin(b.Context(), benchFingerprint(), false)
			if err != nil {
				b.Fatal(err)
			}
			for p := 0; p < chunks/10; p += 20 {
				var changes []index.Change
				for q := range 20 {
					changes = append(changes, benchChange(p+q))
				}
				if err := r.Put(b.Context(), changes); err != nil {
					b.Fatal(err)
				}
			}
			if err := r.Commit(b.Context()); err != nil {
				b.Fatal(err)
			}
			vec := vectorOf("question", benchDim)
			for b.Loop() {
				if _, err := retrievetest.Nearest(b.Context(), s, vec, 5, retrieve.Filter{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPut puts 20 pages at a time.
func BenchmarkPut(b *testing.B) {
	s := openAt(b, milvus.Config{URI: filepath.Join(b.TempDir(), "a.db"), Name: "bench", LiteDir: milvustest.LiteDir(b)})
	r, err := s.Begin(b.Context(), benchFingerprint(), false)
	if err != nil {
		b.Fatal(err)
	}
	page := 0
	for b.Loop() {
		b.StopTimer()
		var changes []index.Change
		for range 20 {
			changes = append(changes, benchChange(page))
			page++
		}
		b.StartTimer()
		if err := r.Put(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(200*b.N)/b.Elapsed().Seconds(), "chunks/s")
}
