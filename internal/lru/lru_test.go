package lru_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/lru"
)

// TestCache checks what is kept: what was used last, within the bytes.
func TestCache(t *testing.T) {
	t.Parallel()
	c := lru.New[string](10_000)
	for i := range 20 {
		c.Put(fmt.Sprint("k", i), "v", 1000)
		if _, ok := c.Get("k0"); !ok {
			t.Fatalf("k0, which is used, is dropped after k%d", i)
		}
		if s := c.Stats(); s.Bytes > 10_000 || s.Bytes < 0 {
			t.Fatalf("%d bytes after k%d, want 10000 at most", s.Bytes, i)
		}
	}
	c.Put("large", "v", 3000)
	var kept []string
	for i := range 20 {
		if _, ok := c.Get(fmt.Sprint("k", i)); ok {
			kept = append(kept, fmt.Sprint("k", i))
		}
	}
	if got, want := strings.Join(kept, " "), "k0 k13 k14 k15 k16 k17 k18 k19"; got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
	if _, ok := c.Get("large"); ok {
		t.Error("a value of a third of the cache is kept")
	}
	c.Put("k0", "w", 500)
	if v, _ := c.Get("k0"); v != "w" {
		t.Errorf("k0 = %q, want the value that was put last", v)
	}
	if s := c.Stats(); s.Entries != 8 || s.Hits != 20+8+1 || s.Misses != 13 {
		t.Errorf("Stats() = %+v", s)
	}
	none := lru.New[string](0)
	none.Put("k", "v", 1)
	if _, ok := none.Get("k"); ok {
		t.Error("a cache of 0 bytes keeps a value")
	}
}
