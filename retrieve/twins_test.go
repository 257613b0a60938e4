package retrieve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// editionsIndex returns an index of pages with these addresses, each with one chunk of
// its vector; lang is that of its second folder or "en".
func editionsIndex(t *testing.T, schema int, pages map[string]embed.Vector, alsoIn map[string]string) *retrievetest.Oracle {
	t.Helper()
	o, form := &retrievetest.Oracle{}, fp
	form.Schema = schema
	r, err := o.Begin(t.Context(), form, false)
	if err != nil {
		t.Fatal(err)
	}
	var changes []index.Change
	for url, vec := range pages {
		lang := "en"
		if _, err := fmt.Sscanf(url, "https://example.com/de/%s", new(string)); err == nil {
			lang = "de"
		}
		e := edition.Of(url, lang)
		changes = append(changes, index.Change{Page: index.Page{URL: url}, Insert: []index.Record{{
			Chunk:   index.Chunk{ID: index.ChunkID(url, url, 0), URL: url, Text: "text of " + url, Lang: lang, Version: e.Version, Twin: e.Key, AlsoIn: alsoIn[url]},
			Windows: []embed.Vector{vec}, Terms: bm25.Document("text", lang),
		}}})
	}
	if err := errors.Join(r.Put(t.Context(), changes), r.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTwins(t *testing.T) {
	near, nearer, far, other := embed.Vector{0.8, 0.6}, embed.Vector{1, 0}, embed.Vector{0.6, 0.8}, embed.Vector{0.96, 0.28}
	site := map[string]embed.Vector{
		"https://example.com/en/1.0/install": nearer, "https://example.com/en/2.0/install": near, "https://example.com/en/next/install": nearer,
		"https://example.com/de/1.0/install": near, "https://example.com/de/2.0/install": near, "https://example.com/en/2.0/use": other,
	}
	crowd := map[string]embed.Vector{"https://example.com/en/2.0/use": far}
	for n := range 60 {
		crowd[fmt.Sprintf("https://example.com/en/1.%d/install", n)] = nearer
	}
	for _, tt := range []struct {
		name, question string
		mode           retrieve.Mode
		filter         retrieve.Filter
		pages          map[string]embed.Vector
		alsoIn         map[string]string
		want           []string
	}{
		{"newest stable version in the question's language", "How do I install the program?", retrieve.Dense, retrieve.Filter{}, site, nil, []string{"en/2.0/install", "en/2.0/use"}},
		{"German", "Wie kann ich das Programm auf meinem Rechner installieren?", retrieve.Dense, retrieve.Filter{}, site, nil, []string{"de/2.0/install", "en/2.0/use"}},
		{"version that the question names", "How do I install the program in version 1.0?", retrieve.Dense, retrieve.Filter{}, site, nil, []string{"en/1.0/install", "en/2.0/use"}},
		{"filter", "How do I install the program?", retrieve.Dense, retrieve.Filter{Version: "next"}, site, nil, []string{"en/next/install"}},
		{"filter that no page passes", "How do I install the program?", retrieve.Dense, retrieve.Filter{Version: "2"}, site, nil, nil},
		{"filter of a version whose text another page has", "install?", retrieve.Dense, retrieve.Filter{Version: "1.9"}, site,
			map[string]string{"https://example.com/en/2.0/use": ",1.9,1.8,"}, []string{"en/2.0/use"}},
		{"preferred twin that hardly answers", "How do I install the program?", retrieve.Dense, retrieve.Filter{},
			map[string]embed.Vector{"https://example.com/en/1.0/install": nearer, "https://example.com/en/2.0/install": {0.28, 0.96}}, nil, []string{"en/1.0/install"}},
		{"sixty versions leave room for another page", "Which text?", retrieve.Hybrid, retrieve.Filter{}, crowd, nil, []string{"en/1.59/install", "en/2.0/use"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: nearer}, Searcher: editionsIndex(t, index.SchemaVersion, tt.pages, tt.alsoIn)})
			if err != nil {
				t.Fatal(err)
			}
			res, err := r.Retrieve(t.Context(), retrieve.Query{Text: tt.question, Filter: tt.filter, Mode: tt.mode})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			twins := 0
			for _, h := range res.Hits {
				got = append(got, h.URL[len("https://example.com/"):])
				twins += len(h.Twins)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
			if want := len(tt.pages) - len(tt.want); tt.filter.Version == "" && twins != want {
				t.Errorf("hits name %d twins, want %d", twins, want)
			}
		})
	}
}

// TestOlderIndex holds an index of the oldest readable schema to giving hits, with a
// notice that names the fix.
func TestOlderIndex(t *testing.T) {
	o := editionsIndex(t, index.ReadableSchema, map[string]embed.Vector{"https://example.com/a": {1, 0}}, nil)
	r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: o})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "q"})
	if err != nil || len(res.Hits) != 1 || !strings.Contains(res.Notice, "--rebuild") {
		t.Errorf("Retrieve() = %+v, %v, want one hit and a notice that names --rebuild", res, err)
	}
}
