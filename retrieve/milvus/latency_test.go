package milvus_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/minilm"
	"github.com/citewell/citewell/embed/modelfile"
	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// latencyChunks is how many chunks BenchmarkHybrid searches, unless the
// environment says otherwise (LATENCY_CHUNKS=100000 takes some minutes to fill).
const latencyChunks = 10_000

// words are what the texts of the benchmark are made of: few often, many seldom,
// as in any language.
func words(r *rand.Rand, n int) string {
	z := rand.NewZipf(r, 1.1, 8, 30_000)
	var b strings.Builder
	for range n {
		for x := z.Uint64() + 26; x > 0; x /= 26 {
			b.WriteByte(byte('a' + x%26))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// latencyChange returns a page of 10 chunks of 300 words and four windows each.
func latencyChange(p int) index.Change {
	url := urlOf(p)
	c := index.Change{Page: index.Page{URL: url, Source: "example.com", Status: 200, Chunks: 10, Decision: "indexed"}}
	r := rand.New(rand.NewPCG(uint64(p), 1))
	for n := range 10 {
		text := words(r, 300)
		rec := index.Record{
			Chunk: index.Chunk{ID: index.ChunkID(url, text, 0), URL: url, Title: words(r, 3), Text: text, Ordinal: n, Source: "example.com", Lang: "en"},
			Terms: bm25.Document(text, "en"),
		}
		for w := range 4 {
			rec.Windows = append(rec.Windows, vectorOf(fmt.Sprint(rec.ID, w), benchDim))
		}
		c.Insert = append(c.Insert, rec)
	}
	return c
}

// questionEmbedder returns the local model, without fetching it.
func questionEmbedder(b *testing.B) embed.Embedder {
	m, err := minilm.Open(b.Context(), minilm.Config{Config: modelfile.Config{Dir: os.Getenv("CITEWELL_MODEL_DIR"), Offline: true}})
	if err != nil {
		b.Skip("the embedding model is not in the cache: ", err)
	}
	b.Cleanup(func() { m.Close() })
	return m
}

// BenchmarkHybrid compares a hybrid search with its parts by themselves: the
// question's embedding, both searches at the same depth side by side, and one
// fetch of the texts. It reports the medians and their ratio.
func BenchmarkHybrid(b *testing.B) {
	chunks := latencyChunks
	if n, err := strconv.Atoi(os.Getenv("LATENCY_CHUNKS")); err == nil {
		chunks = n
	}
	s := openAt(b, milvus.Config{URI: filepath.Join(b.TempDir(), "a.db"), Name: "bench", LiteDir: milvustest.LiteDir(b)})
	e := questionEmbedder(b)
	fp := benchFingerprint()
	fp.Analyser, fp.Model = bm25.Analyser, e.Model()
	run, err := s.Begin(b.Context(), fp, false)
	if err != nil {
		b.Fatal(err)
	}
	for p := 0; p < chunks/10; p += 20 {
		var changes []index.Change
		for q := range 20 {
			changes = append(changes, latencyChange(p+q))
		}
		if err := run.Put(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
	}
	begun := time.Now()
	if err := run.Commit(b.Context()); err != nil {
		b.Fatal(err)
	}
	committed := time.Since(begun)
	ix, err := s.Index(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: s})
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(7, 7))
	var whole, parts, dense, sparse []time.Duration
	timed := func(to *[]time.Duration, f func() error) {
		begun := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		*to = append(*to, time.Since(begun))
	}
	for b.Loop() {
		text := words(rnd, 10)
		probe := retrieve.Probe{Vector: vectorOf(text, benchDim), Terms: ix.Statistics.Question(text, "").Vector(), Depth: retrieve.Depth}
		timed(&parts, func() error {
			vecs, err := e.Embed(b.Context(), []string{text}, embed.Query)
			if err != nil {
				return err
			}
			probe.Vector = vecs[0]
			return rawParts(b.Context(), s, probe)
		})
		timed(&whole, func() error {
			_, err := r.Retrieve(b.Context(), retrieve.Query{Text: text})
			return err
		})
		timed(&dense, func() error {
			_, err := s.Search(b.Context(), retrieve.Probe{Vector: probe.Vector, Depth: probe.Depth})
			return err
		})
		timed(&sparse, func() error {
			_, err := s.Search(b.Context(), retrieve.Probe{Terms: probe.Terms, Depth: probe.Depth})
			return err
		})
	}
	b.ReportMetric(0, "ns/op")
	for name, ds := range map[string][]time.Duration{"hybrid": whole, "parts": parts, "dense": dense, "sparse": sparse} {
		b.ReportMetric(median(ds), name+"-p50-ms")
	}
	b.ReportMetric(median(whole)/median(parts), "ratio")
	b.ReportMetric(committed.Seconds()*1000, "commit-ms")
}

func median(ds []time.Duration) float64 {
	ds = slices.Sorted(slices.Values(ds))
	return float64(ds[len(ds)/2].Microseconds()) / 1000
}

// rawParts is what nothing can do without: both searches and the texts of what
// both found first.
func rawParts(ctx context.Context, s *milvus.Store, p retrieve.Probe) error {
	g, gctx := errgroup.WithContext(ctx)
	var found [2]retrieve.Found
	for i, side := range []retrieve.Probe{{Vector: p.Vector, Depth: p.Depth}, {Terms: p.Terms, Depth: p.Depth}} {
		g.Go(func() (err error) {
			found[i], err = s.Search(gctx, side)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var ids []string
	for _, m := range append(found[0].Dense, found[1].Sparse...) {
		if len(ids) < 20 && !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	_, err := s.Chunks(ctx, ids)
	return err
}
