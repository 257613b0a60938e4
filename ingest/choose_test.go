package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/retrieve/index"
)

// twoModels chooses the embedder of 32 dimensions if a text has the word Kessel.
type twoModels struct {
	chosen [][]string // texts of each choice
	opened []string
	err    error // of Open
}

func (m *twoModels) Choose(texts []string) string {
	if len(texts) > 0 {
		m.chosen = append(m.chosen, texts)
	}
	if strings.Contains(strings.Join(texts, " "), "Kessel") {
		return embedtest.Words{Dim: 32}.Model()
	}
	return embedtest.Words{Dim: 64}.Model()
}

func (m *twoModels) Has(name string) bool { return strings.HasPrefix(name, "words/") }

func (m *twoModels) Open(_ context.Context, name string) (embed.Embedder, error) {
	m.opened = append(m.opened, name)
	if strings.HasSuffix(name, "/32") {
		return embedtest.Words{Dim: 32}, m.err
	}
	return embedtest.Words{Dim: 64}, m.err
}

// kessel sets n pages, the first foreign of which are in another language.
func kessel(w *web, n, foreign int) {
	for i := range n {
		name, next := fmt.Sprintf("/docs/p%03d.html", i), fmt.Sprintf("p%03d.html", i+1)
		if i == 0 {
			name = "/docs/index.html"
		}
		text := fmt.Sprintf("Kettle number %d rings.", i)
		if i < foreign {
			text = fmt.Sprintf("Der Kessel %d pfeift.", i)
		}
		w.set(name, page(fmt.Sprint("K", i), text, next))
	}
}

func TestPagesChooseEmbedder(t *testing.T) {
	for _, tt := range []struct {
		name           string
		pages, foreign int
		want           string
		sample         int // pages that choose
	}{
		{"few pages", 3, 1, "32", 3},
		{"few other pages", 3, 0, "64", 3},
		{"many pages", 40, 1, "32", 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t)
			kessel(w, tt.pages, tt.foreign)
			store, m := &watchedStore{}, &twoModels{}
			ingestAgain := func(rebuild bool, want string) {
				t.Helper()
				in := newCrawler(t, ingest.Config{Opener: store, Models: m})
				report, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, rebuild)
				if err != nil {
					t.Fatal(err)
				}
				fp, err := store.Fingerprint(t.Context())
				if err != nil || fp.Model != "words/"+want || fmt.Sprint(fp.Dim) != want {
					t.Errorf("fingerprint = %+v, %v, want %s dimensions (report %+v)", fp, err, want, report)
				}
			}
			ingestAgain(false, tt.want)
			if len(m.chosen) != 1 || len(m.chosen[0]) != tt.sample {
				t.Errorf("%d choices, the first by %d pages; want 1 by %d", len(m.chosen), len(m.chosen[0]), tt.sample)
			}
			kessel(w, tt.pages, tt.pages-tt.foreign) // an index keeps its embedder
			ingestAgain(false, tt.want)
			if len(m.chosen) != 1 || len(m.opened) != 2 {
				t.Errorf("after a second run: %d choices, opened %v", len(m.chosen), m.opened)
			}
			kessel(w, tt.pages, 0) // a rebuild chooses again
			ingestAgain(true, "64")
		})
	}
}

// Pages without text create no index, and choose nothing.
func TestNothingChooses(t *testing.T) {
	w := newWeb(t)
	w.set("/docs/index.html", "<html><body></body></html>")
	store, m := &watchedStore{}, &twoModels{}
	in := newCrawler(t, ingest.Config{Opener: store, Models: m})
	if _, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, false); !errors.Is(err, ingest.ErrNothing) {
		t.Errorf("Ingest = %v, want ErrNothing", err)
	}
	if len(m.opened) != 0 || len(store.changes) != 0 {
		t.Errorf("opened %v, wrote %d changes; want none", m.opened, len(store.changes))
	}
}

// An index of an embedder that is none of them is refused, and a model that can't be
// opened writes nothing.
func TestChooseErrors(t *testing.T) {
	w := newWeb(t)
	kessel(w, 2, 0)
	store := &watchedStore{}
	failing := errors.New("no file")
	in := newCrawler(t, ingest.Config{Opener: store, Models: &twoModels{err: failing}})
	if _, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, false); !errors.Is(err, failing) || len(store.changes) != 0 {
		t.Errorf("Ingest = %v after %d changes, want the model's error and none", err, len(store.changes))
	}
	mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: embed.Constant{}}), w.url+"/docs/")
	in = newCrawler(t, ingest.Config{Opener: store, Models: &twoModels{}})
	if _, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, false); !errors.Is(err, index.ErrMismatch) {
		t.Errorf("Ingest into an index of another embedder = %v, want ErrMismatch", err)
	}
}
