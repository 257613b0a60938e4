package retrieve_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// manual is what the tests of evidence ask about.
var manual = []string{
	"Rotate a signing key every ninety days. The old key is kept for an hour.",
	"The server listens on port 8080 and refuses a wider address without keys.",
	"A chunk has at most 2000 characters and overlaps its neighbour by 200.",
	"Backups are written to a folder and hold the index and the questions.",
	"Pages that are gone are removed when the site is crawled again.",
	"A fingerprint tells what an index was made with. If the fingerprint differs, the index is refused; each run checks the fingerprint first.",
}

// put adds texts to an index, embedded by e.
func put(t *testing.T, o *retrievetest.Oracle, e embed.Embedder, texts ...string) {
	t.Helper()
	vecs, err := e.Embed(t.Context(), texts, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	run, err := o.Begin(t.Context(), index.Fingerprint{Model: e.Model(), Dim: len(vecs[0]), Index: "FLAT", Metric: "L2", Schema: index.SchemaVersion}, false)
	if err != nil {
		t.Fatal(err)
	}
	c := index.Change{Page: index.Page{URL: texts[0]}}
	for i, text := range texts {
		c.Insert = append(c.Insert, index.Record{Chunk: index.Chunk{ID: index.ChunkID(texts[0], text, 0), URL: texts[0], Text: text},
			Windows: []embed.Vector{vecs[i]}, Terms: bm25.Document(text, "")})
	}
	if err := errors.Join(run.Put(t.Context(), []index.Change{c}), run.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// retriever returns one of the manual, behind s if it is given.
func retriever(t *testing.T, e embed.Embedder, wrap func(*retrievetest.Oracle) retrieve.Searcher) (*retrieve.Retriever, *retrievetest.Oracle) {
	t.Helper()
	o := &retrievetest.Oracle{}
	put(t, o, e, manual...)
	var s retrieve.Searcher = o
	if wrap != nil {
		s = wrap(o)
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: s})
	if err != nil {
		t.Fatal(err)
	}
	return r, o
}

func withoutSparse(o *retrievetest.Oracle) retrieve.Searcher { return dry{o} }

func TestEvidence(t *testing.T) {
	for _, tt := range []struct {
		name  string
		e     embed.Embedder
		wrap  func(*retrievetest.Oracle) retrieve.Searcher
		mode  retrieve.Mode
		dense bool // whether cosines count
	}{
		{"hybrid", embedtest.Words{}, nil, retrieve.Hybrid, true},
		{"dense", embedtest.Words{}, nil, retrieve.Dense, true},
		{"sparse", embedtest.Words{}, nil, retrieve.Sparse, false},
		{"no sparse vectors", embedtest.Words{}, withoutSparse, retrieve.Hybrid, true},
		{"vectors without meaning", embed.Constant{Dim: 64}, nil, retrieve.Hybrid, false},
		{"embedder fails meanwhile", &once{Embedder: embedtest.Words{}}, nil, retrieve.Hybrid, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := retriever(t, tt.e, tt.wrap)
			for question, known := range map[string]bool{
				"How often is a signing key rotated?":        true,
				"Which port does the server listen on?":      true,
				"How many characters has a chunk at most?":   true,
				"What is a fingerprint?":                     true,
				"Who composed comic operas?":                 false,
				"Which strings tune violins?":                false,
				"What do otters eat in winter at the coast?": false,
			} {
				res, err := r.Retrieve(t.Context(), retrieve.Query{Text: question, Mode: tt.mode})
				if err != nil {
					t.Fatal(err)
				}
				if got := res.Evidence >= retrieve.DefaultMinEvidence; got != known || res.Evidence < 0 || res.Evidence > 1 {
					t.Errorf("evidence for %q = %.3f of %+v, want enough: %v", question, res.Evidence, res.Signals, known)
				}
				if (res.Signals.Nearness != 0) != tt.dense {
					t.Errorf("nearness of %q = %v, want known: %v", question, res.Signals.Nearness, tt.dense)
				}
			}
		})
	}
}

// A question on the subject has little evidence if a name stands nowhere, or if words of
// the subject never meet; OnSubject tells that it is on the subject.
func TestEvidenceOfWords(t *testing.T) {
	r, _ := retriever(t, embedtest.Words{}, nil)
	for _, tt := range []struct {
		question string
		enough   bool
		absent   string // words
		apart    string
		searched string // "" means the question
	}{
		{"How often is a signing key rotated?", true, "", "", ""},
		{"How often is a signing key rotated by Kubernetes?", false, "Kubernetes", "", ""},
		{"how often does graphql rotate a signing key", false, "graphql", "", ""},
		{"How often do colleagues rotate a signing key?", true, "colleagues", "", ""},
		{"How often is a sigining key rotated?", true, "", "", "How often is a signing key rotated?"},
		{"Does the fingerprint have a signing key?", false, "", "fingerprint", ""},
	} {
		res, err := r.Retrieve(t.Context(), retrieve.Query{Text: tt.question})
		if err != nil {
			t.Fatal(err)
		}
		var absent []string
		for _, w := range res.Words {
			if w.Absent {
				absent = append(absent, w.Text)
			}
		}
		if got := res.Evidence >= retrieve.DefaultMinEvidence; got != tt.enough || strings.Join(absent, " ") != tt.absent || res.OnSubject < retrieve.DefaultMinEvidence {
			t.Errorf("%q: evidence %.3f of %+v, on the subject %.3f, absent %q, want enough: %v, absent %q", tt.question, res.Evidence, res.Signals, res.OnSubject, absent, tt.enough, tt.absent)
		}
		if !tt.enough && tt.absent == "" && res.Signals.ApartWord != tt.apart {
			t.Errorf("%q: %q stands apart, want %q", tt.question, res.Signals.ApartWord, tt.apart)
		}
		if want := cmp.Or(tt.searched, tt.question); res.Question != want || (len(res.Corrections) > 0) != (tt.searched != "") {
			t.Errorf("%q: searched for %q with %v, want %q", tt.question, res.Question, res.Corrections, want)
		}
	}
}

// TestNoEvidence holds an index without a chunk, or a filter that none passes, to
// none.
func TestNoEvidence(t *testing.T) {
	r, _ := retriever(t, embedtest.Words{}, nil)
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "signing key", Filter: retrieve.Filter{Source: "elsewhere"}})
	if err != nil || res.Evidence != 0 || len(res.Hits) != 0 {
		t.Errorf("Retrieve() = %+v, %v, want no evidence", res, err)
	}
}

// once is an embedder that embeds one text at a time, and no off-topic questions.
type once struct{ embed.Embedder }

func (o *once) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	if kind == embed.Query && len(texts) > 1 {
		return nil, errors.New("the service is busy")
	}
	return o.Embedder.Embed(ctx, texts, kind)
}

// watched counts searches, and those that are under way.
type watched struct {
	*retrievetest.Oracle
	mu    sync.Mutex
	count int
	fail  error
}

func (w *watched) Search(ctx context.Context, p retrieve.Probe) (retrieve.Found, error) {
	w.mu.Lock()
	w.count++
	w.mu.Unlock()
	if w.fail != nil {
		return retrieve.Found{}, w.fail
	}
	return w.Oracle.Search(ctx, p)
}

// TestBaseline holds the baseline to being measured once for an index, and
// again when its size has changed much.
func TestBaseline(t *testing.T) {
	var w *watched
	r, o := retriever(t, embedtest.Words{}, func(o *retrievetest.Oracle) retrieve.Searcher {
		w = &watched{Oracle: o}
		return w
	})
	ask := func() int {
		t.Helper()
		w.count = 0
		if _, err := r.Retrieve(t.Context(), retrieve.Query{Text: "signing key"}); err != nil {
			t.Fatal(err)
		}
		return w.count
	}
	var g sync.WaitGroup
	for range 8 {
		g.Go(func() {
			if _, err := r.Retrieve(context.Background(), retrieve.Query{Text: "signing key"}); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	first := w.count - 8
	if first < 10 {
		t.Fatalf("%d searches for the background of 8 questions", first)
	}
	if got := ask(); got != 1 {
		t.Errorf("%d searches for a later question, want 1", got)
	}
	var more []string
	for i := range 20 {
		more = append(more, fmt.Sprintf("Paragraph %d says nothing about it.", i))
	}
	put(t, o, embedtest.Words{}, more[:1]...)
	if got := ask(); got != 1 {
		t.Errorf("%d searches after a chunk more, want 1", got)
	}
	put(t, o, embedtest.Words{}, more[1:]...)
	if got := ask(); got != first+1 {
		t.Errorf("%d searches after many chunks more, want %d", got, first+1)
	}
	w.fail = index.ErrUnavailable
	if _, err := r.Retrieve(t.Context(), retrieve.Query{Text: "signing key"}); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("Retrieve() = %v, want ErrUnavailable", err)
	}
}
