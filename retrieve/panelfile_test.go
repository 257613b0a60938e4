package retrieve_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// A counting embedder counts the texts that it embeds.
type counting struct {
	embedtest.Words
	texts int
}

func (e *counting) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	e.texts += len(texts)
	return e.Words.Embed(ctx, texts, kind)
}

// TestCacheDir checks that off-topic questions are embedded once for a folder, and that
// a damaged file there does no harm.
func TestCacheDir(t *testing.T) {
	t.Parallel()
	o, dir := &retrievetest.Oracle{}, t.TempDir()
	put(t, o, embedtest.Words{}, manual...)
	ask := func() (texts int, evidence float64) {
		t.Helper()
		e := &counting{}
		r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: o, CacheDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Retrieve(t.Context(), retrieve.Query{Text: "How often is a signing key rotated?"})
		if err != nil {
			t.Fatal(err)
		}
		return e.texts, got.Evidence
	}
	first, want := ask()
	for _, damage := range []string{"", "not a gob"} {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("the folder holds %v, %v, want one file", files, err)
		}
		texts := 1
		if damage != "" {
			texts = first
			if err := os.WriteFile(files[0], []byte(damage), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if n, got := ask(); n != texts || got != want {
			t.Errorf("with the file %q, %d texts are embedded, with evidence %v, want %d and %v", damage, n, got, texts, want)
		}
	}
	if n, _ := ask(); n != 1 {
		t.Errorf("after a damaged file, %d texts are embedded, want 1", n)
	}
}
