package milvus

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// unquote reads a string literal of a filter expression: what it means, and
// what follows it.
func unquote(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", "", false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '\\':
			return "", "", false
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// FuzzQuote holds a literal to meaning its text and to ending where it ends.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `\`, `\"`, `a" or 1 == 1 or url == "`, "%_", "ü\U0010FFFF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		value, rest, ok := unquote(quote(s) + " && rest")
		if !ok || value != s || rest != " && rest" {
			t.Errorf("quote(%q) = %s, means %q, %v, followed by %q", s, quote(s), value, ok, rest)
		}
	})
}

// FuzzFilter holds the expression for a valid filter to comparing with its
// values and nothing else.
func FuzzFilter(f *testing.F) {
	f.Add("example.com", "https://example.com/", "en", "2.0")
	f.Add(`o'neil`, `https://example.com/100%_`, "pt-BR", "")
	f.Fuzz(func(t *testing.T, source, prefix, lang, version string) {
		filter := retrieve.Filter{Source: source, URLPrefix: prefix, Lang: lang, Version: version}
		if filter.Validate() != nil {
			t.Skip()
		}
		all := filterExpr(filter, []string{"," + version + ","})
		expr := all
		for _, term := range []struct{ of, before, value, after string }{
			{source, "source == ", source, ""},
			{lang, "(lang == ", lang, ""}, {lang, " || lang >= ", lang + "-", ""}, {lang, " && lang <= ", lang + "-\U0010FFFF", ")"},
			{version, "(version == ", version, ""}, {version, " || also_in in [", "," + version + ",", "])"},
			{prefix, "url >= ", prefix, ""}, {prefix, "url <= ", prefix + "\U0010FFFF", ""},
		} {
			if term.of == "" {
				continue
			}
			if !strings.HasPrefix(term.before, " ") {
				expr = strings.TrimPrefix(expr, " && ")
			}
			rest, ok := strings.CutPrefix(expr, term.before)
			value, rest, isString := unquote(rest)
			rest, ends := strings.CutPrefix(rest, term.after)
			if !ok || !isString || !ends || value != term.value {
				t.Fatalf("filterExpr(%+v) = %s: %q is not %q", filter, all, value, term.value)
			}
			expr = rest
		}
		if expr != "" {
			t.Errorf("filterExpr(%+v) = %s: too much", filter, all)
		}
	})
}

func TestBatches(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		sizes []int
		want  []int
	}{
		{"none", nil, nil},
		{"one", []int{5}, []int{1}},
		{"fit", []int{batchBytes/2 - rowBytes, batchBytes/2 - rowBytes}, []int{2}},
		{"too much together", []int{batchBytes / 2, batchBytes / 2, 1}, []int{1, 2}},
		{"too much alone", []int{1, 2 * batchBytes, 1}, []int{1, 1, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []int
			for _, b := range batches(tt.sizes, func(n *int) int { return *n }) {
				got = append(got, len(b))
			}
			if len(got) != len(tt.want) {
				t.Fatalf("batches(%v) have %v rows, want %v", tt.sizes, got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("batches(%v) have %v rows, want %v", tt.sizes, got, tt.want)
				}
			}
		})
	}
}

// TestPartial repairs what a writer left that was killed between a page's chunks,
// its windows and its manifest row.
func TestPartial(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fp := index.Fingerprint{Model: "test/2", Dim: 2, Index: "FLAT", Metric: "L2", Schema: index.SchemaVersion}
	killed, err := s.begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.prepareWrite(t.Context()); err != nil { // creates the collections
		t.Fatal(err)
	}
	const url = "https://example.com/"
	record := func(text string, windows int) index.Record {
		r := index.Record{Chunk: index.Chunk{ID: index.ChunkID(url, text, 0), URL: url, Text: text}}
		for range windows {
			r.Windows = append(r.Windows, []float32{0, 1})
		}
		return r
	}
	kept, dropped := record("kept", 1), record("dropped", 3)
	for _, r := range []index.Record{kept, dropped} {
		if err := upsert(t.Context(), s, killed.collection(chunksKind), chunkColumns, []chunkRow{{r.Chunk, len(r.Windows), r.Terms}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := upsert(t.Context(), s, killed.collection(windowsKind), windowColumns, windowsOf(dropped.Chunk, dropped.Windows)[:2]); err != nil {
		t.Fatal(err)
	}

	if err := killed.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := s.begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := r.Stored(t.Context(), []string{url})
	if err != nil || len(stored) != 0 {
		t.Fatalf("Stored() = %v, %v, want none: no chunk has all of its windows", stored, err)
	}
	change := index.Change{Page: index.Page{URL: url, Chunks: 1}, Insert: []index.Record{kept}}
	if err := r.Put(t.Context(), []index.Change{change}); err != nil {
		t.Fatal(err)
	}
	if err := r.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Stats(t.Context()); err != nil || st != (Stats{Pages: 1, Chunks: 1, Windows: 1}) {
		t.Errorf("Stats() = %+v, %v, want one of each", st, err)
	}
	testOldVocabulary(t, s, fp)
}

// testOldVocabulary lets a run without a change count the words of an index of one
// chunk whose counts an older program published.
func testOldVocabulary(t *testing.T, s *Store, fp index.Fingerprint) {
	for _, want := range []int{0, 1} {
		r, err := s.begin(t.Context(), fp, false)
		if err != nil {
			t.Fatal(err)
		}
		end := r.Commit
		if want == 0 {
			keys, err := s.keysWhere(t.Context(), r.generation, fmt.Sprintf("version < %d", markVersion))
			if err != nil || len(keys) == 0 {
				t.Fatalf("rows of words: %v, %v", keys, err)
			}
			if err := s.deleteKeys(t.Context(), r.collection(termsKind), keys); err != nil {
				t.Fatal(err)
			}
			end = r.Close
		}
		if err := end(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.stats = published{} // as another process that opens the index
		ix, err := s.Index(t.Context())
		if err != nil || ix.Vocabulary.Count("kept") != want || ix.Statistics.Chunks() != 1 {
			t.Errorf("Index() = %d chunks, %+v, %v, want %d words", ix.Statistics.Chunks(), ix.Vocabulary, err, want)
		}
	}
}

// TestCreateAtOnce creates a collection from several stores of one new file.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "at-once.db")
	var stores []*Store
	for range 4 {
		s, err := Open(t.Context(), Config{URI: file, Name: "docs", LiteDir: milvustest.LiteDir(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		stores = append(stores, s)
	}
	for round := range 5 {
		var all sync.WaitGroup
		for _, s := range stores {
			all.Go(func() {
				name := fmt.Sprintf("new_%d", round)
				if err := s.engine.create(t.Context(), name, metaColumns.fields(index.Fingerprint{})); err != nil {
					t.Errorf("create() of what others create = %v", err)
				}
			})
		}
		all.Wait()
	}
}
