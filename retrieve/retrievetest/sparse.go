package retrievetest

import (
	"fmt"
	"math"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
	"github.com/citewell/citewell/retrieve/index"
)

// published returns what a store has published, or ends the test. It skips the test on
// an engine without sparse vectors.
func published(t *testing.T, s Store) index.Info {
	t.Helper()
	ix, err := s.Index(t.Context())
	if err != nil {
		t.Fatalf("Index() = %v", err)
	}
	if ix.Statistics == nil {
		if ix.Lacks == "" {
			t.Fatal("Index() has no statistics and does not say why")
		}
		t.Skip(ix.Lacks)
	}
	return ix
}

// recount counts the terms and the words of records.
func recount(records ...[]index.Record) (*bm25.Statistics, *vocabulary.Vocabulary) {
	var terms bm25.Counter
	var words vocabulary.Counter
	for _, rs := range records {
		for _, r := range rs {
			terms.Add(r.Terms.Dims, r.Lang)
			words.Add(r.Title + "\n" + r.Section + "\n" + r.Text)
		}
	}
	return terms.Statistics(), words.Vocabulary()
}

// wordy returns a page whose chunks have words in common.
func wordy(url, lang string, chunks int) index.Change {
	c := change(url, chunks)
	for n := range c.Insert {
		text := "alpha common"
		for w := range 1 + n%5 {
			text += fmt.Sprintf(" word%d beta%d", n%(w+2), w)
		}
		c.Insert[n].Lang, c.Insert[n].Terms = lang, bm25.Document(text, lang)
		c.Insert[n].Section = fmt.Sprintf("Section %c%d", 'a'+n%7, n)
	}
	return c
}

// testStatistics tests that the published statistics equal a recount, whatever runs do,
// for every client.
func testStatistics(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	check := func(when string, records ...[]index.Record) {
		t.Helper()
		want, words := recount(records...)
		for client, c := range map[string]Store{"the same": s, "another": open(t, name)} {
			got := published(t, c)
			if !got.Statistics.Equal(want) {
				t.Errorf("%s, %s client: statistics of %d chunks in %v, want %d in %v", when, client, got.Statistics.Chunks(), got.Statistics.Langs(), want.Chunks(), want.Langs())
			}
			if !got.Vocabulary.Equal(words) {
				t.Errorf("%s, %s client: %d words, want %d", when, client, got.Vocabulary.Len(), words.Len())
			}
		}
	}
	a, b := wordy("https://example.com/a", "en", 30), wordy("https://example.com/b", "fr", 20)
	fill(t, s, "L2", a)
	check("after a run", a.Insert)
	fill(t, s, "L2", b)
	check("after another", a.Insert, b.Insert)

	shrunk := index.Change{Page: page(a.Page.URL, 29), Delete: []string{a.Insert[7].ID}}
	fill(t, s, "L2", shrunk)
	left := append(append([]index.Record{}, a.Insert[:7]...), a.Insert[8:]...)
	check("after a deletion", left, b.Insert)

	r := begin(t, s, "L2")
	put(t, r, wordy("https://example.com/c", "en", 10)) // and no commit: killed
	check("amid a run", left, b.Insert)
	end(t, r)
	c := wordy("https://example.com/c", "en", 10)
	fill(t, open(t, name), "L2") // changes nothing itself
	check("after a killed run and an empty one", left, b.Insert, c.Insert)

	r = begin(t, s, "L2")
	if _, err := r.Remove(t.Context(), []string{b.Page.URL}); err != nil {
		t.Fatal(err)
	}
	commit(t, r)
	check("after a removal", left, c.Insert)

	r = beginAs(t, s, fingerprint("IP"), true)
	put(t, r, b)
	check("amid a rebuild", left, c.Insert)
	commit(t, r)
	check("after a rebuild", b.Insert)
}

// testSparse tests a sparse search against the inner product with every chunk.
func testSparse(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	changes := []index.Change{wordy("https://example.com/a", "en", 40), wordy("https://example.com/b", "fr", 40)}
	bare := index.Record{Chunk: record("https://example.com/bare", 0, 1).Chunk, Windows: record("https://example.com/bare", 0, 1).Windows}
	changes = append(changes, index.Change{Page: page(bare.URL, 1), Insert: []index.Record{bare}})
	fill(t, s, "L2", changes...)
	stats := published(t, s).Statistics
	for _, tt := range []struct {
		question string
		depth    int
		filter   retrieve.Filter
	}{
		{"word1 beta4", 5, retrieve.Filter{}},
		{"word1 beta4", 200, retrieve.Filter{}},
		{"word2 word3", 200, retrieve.Filter{Lang: "fr"}},
		{"word0 beta2", 200, retrieve.Filter{URLPrefix: "https://example.com/a"}},
		{"common", 200, retrieve.Filter{}},
	} {
		t.Run(fmt.Sprintf("%s %d %+v", tt.question, tt.depth, tt.filter), func(t *testing.T) {
			terms := stats.Question(tt.question, "").Vector()
			found, err := s.Search(t.Context(), retrieve.Probe{Terms: terms, Depth: tt.depth, Filter: tt.filter})
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Dense) != 0 {
				t.Errorf("%d chunks were found by vectors, without one", len(found.Dense))
			}
			want := map[string]float64{}
			for _, c := range changes {
				for _, r := range c.Insert {
					if x := product(terms, r.Terms); x > 0 && tt.filter.Match(r.Chunk) {
						want[r.ID] = x
					}
				}
			}
			compareSparse(t, want, found, tt.depth)
		})
	}
	if found, err := s.Search(t.Context(), retrieve.Probe{Depth: 5}); err != nil || len(found.Dense)+len(found.Sparse) != 0 {
		t.Errorf("Search() of nothing = %+v, %v", found, err)
	}
}

// product returns the inner product of two sparse vectors.
func product(a, b bm25.Sparse) float64 {
	sum := 0.0
	for i, d := range a.Dims {
		for j, e := range b.Dims {
			if d == e {
				sum += float64(a.Weights[i]) * float64(b.Weights[j])
			}
		}
	}
	return sum
}

// compareSparse reports unexpected and missing chunks, and differences in score and
// order. If chunks with equal scores compete for the last place, any of them may have
// it.
func compareSparse(t *testing.T, want map[string]float64, found retrieve.Found, depth int) {
	t.Helper()
	if n := min(depth, len(want)); len(found.Sparse) != n {
		t.Fatalf("%d chunks were found, want %d", len(found.Sparse), n)
	}
	floor := math.Inf(1)
	got := map[string]bool{}
	for i, m := range found.Sparse {
		if math.Abs(m.Score-want[m.ID]) > 1e-4 {
			t.Errorf("chunk %d scores %v, want %v", i, m.Score, want[m.ID])
		}
		if i > 0 && (m.Score > floor || m.Score == floor && m.ID < found.Sparse[i-1].ID) {
			t.Errorf("chunk %d is not in its place", i)
		}
		floor, got[m.ID] = m.Score, true
	}
	for id, score := range want {
		if score > floor+1e-4 && !got[id] {
			t.Errorf("a chunk of score %v lacks, above the last one's %v", score, floor)
		}
	}
	if len(want) < depth && found.SparseFloor != 0 {
		t.Errorf("all were found, and the floor is %v, not 0", found.SparseFloor)
	}
	if len(want) > depth && math.Abs(found.SparseFloor-floor) > 1e-4 {
		t.Errorf("the floor is %v, not the last one's %v", found.SparseFloor, floor)
	}
}

// testSides tests that a search by vector and by terms finds what each finds alone, and
// that only windows above the floor are counted.
func testSides(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	c := wordy("https://example.com/a", "en", 60)
	for n := range c.Insert {
		c.Insert[n].Windows = record(c.Page.URL, n, 1+n%4).Windows
	}
	fill(t, s, "L2", c)
	published(t, s)
	stats, _ := recount(c.Insert)
	terms := stats.Question("word1 beta4", "").Vector()
	both, err := s.Search(t.Context(), retrieve.Probe{Vector: vectorOf("q"), Terms: terms, Depth: 10})
	if err != nil {
		t.Fatal(err)
	}
	alone := retrieve.Found{}
	for _, p := range []retrieve.Probe{{Vector: vectorOf("q"), Depth: 10}, {Terms: terms, Depth: 10}} {
		found, err := s.Search(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Vector != nil {
			alone.Dense, alone.DenseFloor = found.Dense, found.DenseFloor
		} else {
			alone.Sparse, alone.SparseFloor = found.Sparse, found.SparseFloor
		}
	}
	if diff := gocmp.Diff(alone, both); diff != "" {
		t.Errorf("Search() of both sides (-alone +both):\n%s", diff)
	}
	oracle := &Oracle{}
	fill(t, oracle, "L2", c)
	want, err := oracle.Search(t.Context(), retrieve.Probe{Vector: vectorOf("q"), Depth: 10})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range both.Dense {
		w := want.Dense[i]
		if m.ID != w.ID || m.Windows != w.Windows || math.Abs(m.Sum-w.Sum) > 1e-4 {
			t.Errorf("place %d: %+v, want %+v", i, m, w)
		}
	}
}
