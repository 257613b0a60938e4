package eval

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

var near = cmpopts.EquateApprox(0, 1e-9)

// The values were computed by hand.
func TestOfDocuments(t *testing.T) {
	for _, tt := range []struct {
		name     string
		ranking  string
		relevant map[string]int
		want     Metrics
	}{
		{"first", "a b c", map[string]int{"a": 1}, Metrics{"recall@3": 1, "mrr@3": 1, "ndcg@3": 1}},
		{"third", "x y a", map[string]int{"a": 1}, Metrics{"recall@3": 1, "mrr@3": 1. / 3, "ndcg@3": 0.5}},
		{"behind", "x y z a", map[string]int{"a": 1}, Metrics{"recall@3": 0, "mrr@3": 0, "ndcg@3": 0}},
		{"two of four", "a x b", map[string]int{"a": 1, "b": 1, "c": 1, "d": 1},
			Metrics{"recall@3": 0.5, "mrr@3": 1, "ndcg@3": 1.5 / (1 + 1/math.Log2(3) + 0.5)}},
		{"grades", "b a", map[string]int{"a": 2, "b": 1}, Metrics{"recall@3": 1, "mrr@3": 1, "ndcg@3": (1 + 2/math.Log2(3)) / (2 + 1/math.Log2(3))}},
		{"nothing found", "", map[string]int{"a": 1}, Metrics{"recall@3": 0, "mrr@3": 0, "ndcg@3": 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ofDocuments(strings.Fields(tt.ranking), tt.relevant, []int{3}), near); diff != "" {
				t.Errorf("ofDocuments() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOfSpans(t *testing.T) {
	chunk := func(doc string, start, end int) retrieve.Hit {
		return retrieve.Hit{Chunk: index.Chunk{URL: doc, Start: start, End: end}}
	}
	refs := []evalset.Span{{Document: "d", Start: 100, End: 200}, {Document: "d", Start: 150, End: 250}, {Document: "d", Start: 400, End: 450}} // 200 runes
	for _, tt := range []struct {
		name   string
		chunks []retrieve.Hit
		want   Metrics
	}{
		{"none", nil, Metrics{"recall@2": 0, "precision@2": 0, "iou@2": 0}},
		{"half", []retrieve.Hit{chunk("d", 0, 200)}, Metrics{"recall@2": 0.5, "precision@2": 0.5, "iou@2": 100. / 300}},
		{"overlapping", []retrieve.Hit{chunk("d", 0, 200), chunk("d", 100, 300)}, Metrics{"recall@2": 0.75, "precision@2": 150. / 400, "iou@2": 150. / 450}},
		{"another document", []retrieve.Hit{chunk("e", 0, 500)}, Metrics{"recall@2": 0, "precision@2": 0, "iou@2": 0}},
		{"behind", []retrieve.Hit{chunk("e", 0, 100), chunk("e", 0, 100), chunk("d", 0, 500)}, Metrics{"recall@2": 0, "precision@2": 0, "iou@2": 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ofSpans(tt.chunks, refs, []int{2}), near); diff != "" {
				t.Errorf("ofSpans() (-want +got):\n%s", diff)
			}
		})
	}
}

// beir returns a small evaluation set.
func beir(t *testing.T) *evalset.Dataset {
	t.Helper()
	archive, err := txtar.ParseFile("../../testdata/sets/beir.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	d, err := evalset.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEvaluate runs all of it over an index in memory.
func TestEvaluate(t *testing.T) {
	e := embed.Constant{}
	d := beir(t)
	store := &retrievetest.Oracle{}
	var texts []retrievetest.Text
	for _, doc := range d.Documents {
		texts = append(texts, retrievetest.Text{URL: doc.ID, Title: doc.Title, Text: doc.Text})
	}
	if err := retrievetest.Index(t.Context(), store, e, texts); err != nil {
		t.Fatal(err)
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: store})
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []retrieve.Mode{"", retrieve.Hybrid, retrieve.Sparse, retrieve.Dense, RRF} {
		rep, err := Evaluate(t.Context(), d, r, Options{Mode: mode, Ks: []int{1, 3}})
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Rows) != 2 || rep.Rows[0].ID != "q1" || rep.Metrics["recall@3"] != (rep.Rows[0].Metrics["recall@3"]+rep.Rows[1].Metrics["recall@3"])/2 {
			t.Errorf("%s: %+v", mode, rep)
		}
		if mode == retrieve.Sparse && (rep.Metrics["mrr@1"] != 1 || rep.Rows[1].Found[0] != "doors") {
			t.Errorf("sparse search: %+v", rep)
		}
	}
	if _, err := Evaluate(t.Context(), d, r, Options{Ks: []int{0}}); err == nil {
		t.Error("Evaluate(k = 0) succeeded")
	}
	if _, err := Evaluate(t.Context(), d, failing{}, Options{}); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("Evaluate() of a retriever that fails = %v", err)
	}
}

type failing struct{}

func (failing) Retrieve(context.Context, retrieve.Query) (*retrieve.Result, error) {
	return nil, index.ErrUnavailable
}

func TestCompare(t *testing.T) {
	report := func(values ...float64) *Report {
		r := &Report{}
		for i, v := range values {
			r.Rows = append(r.Rows, Row{ID: string(rune('a' + i)), Metrics: Metrics{"recall@3": v}})
		}
		return r
	}
	same := report(1, 0, 1, 0, 1, 0, 1, 0, 1, 0)
	better := report(1, 1, 1, 1, 1, 1, 1, 0, 1, 1)
	other := report(1, 1, 1, 0, 0, 0, 1, 0, 1, 0)
	for _, tt := range []struct {
		name    string
		after   *Report
		p, plus float64
		real    bool
	}{
		{"the same", same, 1, 0, false},
		{"better", better, 0, 0.4, true},
		{"another", other, 1, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ds, err := Compare(same, tt.after)
			if err != nil || len(ds) != 1 {
				t.Fatalf("Compare() = %v, %v", ds, err)
			}
			if d := ds[0]; math.Abs(d.After-d.Before-tt.plus) > 1e-9 || (d.P < 0.05) != tt.real {
				t.Errorf("Compare() = %+v", d)
			}
			back, err := Compare(tt.after, same)
			if err != nil || (back[0].P < 0.05) != tt.real {
				t.Errorf("Compare() the other way = %+v, %v", back, err)
			}
		})
	}
	// Of four better and six equal questions a draw has none of the better with
	// probability 0.6^10 = 0.0060.
	ds, err := Compare(same, better)
	if err != nil || math.Abs(ds[0].P-2*math.Pow(0.6, 10)) > 0.003 {
		t.Errorf("P = %+v, %v, want about %v", ds, err, 2*math.Pow(0.6, 10))
	}
	if _, err := Compare(same, &Report{Rows: []Row{{ID: "z"}}}); err == nil {
		t.Error("Compare() of runs with nothing in common succeeded")
	}
}

func TestTables(t *testing.T) {
	var b strings.Builder
	rep := &Report{Mode: "hybrid", Metrics: Metrics{"recall@10": 0.5, "recall@3": 0.25}}
	if err := errors.Join(WriteTable(&b, rep), WriteDifferences(&b, []Difference{{"recall@3", 0.25, 0.5, 0.01}})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"recall@3  recall@10", "hybrid     0.250      0.500", "+0.250  0.0100"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
}
