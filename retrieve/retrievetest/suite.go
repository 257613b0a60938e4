package retrievetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A Store is what the suite tests.
type Store interface {
	retrieve.Searcher
	index.Opener
	Fingerprint(ctx context.Context) (index.Fingerprint, error)
	index.Manifest
	Crawls(ctx context.Context) ([]index.Crawl, error)
	Records(ctx context.Context, url string) ([]index.Record, error)
}

// An Open returns a store on the index of that name, closed when t ends. Two stores with
// one name share the index; an index with a new name does not exist. Open is called from
// several goroutines.
type Open func(t *testing.T, name string) Store

// Run tests a store against the contracts of packages retrieve and retrieve/index.
func Run(t *testing.T, open Open) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"BruteForce", testBruteForce},
		{"Ties", testTies},
		{"Windows", testWindows},
		{"Sparse", testSparse},
		{"Sides", testSides},
		{"Statistics", testStatistics},
		{"Filter", testFilter},
		{"HostileFilter", testHostileFilter},
		{"NoIndex", testNoIndex},
		{"Empty", testEmpty},
		{"BadQuery", testBadQuery},
		{"RoundTrip", testRoundTrip},
		{"Change", testChange},
		{"Repeated", testRepeated},
		{"Large", testLarge},
		{"Refused", testRefused},
		{"Remove", testRemove},
		{"Manifest", testManifest},
		{"Crawls", testCrawls},
		{"Mismatch", testMismatch},
		{"Rebuild", testRebuild},
		{"RebuildOther", testRebuildOther},
		{"SetModel", testSetModel},
		{"OlderSchema", testOlderSchema},
		{"Abandoned", testAbandoned},
		{"Busy", testBusy},
		{"Concurrent", testConcurrent},
		{"Canceled", testCanceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // a server takes seconds to create an index, mostly waiting
			tt.test(t, open)
		})
	}
}

// nameOf returns an index name for a test: a new one each time.
func nameOf(t *testing.T) string {
	name := strings.Map(func(r rune) rune {
		if r == '/' || r == '=' || r == '-' || r == '#' {
			return '_'
		}
		return r
	}, t.Name())
	return fmt.Sprintf("%.40s_%08x", name, rand.Uint32())
}

const dim = 24

// fingerprint returns settings for tests.
func fingerprint(metric string) index.Fingerprint {
	return index.Fingerprint{Model: fmt.Sprintf("test/%d", dim), Dim: dim, Index: "FLAT", Metric: metric,
		Chunker: "recursive 2000/200", Schema: index.SchemaVersion}
}

// vectorOf returns a vector of unit length that depends on seed alone.
func vectorOf(seed string) embed.Vector {
	h := fnv.New128a()
	h.Write([]byte(seed))
	sum := h.Sum(nil)
	r := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])))
	v := make([]float64, dim)
	var norm float64
	for i := range v {
		v[i] = r.NormFloat64()
		norm += v[i] * v[i]
	}
	out := make(embed.Vector, dim)
	for i := range v {
		out[i] = float32(v[i] / math.Sqrt(norm))
	}
	return out
}

// crawled is the time of every page of the tests.
var crawled = time.Date(2026, 11, 21, 10, 0, 0, 123_456_000, time.UTC)

// record returns the n-th chunk of a page, with windows windows.
func record(url string, n, windows int) index.Record {
	text := fmt.Sprintf("text %d of %s", n, url)
	r := index.Record{
		Chunk: index.Chunk{
			ID: index.ChunkID(url, text, 0), URL: url, Title: "Title of " + url, Section: "A > B", Anchor: "b",
			Text: text, Ordinal: n, Start: 100 * n, End: 100*n + len(text), Source: "example.com", Lang: "en", Flags: "hidden,imperative",
			ContentHash: index.ContentHash(url), Modified: crawled.Add(-time.Hour), CrawledAt: crawled,
		},
		Terms: bm25.Document(text, "en"),
	}
	for w := range windows {
		r.Windows = append(r.Windows, vectorOf(fmt.Sprintf("%s#%d", r.ID, w)))
	}
	return r
}

// change returns a page with chunks of one window each.
func change(url string, chunks int) index.Change {
	c := index.Change{Page: page(url, chunks)}
	for n := range chunks {
		c.Insert = append(c.Insert, record(url, n, 1))
	}
	return c
}

func page(url string, chunks int) index.Page {
	return index.Page{
		URL: url, Title: "Title of " + url, Source: "example.com", Status: 200, ETag: `"abc"`, LastModified: "Sat, 21 Nov 2026 10:00:00 GMT",
		ContentHash: index.ContentHash(url), Chunks: chunks, TextRunes: 1234, Canonical: url + "#c", DiscoveredFrom: "https://example.com/sitemap.xml",
		Decision: index.DecisionDuplicate, Reason: "it's the same as \"another\"", CrawledAt: crawled,
	}
}

// begin starts a run, or ends the test. The run is closed when the test ends.
func begin(t *testing.T, s Store, metric string) index.Run {
	t.Helper()
	return beginAs(t, s, fingerprint(metric), false)
}

func beginAs(t *testing.T, s Store, fp index.Fingerprint, rebuild bool) index.Run {
	t.Helper()
	r, err := s.Begin(t.Context(), fp, rebuild)
	if err != nil {
		t.Fatalf("Begin(rebuild: %v) = %v", rebuild, err)
	}
	t.Cleanup(func() { end(t, r) })
	return r
}

// end ends a run without Commit, as if its process had been killed.
func end(t *testing.T, r index.Run) {
	t.Helper()
	if err := r.Close(t.Context()); err != nil {
		t.Errorf("Close() = %v", err)
	}
}

// put applies changes, or ends the test.
func put(t *testing.T, r index.Run, changes ...index.Change) {
	t.Helper()
	if err := r.Put(t.Context(), changes); err != nil {
		t.Fatalf("Put() = %v", err)
	}
}

// commit ends a run, or the test.
func commit(t *testing.T, r index.Run) {
	t.Helper()
	if err := r.Commit(t.Context()); err != nil {
		t.Fatalf("Commit() = %v", err)
	}
}

// fill creates an index with these changes.
func fill(t *testing.T, s Store, metric string, changes ...index.Change) {
	t.Helper()
	r := begin(t, s, metric)
	put(t, r, changes...)
	commit(t, r)
}

// search finds chunks, or ends the test.
func search(t *testing.T, s Store, vec embed.Vector, k int, f retrieve.Filter) []retrieve.Hit {
	t.Helper()
	hits, err := Nearest(t.Context(), s, vec, k, f)
	if err != nil {
		t.Fatalf("Search(k=%d, %+v) = %v", k, f, err)
	}
	return hits
}

// ids returns the keys of hits, in order.
func ids(hits []retrieve.Hit) []string {
	keys := make([]string, len(hits))
	for i, h := range hits {
		keys[i] = h.ID
	}
	return keys
}
