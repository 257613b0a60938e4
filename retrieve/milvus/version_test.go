package milvus

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
)

// TestVersion checks that each run that changes the index gives it another version, and no
// other run does, also on an engine without sparse vectors.
func TestVersion(t *testing.T) {
	t.Parallel()
	dir := milvustest.LiteDir(t)
	for _, sparse := range []bool{true, false} {
		t.Run(fmt.Sprintf("sparse vectors: %t", sparse), func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "a", LiteDir: dir})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			s.can.sparse = sparse
			before := ""
			for _, step := range []struct {
				name    string
				rebuild bool
				puts    int
				changes bool
			}{
				{"the first run", false, 2, true},
				{"a run without changes", false, 0, false},
				{"a run with changes", false, 3, true},
				{"another without changes", false, 0, false},
				{"a rebuild", true, 2, true},
			} {
				r := mustBegin(t, s, step.rebuild)
				for i := range step.puts {
					put(t, r, fmt.Sprintf("https://example.com/%d", i), step.name)
				}
				commitRun(t, r)
				s.mu.Lock()
				s.seen = nil
				s.mu.Unlock()
				v, err := s.Version(t.Context())
				if err != nil || (v != before) != step.changes {
					t.Errorf("after %s, Version() = %q, %v, after %q; want another one: %t", step.name, v, err, before, step.changes)
				}
				before = v
				if marks, err := s.changeMarks(t.Context(), s.seen.Active); !step.rebuild && (err != nil || len(marks) > 0) {
					t.Errorf("after %s, %d marks of runs are left, %v", step.name, len(marks), err)
				}
			}
		})
	}
}
