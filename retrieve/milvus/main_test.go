package milvus_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// childEnv makes the test binary a second process that ingests: it names the
// file, the first page, and the number of pages.
const childEnv = "CITEWELL_TEST_CHILD"

func TestMain(m *testing.M) {
	if file := os.Getenv(childEnv); file != "" {
		if err := child(file); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	milvustest.Main(pgtest.With(m))
}

// child ingests pages and prints the number of each that was acknowledged.
func child(file string) error {
	ctx := context.Background()
	s, err := milvus.Open(ctx, milvus.Config{URI: file, Name: "shared", LiteDir: os.Getenv("CITEWELL_TEST_LITE")})
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Begin(ctx, fingerprint(), false)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	first, err1 := strconv.Atoi(os.Getenv("CITEWELL_TEST_FIRST"))
	n, err2 := strconv.Atoi(os.Getenv("CITEWELL_TEST_PAGES"))
	if err1 != nil || err2 != nil {
		return fmt.Errorf("%v, %v", err1, err2)
	}
	for p := first; p < first+n; p++ {
		if err := r.Put(ctx, []index.Change{change(p)}); err != nil {
			return err
		}
		fmt.Println(p)
	}
	if err := r.Commit(ctx); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

const dim = 32

func fingerprint() index.Fingerprint {
	return index.Fingerprint{Model: "test/32", Dim: dim, Index: "FLAT", Metric: "L2",
		Chunker: "recursive 2000/200", Schema: index.SchemaVersion}
}

// chunksPerPage is what each page of these tests has.
const chunksPerPage = 3

func urlOf(p int) string { return fmt.Sprintf("https://example.com/%d", p) }

// change returns a new page.
func change(p int) index.Change {
	c := index.Change{Page: index.Page{URL: urlOf(p), Source: "example.com", Status: 200, Chunks: chunksPerPage, Decision: "indexed"}}
	for n := range chunksPerPage {
		text := fmt.Sprintf("chunk %d of page %d", n, p)
		c.Insert = append(c.Insert, index.Record{
			Chunk:   index.Chunk{ID: index.ChunkID(urlOf(p), text, 0), URL: urlOf(p), Text: text, Ordinal: n, Source: "example.com", Lang: "en"},
			Windows: [][]float32{vectorOf(text, dim)},
			Terms:   bm25.Document(text, "en"),
		})
	}
	return c
}

// vectorOf returns a vector of unit length that depends on the text alone.
func vectorOf(text string, dim int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(text))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	v, norm := make([]float32, dim), 0.0
	for i := range v {
		v[i] = float32(r.NormFloat64())
		norm += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	return v
}
