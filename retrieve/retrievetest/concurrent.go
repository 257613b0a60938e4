package retrievetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// testConcurrent puts from several goroutines of one run, some of them the same
// pages, while another client searches.
func testConcurrent(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	fill(t, s, "L2", change("https://example.com/there", 5))
	run := begin(t, open(t, name), "L2")
	var writers, reader sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for p := range 10 {
				c := change(fmt.Sprintf("https://example.com/%d", p+10*(w/2)), 3) // two writers each
				if err := run.Put(t.Context(), []index.Change{c}); err != nil {
					t.Errorf("Put() = %v", err)
				}
			}
		})
	}
	done := make(chan struct{})
	reader.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			hits, err := Nearest(t.Context(), s, vectorOf("q"), 5, retrieve.Filter{URLPrefix: "https://example.com/there"})
			if err != nil || len(hits) != 5 {
				t.Errorf("Search() beside the writers = %d chunks, %v, want 5", len(hits), err)
				return
			}
		}
	})
	writers.Wait()
	close(done)
	reader.Wait()
	commit(t, run)
	if n := len(search(t, s, vectorOf("q"), 200, retrieve.Filter{})); n != 65 {
		t.Errorf("Search() = %d chunks, want 65", n)
	}
}

// testCanceled tests that every method ends with its context.
func testCanceled(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	fill(t, s, "L2", change("https://example.com/a", 1))
	r, unused := begin(t, s, "L2"), nameOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, c := range []struct {
		ctx  context.Context
		want error
	}{{ctx, context.Canceled}, {expired, context.DeadlineExceeded}} {
		for name, call := range map[string]func() error{
			"Search":      func() error { _, err := Nearest(c.ctx, s, vectorOf("q"), 1, retrieve.Filter{}); return err },
			"Fingerprint": func() error { _, err := s.Fingerprint(c.ctx); return err },
			"Begin":       func() error { _, err := open(t, unused).Begin(c.ctx, fingerprint("L2"), false); return err },
			"Pages":       func() error { _, err := r.Pages(c.ctx); return err },
			"EachPage":    func() error { return s.EachPage(c.ctx, func(index.Page) error { return nil }) },
			"Page":        func() error { _, _, err := s.Page(c.ctx, "https://example.com/a"); return err },
			"ChunksOf":    func() error { _, err := s.ChunksOf(c.ctx, "https://example.com/a"); return err },
			"Crawls":      func() error { _, err := s.Crawls(c.ctx); return err },
			"Stored":      func() error { _, err := r.Stored(c.ctx, []string{"https://example.com/a"}); return err },
			"Put":         func() error { return r.Put(c.ctx, []index.Change{change("https://example.com/b", 1)}) },
			"Remove":      func() error { _, err := r.Remove(c.ctx, []string{"https://example.com/a"}); return err },
			"Commit":      func() error { return r.Commit(c.ctx) },
		} {
			if err := call(); !errors.Is(err, c.want) {
				t.Errorf("%s() = %v, want %v", name, err, c.want)
			}
		}
	}
	if n := len(search(t, s, vectorOf("q"), 5, retrieve.Filter{})); n != 1 {
		t.Errorf("Search() after that = %d chunks, want 1", n)
	}
}
