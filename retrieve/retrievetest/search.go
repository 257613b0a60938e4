package retrievetest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// A pair is a chunk and its score.
type pair struct {
	id    string
	score float64
}

// bruteForce ranks records for a question.
func bruteForce(records []index.Record, vec embed.Vector, k int) []pair {
	all := make([]pair, len(records))
	for i, r := range records {
		best := math.Inf(-1)
		for _, w := range r.Windows {
			dot := 0.0
			for j := range w {
				dot += float64(w[j]) * float64(vec[j])
			}
			best = max(best, dot)
		}
		all[i] = pair{r.ID, best}
	}
	slices.SortFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.id, b.id))
	})
	return all[:min(k, len(all))]
}

// testBruteForce tests that a FLAT index returns what brute force returns, id for id.
func testBruteForce(t *testing.T, open Open) {
	for _, metric := range []string{"L2", "IP", "COSINE"} {
		t.Run(metric, func(t *testing.T) {
			var changes []index.Change
			var records []index.Record
			for p := range 40 {
				url := fmt.Sprintf("https://example.com/%s/%d", metric, p)
				c := index.Change{Page: page(url, 30)}
				for n := range 30 {
					c.Insert = append(c.Insert, record(url, n, 1+n%3))
				}
				changes = append(changes, c)
				records = append(records, c.Insert...)
			}
			s := open(t, nameOf(t))
			fill(t, s, metric, changes...)
			for q := range 100 {
				vec, k := vectorOf(fmt.Sprint("question ", q)), 1+q%20
				compare(t, bruteForce(records, vec, k), search(t, s, vec, k, retrieve.Filter{}))
			}
			all := search(t, s, vectorOf("all"), 2000, retrieve.Filter{})
			compare(t, bruteForce(records, vectorOf("all"), 2000), all)
		})
	}
}

// compare reports chunks in the wrong place, and scores that differ by more than 1e-4.
func compare(t *testing.T, want []pair, got []retrieve.Hit) {
	t.Helper()
	wantIDs := make([]string, len(want))
	for i, w := range want {
		wantIDs[i] = w.id
	}
	if diff := gocmp.Diff(wantIDs, ids(got)); diff != "" {
		t.Fatalf("Search() differs from brute force (-want +got):\n%s", diff)
	}
	for i, w := range want {
		if math.Abs(w.score-got[i].Score) > 1e-4 {
			t.Errorf("hit %d has score %v, want %v", i, got[i].Score, w.score)
		}
	}
}

// testTies tests that chunks with the same vector are ordered by key, also if only some
// of them are among the k best.
func testTies(t *testing.T, open Open) {
	var changes []index.Change
	var records []index.Record
	for p := range 6 {
		c := change(fmt.Sprintf("https://example.com/%d", p), 30)
		for i := range c.Insert {
			c.Insert[i].Windows = []embed.Vector{vectorOf("the one")}
			if p == 0 {
				c.Insert[i].Windows = []embed.Vector{vectorOf("the one"), vectorOf("the one")}
			}
		}
		changes = append(changes, c)
		records = append(records, c.Insert...)
	}
	best := change("https://example.com/best", 3)
	for i := range best.Insert {
		best.Insert[i].Windows = []embed.Vector{vectorOf("question")}
	}
	changes, records = append(changes, best), append(records, best.Insert...)
	s := open(t, nameOf(t))
	fill(t, s, "L2", changes...)
	for _, k := range []int{1, 2, 3, 4, 10, 100, 200} {
		compare(t, bruteForce(records, vectorOf("question"), k), search(t, s, vectorOf("question"), k, retrieve.Filter{}))
	}
}

// testWindows tests that a chunk has the score of its best window, and one place.
func testWindows(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	long := record("https://example.com/long", 0, 0)
	for range 200 {
		long.Windows = append(long.Windows, vectorOf("question"))
	}
	changes := []index.Change{
		{Page: page(long.URL, 1), Insert: []index.Record{long}},
		change("https://example.com/short", 5),
	}
	fill(t, s, "IP", changes...)
	records := append([]index.Record{long}, changes[1].Insert...)
	compare(t, bruteForce(records, vectorOf("question"), 5), search(t, s, vectorOf("question"), 5, retrieve.Filter{}))
}

// filterURLs are pages that differ in what filters compare.
var filterURLs = []struct{ url, source, lang, version, alsoIn string }{
	{"https://example.com/docs/a", "example.com", "en", "", ""},
	{"https://example.com/docs/b", "example.com", "de", "", ""},
	{"https://example.com/docs", "example.com", "", "", ""},
	{"https://example.com/doc_/a", "example.com", "en", "", ""},
	{"https://example.com/docX/a", "example.com", "en", "", ""},
	{"https://example.com/doc%/a", "example.com", "en", "", ""},
	{"https://example.com/100%25/a", "example.com", "pt-BR", "", ""},
	{"https://example.com/100%/a", "example.com", "pt", "", ""},
	{"https://example.com/o'neil/a", "o'neil", "en", "", ""},
	{"https://bücher.example/ü", "bücher.example", "de", "", ""},
	{"docs/文档/a b.md", "my docs", "zh", "", ""},
	{"docs/文/\U0010FFFD", "my docs", "zh", "", ""},
	{"https://example.org/it's \"quoted\" \\ and\nbroken", "example.org\"\\\n", "en", "", ""},
	{"https://example.com/1.0/a", "example.com", "pt", "1.0", ""},
	{"https://example.com/v1.0/a", "example.com", "pt-BR", "v1.0", ""},
	{"https://example.com/stable/a", "example.com", "en", "stable", ",1.0,2.0,"},
}

// testFilter tests filters against [retrieve.Filter.Match].
func testFilter(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	var changes []index.Change
	for _, u := range filterURLs {
		c := change(u.url, 2)
		c.Page.Source = u.source
		for i := range c.Insert {
			c.Insert[i].Source, c.Insert[i].Lang, c.Insert[i].Version, c.Insert[i].AlsoIn = u.source, u.lang, u.version, u.alsoIn
		}
		changes = append(changes, c)
	}
	fill(t, s, "L2", changes...)
	for _, f := range []retrieve.Filter{
		{}, {Source: "example.com"}, {Source: "example"}, {Source: "EXAMPLE.com"}, {Source: "bücher.example"}, {Source: "o'neil"},
		{Source: "my docs"}, {Source: "%"}, {Source: "*"}, {Source: `' or '1'='1`}, {Source: "a) or (1==1"},
		{Lang: "en"}, {Lang: "pt"}, {Lang: "pt-BR"}, {Lang: "EN"},
		{Version: "2.0"}, {Version: "1.0"}, {Version: "0"}, {Version: "stable"}, {Version: "1.0", Lang: "pt"},
		{URLPrefix: "https://example.com/docs"}, {URLPrefix: "https://example.com/docs/"}, {URLPrefix: "https://example.com/doc_"},
		{URLPrefix: "https://example.com/doc%"}, {URLPrefix: "https://example.com/100%"}, {URLPrefix: "https://example.com/100%25/a"},
		{URLPrefix: "%"}, {URLPrefix: "_"}, {URLPrefix: "https://example.com/o'"}, {URLPrefix: "https://bücher"}, {URLPrefix: "docs/文"},
		{URLPrefix: "docs/文/"}, {URLPrefix: "x"}, {URLPrefix: "https://example.org/it's "},
		{URLPrefix: "https://example.com/docs", Lang: "de", Source: "example.com"}, {URLPrefix: "https://bücher", Lang: "en"},
	} {
		var want []index.Record
		for _, c := range changes {
			for _, r := range c.Insert {
				if f.Match(r.Chunk) {
					want = append(want, r)
				}
			}
		}
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			vec := vectorOf("question")
			compare(t, bruteForce(want, vec, 100), search(t, s, vec, 100, f))
			compare(t, bruteForce(want, vec, 1), search(t, s, vec, 1, f))
		})
	}
}

// testHostileFilter tests that invalid filters give an error and change nothing.
func testHostileFilter(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	fill(t, s, "L2", change("https://example.com/", 3))
	for _, v := range []string{`"`, `\`, `\_`, `\"`, `" or 1 == 1 or url == "`, "a\nb", "a\x00b", "\xff", "a\u202eb", strings.Repeat("a", 4000)} {
		for _, f := range []retrieve.Filter{{Source: v}, {URLPrefix: v}, {Lang: v}, {Version: v}} {
			if hits, err := Nearest(t.Context(), s, vectorOf("question"), 3, f); !errors.Is(err, retrieve.ErrQuery) {
				t.Errorf("Search(%+q) = %d hits, %v, want ErrQuery", f, len(hits), err)
			}
		}
	}
	for _, lang := range []string{"en ", "e%", "ü", "en'"} {
		if _, err := Nearest(t.Context(), s, vectorOf("question"), 3, retrieve.Filter{Lang: lang}); !errors.Is(err, retrieve.ErrQuery) {
			t.Errorf("Search(lang %q) = %v, want ErrQuery", lang, err)
		}
	}
	for _, version := range []string{"2 ", "%", "2,0"} {
		if _, err := Nearest(t.Context(), s, vectorOf("question"), 3, retrieve.Filter{Version: version}); !errors.Is(err, retrieve.ErrQuery) {
			t.Errorf("Search(version %q) = %v, want ErrQuery", version, err)
		}
	}
	if n := len(search(t, s, vectorOf("question"), 10, retrieve.Filter{})); n != 3 {
		t.Errorf("%d chunks are left, want 3", n)
	}
}

func testNoIndex(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	for range 2 {
		if _, err := Nearest(t.Context(), s, vectorOf("q"), 1, retrieve.Filter{}); !errors.Is(err, index.ErrNoIndex) {
			t.Errorf("Search() without an index = %v, want ErrNoIndex", err)
		}
		if _, err := s.Fingerprint(t.Context()); !errors.Is(err, index.ErrNoIndex) {
			t.Errorf("Fingerprint() without an index = %v, want ErrNoIndex", err)
		}
	}
}

func testEmpty(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	r := begin(t, s, "L2")
	if pages, err := r.Pages(t.Context()); err != nil || len(pages) != 0 {
		t.Errorf("Pages() = %v, %v, want none", pages, err)
	}
	if stored, err := r.Stored(t.Context(), []string{"https://example.com/"}); err != nil || len(stored) != 0 {
		t.Errorf("Stored() = %v, %v, want none", stored, err)
	}
	if n, err := r.Remove(t.Context(), []string{"https://example.com/"}); err != nil || n != 0 {
		t.Errorf("Remove() = %d, %v, want 0", n, err)
	}
	put(t, r)
	commit(t, r)
	if hits := search(t, s, vectorOf("q"), 5, retrieve.Filter{Source: "x"}); len(hits) != 0 {
		t.Errorf("Search() of an empty index = %v, want none", hits)
	}
	if fp, err := s.Fingerprint(t.Context()); err != nil || fp != fingerprint("L2") {
		t.Errorf("Fingerprint() = %+v, %v", fp, err)
	}
}

func testBadQuery(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	fill(t, s, "L2", change("https://example.com/", 3))
	nan := vectorOf("q")
	nan[3] = float32(math.NaN())
	for _, tt := range []struct {
		name string
		vec  embed.Vector
		k    int
	}{
		{"no k", vectorOf("q"), 0},
		{"negative k", vectorOf("q"), -1},
		{"short vector", vectorOf("q")[:dim-1], 1},
		{"no vector", embed.Vector{}, 1},
		{"not a number", nan, 1},
		{"zero vector", make(embed.Vector, dim), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Nearest(t.Context(), s, tt.vec, tt.k, retrieve.Filter{}); !errors.Is(err, retrieve.ErrQuery) {
				t.Errorf("Search() = %v, want ErrQuery", err)
			}
		})
	}
}
