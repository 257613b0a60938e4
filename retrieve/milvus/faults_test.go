package milvus_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// TestNoFaults checks an index without faults, and none.
func TestNoFaults(t *testing.T) {
	t.Parallel()
	s := openAt(t, milvus.Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
	if _, err := s.Faults(t.Context()); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Faults() without an index = %v, want ErrNoIndex", err)
	}
	if _, err := s.Fix(t.Context()); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Fix() without an index = %v, want ErrNoIndex", err)
	}
	fillPages(t, s, fingerprint(), 4)
	for name, f := range map[string]func() (milvus.Faults, error){
		"Faults": func() (milvus.Faults, error) { return s.Faults(t.Context()) },
		"Fix":    func() (milvus.Faults, error) { return s.Fix(t.Context()) },
	} {
		if found, err := f(); err != nil || !found.None() {
			t.Errorf("%s() = %+v, %v, want none", name, found, err)
		}
	}
}
