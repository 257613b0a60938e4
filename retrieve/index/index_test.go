package index_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve/index"
)

func TestIDs(t *testing.T) {
	ids := []string{
		index.ChunkID("u", "text", 0), index.ChunkID("u", "text", 1), index.ChunkID("v", "text", 0),
		index.ChunkID("u", "tex", 0), index.URLID("u"), index.WindowID("u", 0), index.WindowID("u", 1),
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if !index.IsKey(id) || seen[id] {
			t.Errorf("key %q is repeated or not 32 lower-case hex digits", id)
		}
		seen[id] = true
	}
	if again := index.ChunkID("u", "text", 0); again != ids[0] {
		t.Errorf("ChunkID() = %s, then %s", ids[0], again)
	}
}

func TestMismatchError(t *testing.T) {
	fp := index.Fingerprint{Model: "test/2", Dim: 2, Index: "FLAT", Metric: "L2", Chunker: "c", Schema: index.SchemaVersion}
	asked := fp
	asked.Model, asked.Metric = "other/2", "IP"
	for _, tt := range []struct{ name, want string }{
		{"docs", `index "docs" was made with embedder test/2, not other/2; metric L2, not IP: rebuild it (ingest --rebuild), or use its settings`},
		{"", `the index was made with embedder test/2, not other/2; metric L2, not IP: rebuild it (ingest --rebuild), or use its settings`},
	} {
		got := (&index.MismatchError{Name: tt.name, Have: fp, Asked: asked}).Error()
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Error() (-want +got):\n%s", diff)
		}
	}
}
