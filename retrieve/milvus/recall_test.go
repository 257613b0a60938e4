package milvus_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// TestRecall holds a FLAT index to a recall of 1, and IVF_FLAT to being measured.
func TestRecall(t *testing.T) {
	t.Parallel()
	for _, typ := range []string{"FLAT", "IVF_FLAT"} {
		t.Run(typ, func(t *testing.T) {
			s := openAt(t, milvus.Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "recall", LiteDir: milvustest.LiteDir(t)})
			if _, err := s.Recall(t.Context(), 1, 1); !errors.Is(err, index.ErrNoIndex) {
				t.Errorf("Recall() without an index = %v", err)
			}
			fp := benchFingerprint()
			fp.Index = typ
			r, err := s.Begin(t.Context(), fp, false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Recall(t.Context(), 1, 1); err == nil {
				t.Error("Recall() of an empty index succeeded")
			}
			for p := range 30 {
				if err := r.Put(t.Context(), []index.Change{benchChange(p)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			got, err := s.Recall(t.Context(), 40, 10)
			if err != nil || got.Index != typ || got.Questions != 40 || got.K != 10 || got.Recall <= 0 || got.Recall > 1 {
				t.Fatalf("Recall() = %+v, %v", got, err)
			}
			if typ == "FLAT" && got.Recall != 1 {
				t.Errorf("recall of FLAT = %v, want 1", got.Recall)
			}
			if _, err := s.Recall(t.Context(), 1, 0); !errors.Is(err, retrieve.ErrQuery) {
				t.Errorf("Recall(k = 0) = %v, want ErrQuery", err)
			}
		})
	}
}
