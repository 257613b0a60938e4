package eval_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/eval"
)

// The archives of test data.
const (
	spansSet = "../../testdata/sets/spans.txtar"
	articles = "testdata/articles.txtar"
)

// unpack writes an archive to a folder, without the files named and with
// those that replace others.
func unpack(t *testing.T, name string, replace map[string]string) string {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range archive.Files {
		data := f.Data
		if text, ok := replace[f.Name]; ok {
			data = []byte(text)
		}
		if string(data) == "none" {
			continue
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// small splits to chunks of which a text of the testdata has several.
var small = chunker.Options{SizeRunes: 80, OverlapRunes: 20}

// The wanted figures are those of the benchmark's own evaluator, on the chunks of
// LangChain's splitter.
func TestChunking(t *testing.T) {
	r, err := eval.Chunking(t.Context(), unpack(t, spansSet, nil), eval.ChunkingOptions{Chunker: small, K: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Chunker != "recursive 80/20" || r.K != 1 || r.Metrics.Questions != 3 || r.Metrics.Chunks != 10 {
		t.Errorf("Chunking = %+v", r)
	}
	want := map[string]float64{
		"precision Ω": (27.0/79 + 51.0/74 + 0.3) / 3, "recall Ω": 1, "coverage": 1, "mean runes": 47,
		// Of the first question another chunk shares more words than the answer's.
		"recall": 2.0 / 3, "precision": (51.0/74 + 0.3) / 3, "IoU": (51.0/74 + 0.3) / 3,
	}
	for name, got := range map[string]float64{
		"precision Ω": r.Metrics.PrecisionOmega, "recall Ω": r.Metrics.RecallOmega, "coverage": r.Metrics.Coverage,
		"mean runes": r.Metrics.MeanRunes, "recall": r.Metrics.Recall, "precision": r.Metrics.Precision, "IoU": r.Metrics.IoU,
	} {
		if math.Abs(got-want[name]) > 1e-9 {
			t.Errorf("%s = %.9f, want %.9f", name, got, want[name])
		}
	}
	if len(r.Corpora) != 2 || r.Corpora[0].Name != "café" || r.Corpora[0].Metrics.PrecisionOmega != 0.3 || r.Corpora[1].Metrics.Chunks != 8 {
		t.Errorf("Corpora = %+v", r.Corpora)
	}
	var table bytes.Buffer
	if err := r.WriteTable(&table); err != nil || !strings.Contains(table.String(), "all              3          10      47") {
		t.Errorf("WriteTable: %v\n%s", err, &table)
	}
	if data, err := json.Marshal(r); err != nil || !strings.Contains(string(data), `"metrics":{"recall":0.6666666666666666,"precision":0.3297`) {
		t.Errorf("as JSON: %v, %s", err, data)
	}
}

// A document's headings are found, and the line ends of Windows change nothing.
func TestChunkingDocument(t *testing.T) {
	o := eval.ChunkingOptions{Chunker: chunker.Options{Kind: chunker.Document, SizeRunes: 200, OverlapRunes: 20}}
	dir := unpack(t, spansSet, nil)
	r, err := eval.Chunking(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Corpora[1].Metrics; got.Chunks != 3 || got.Coverage != 1 {
		t.Errorf("the guide has %+v, want a chunk for each heading", got)
	}
	path := filepath.Join(dir, "corpora", "guide.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	if again, err := eval.Chunking(t.Context(), dir, o); err != nil || again.Metrics != r.Metrics {
		t.Errorf("with other line ends: %+v, %v, want %+v", again.Metrics, err, r.Metrics)
	}
}

func TestChunkingErrors(t *testing.T) {
	blank := map[string]string{"corpora/guide.md": " ", "corpora/café.md": " ",
		"questions_df.csv": "corpus_id,question,references\nguide,why?,\"[{\"\"start_index\"\": 0, \"\"end_index\"\": 1}]\"\n"}
	for _, tt := range []struct {
		name    string
		replace map[string]string
		o       eval.ChunkingOptions
		want    string
	}{
		{"no set", map[string]string{"questions_df.csv": "none"}, eval.ChunkingOptions{},
			"questions_df.csv: the folder must hold questions_df.csv and corpora/ID.md for each corpus_id in it"},
		{"empty text", blank, eval.ChunkingOptions{}, "the texts are empty"},
		{"chunker", nil, eval.ChunkingOptions{Chunker: chunker.Options{SizeRunes: 100}}, "overlap 200 is not smaller than size 100"},
		{"k", nil, eval.ChunkingOptions{K: -1}, "k is -1: retrieve at least 1 chunk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := eval.Chunking(t.Context(), unpack(t, spansSet, tt.replace), tt.o)
			wantError(t, err, "eval: measure chunking: ", tt.want)
		})
	}
}

// wantError wants an error of one line that begins and goes on so.
func wantError(t *testing.T, err error, prefix, part string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error = %v, want %s… %s", err, prefix, part)
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := eval.Chunking(ctx, unpack(t, spansSet, nil), eval.ChunkingOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Chunking: %v, want %v", err, context.Canceled)
	}
	if _, err := eval.Extraction(ctx, unpack(t, articles, nil), raw); !errors.Is(err, context.Canceled) {
		t.Errorf("Extraction: %v, want %v", err, context.Canceled)
	}
}

// raw takes a page for its text.
func raw(_ context.Context, p eval.Page) (string, error) { return string(p.HTML), nil }

// The wanted figures are those of the benchmark's own evaluator.
func TestExtraction(t *testing.T) {
	dir := unpack(t, articles, nil)
	zip(t, filepath.Join(dir, "html", "bees.html"))
	r, err := eval.Extraction(t.Context(), dir, raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		name      string
		got, want float64
	}{
		{"F1", r.Metrics.F1, 0.9339622641509434},
		{"precision", r.Metrics.Precision, 0.9705882352941176},
		{"recall", r.Metrics.Recall, 0.9},
		{"accuracy", r.Metrics.Accuracy, 2.0 / 3},
		{"the bees' precision", r.Pages[0].Precision, 0.9411764705882353},
	} {
		if math.Abs(f.got-f.want) > 1e-9 {
			t.Errorf("%s = %.12f, want %.12f", f.name, f.got, f.want)
		}
	}
	if r.Failed != 0 || len(r.Pages) != 3 || r.Pages[0].URL != "https://example.com/bees" || r.Metrics.F1Std <= 0 {
		t.Errorf("Extraction = %+v", r)
	}
	var table bytes.Buffer
	if err := r.WriteTable(&table); err != nil || !strings.Contains(table.String(), "https://example.com/bees    0.865  0.941      0.800") {
		t.Errorf("WriteTable: %v\n%s", err, &table)
	}
}

// zip replaces a file by its zipped form.
func zip(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".gz", zipped.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestExtractionFails(t *testing.T) {
	r, err := eval.Extraction(t.Context(), unpack(t, articles, nil), func(_ context.Context, p eval.Page) (string, error) {
		if p.ID == "bees" {
			return "", errors.New("no text")
		}
		return string(p.HTML), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed != 1 || r.Pages[0].Error != "no text" || r.Metrics.Precision != 1 || r.Metrics.Recall != 0.5 {
		t.Errorf("Extraction = %+v, want one page failed", r)
	}
}

func TestExtractionErrors(t *testing.T) {
	for _, tt := range []struct {
		name    string
		replace map[string]string
		want    string
	}{
		{"no truth", map[string]string{"ground-truth.json": "none"},
			"ground-truth.json: the folder must hold ground-truth.json and html/ID.html.gz or html/ID.html for each page in it"},
		{"no page", map[string]string{"html/bees.html": "none"}, "bees.html: the folder must hold"},
		{"not JSON", map[string]string{"ground-truth.json": "{"}, "unexpected end of JSON input"},
		{"no pages", map[string]string{"ground-truth.json": "{}"}, "there are no pages"},
		{"page elsewhere", map[string]string{"ground-truth.json": `{"../wrong/a": {}}`}, `the ID "../wrong/a" is not the name of a file`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := eval.Extraction(t.Context(), unpack(t, articles, tt.replace), raw)
			wantError(t, err, "eval: measure extraction: ", tt.want)
		})
	}
	dir := unpack(t, articles, nil)
	if err := os.Rename(filepath.Join(dir, "html", "bees.html"), filepath.Join(dir, "html", "bees.html.gz")); err != nil {
		t.Fatal(err)
	}
	_, err := eval.Extraction(t.Context(), dir, raw)
	wantError(t, err, "eval: measure extraction: unzip ", "gzip: invalid header")
}
