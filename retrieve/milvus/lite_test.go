package milvus_test

import (
	"cmp"
	"path/filepath"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// openAt opens an index, closed when t ends. A busy machine is given time: only what
// c says ends earlier.
func openAt(t testing.TB, c milvus.Config) *milvus.Store {
	t.Helper()
	c.DialTimeout, c.SearchTimeout = cmp.Or(c.DialTimeout, time.Minute), cmp.Or(c.SearchTimeout, time.Minute)
	s, err := milvus.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("Open(%s) = %v", c.URI, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return s
}

func TestLiteConformance(t *testing.T) {
	t.Parallel()
	dir := milvustest.LiteDir(t)
	file := filepath.Join(t.TempDir(), "conformance.db")
	openAt(t, milvus.Config{URI: file, Name: "keeper", LiteDir: dir}) // one process for all of them
	retrievetest.Run(t, func(t *testing.T, name string) retrievetest.Store {
		return openAt(t, milvus.Config{URI: file, Name: name, LiteDir: dir})
	})
}

func TestServerConformance(t *testing.T) {
	t.Parallel()
	uri := "http://" + milvustest.Addr(t)
	retrievetest.Run(t, func(t *testing.T, name string) retrievetest.Store {
		return openAt(t, milvus.Config{URI: uri, Name: name})
	})
}
