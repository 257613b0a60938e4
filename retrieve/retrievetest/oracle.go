// Package retrievetest tests stores of chunks: [Run] is the conformance suite that every
// store passes, and [Oracle] is an exact store in memory.
package retrievetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
	"github.com/citewell/citewell/retrieve/index"
)

// An Oracle is an index in memory that is searched by brute force. The zero
// value has no index yet. It is safe for concurrent use.
type Oracle struct {
	mu       sync.Mutex
	active   *generation // nil if there is no index
	building *generation // of a rebuild
	writer   *run        // that has the lease; nil if none has

	// LeaseWait is how long a run waits for another one to end. With 0 it does not wait.
	LeaseWait time.Duration
}

// A generation is the content of one version of the index.
type generation struct {
	fp     index.Fingerprint
	pages  map[string]index.Page   // by URL
	chunks map[string]index.Record // by ID
	stats  *bm25.Statistics        // as of the last commit
	words  *vocabulary.Vocabulary  // as of the last commit
}

var (
	_ retrieve.Searcher = (*Oracle)(nil)
	_ index.Opener      = (*Oracle)(nil)
	_ index.Manifest    = (*Oracle)(nil)
	_ index.Run         = (*run)(nil)
)

// A run is one ingestion into one generation.
type run struct {
	o        *Oracle
	gen      *generation
	previous *generation // to take vectors from; nil if there is none
	wrote    bool
}

// Begin implements [index.Opener].
func (o *Oracle) Begin(ctx context.Context, fp index.Fingerprint, rebuild bool) (index.Run, error) {
	for begun := time.Now(); ; {
		r, err := o.begin(ctx, fp, rebuild)
		if !errors.Is(err, index.ErrBusy) || time.Since(begun) >= o.LeaseWait {
			return r, err
		}
		time.Sleep(time.Millisecond)
	}
}

func (o *Oracle) begin(ctx context.Context, fp index.Fingerprint, rebuild bool) (index.Run, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.writer != nil {
		return nil, fmt.Errorf("retrievetest: begin: %w", &index.BusyError{Name: "oracle", Holder: index.Holder{Host: "here", PID: os.Getpid()}})
	}
	if o.active != nil && !rebuild && o.active.fp != fp {
		return nil, fmt.Errorf("retrievetest: begin: %w",
			&index.MismatchError{Name: "oracle", Have: o.active.fp, Asked: fp})
	}
	r := &run{o: o, gen: o.active}
	o.writer, o.building = r, nil
	if o.active != nil && !rebuild {
		return r, nil
	}
	r.gen = &generation{fp, map[string]index.Page{}, map[string]index.Record{}, (&bm25.Counter{}).Statistics(), nil}
	if o.active == nil {
		return r, nil
	}
	o.building = r.gen
	r.setPrevious()
	return r, nil
}

// setPrevious sets the generation to take vectors from.
func (r *run) setPrevious() {
	r.previous = nil
	old, fp := r.o.active, r.gen.fp
	if old != nil && old.fp.Model == fp.Model && old.fp.Dim == fp.Dim && old.fp.Schema == fp.Schema {
		r.previous = old
	}
}

// SetModel implements [index.Run].
func (r *run) SetModel(model string, dim int) error {
	r.o.mu.Lock()
	defer r.o.mu.Unlock()
	if r.gen == r.o.active || r.wrote {
		return errors.New("retrievetest: the index exists with its embedder")
	}
	r.gen.fp.Model, r.gen.fp.Dim = model, dim
	r.setPrevious()
	return nil
}

// lock locks the oracle. It returns an error if the context is done or the run has
// ended.
func (r *run) lock(ctx context.Context) error {
	r.o.mu.Lock()
	err := ctx.Err()
	if err == nil && r.o.writer != r {
		err = errors.New("retrievetest: the run has ended")
	}
	if err != nil {
		r.o.mu.Unlock()
	}
	return err
}

// lockToWrite locks the oracle, and creates the index if it does not exist.
func (r *run) lockToWrite(ctx context.Context) error {
	if err := r.lock(ctx); err != nil {
		return err
	}
	r.wrote = true
	if r.o.active == nil {
		r.o.active = r.gen
	}
	return nil
}

// Close implements [index.Run].
func (r *run) Close(context.Context) error {
	r.o.mu.Lock()
	defer r.o.mu.Unlock()
	if r.o.writer == r {
		r.o.writer, r.o.building = nil, nil
	}
	return nil
}

// Pages implements [index.Reader].
func (r *run) Pages(ctx context.Context, urls ...string) (map[string]index.Page, error) {
	if err := r.lock(ctx); err != nil {
		return nil, err
	}
	defer r.o.mu.Unlock()
	pages := maps.Clone(r.gen.pages)
	maps.DeleteFunc(pages, func(u string, p index.Page) bool {
		_, isCrawl := p.Crawl()
		return len(urls) == 0 && isCrawl || len(urls) > 0 && !slices.Contains(urls, u)
	})
	return pages, nil
}

// Stored implements [index.Reader].
func (r *run) Stored(ctx context.Context, urls []string) (map[string][]index.Chunk, error) {
	if err := r.lock(ctx); err != nil {
		return nil, err
	}
	defer r.o.mu.Unlock()
	stored := map[string][]index.Chunk{}
	for _, rec := range r.gen.chunks {
		if slices.Contains(urls, rec.URL) {
			c := rec.Chunk
			c.Text = ""
			stored[c.URL] = append(stored[c.URL], c)
		}
	}
	for _, chunks := range stored {
		slices.SortFunc(chunks, func(a, b index.Chunk) int {
			return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), strings.Compare(a.ID, b.ID))
		})
	}
	return stored, nil
}

// Vectors implements [index.Reader].
func (r *run) Vectors(ctx context.Context, ids []string) (map[string][]embed.Vector, error) {
	if err := r.lock(ctx); err != nil {
		return nil, err
	}
	defer r.o.mu.Unlock()
	vectors := map[string][]embed.Vector{}
	for _, id := range ids {
		if r.previous == nil {
			break
		}
		if rec, ok := r.previous.chunks[id]; ok {
			vectors[id] = rec.Windows
		}
	}
	return vectors, nil
}

// Put implements [index.Writer].
func (r *run) Put(ctx context.Context, changes []index.Change) error {
	if err := r.lockToWrite(ctx); err != nil {
		return err
	}
	defer r.o.mu.Unlock()
	for _, c := range changes {
		if err := c.Validate(r.gen.fp.Dim); err != nil {
			return fmt.Errorf("retrievetest: put: %w", err)
		}
		for _, m := range c.Move {
			if _, ok := r.gen.chunks[m.ID]; !ok {
				return errors.New("retrievetest: put: a moved chunk is not stored")
			}
		}
	}
	for _, c := range changes {
		r.apply(c)
	}
	return nil
}

func (r *run) apply(c index.Change) {
	seen := map[string]bool{}
	for _, rec := range c.Insert {
		if !seen[rec.ID] {
			rec.Chunk = stored(rec.Chunk)
			r.gen.chunks[rec.ID] = rec
		}
		seen[rec.ID] = true
	}
	for _, m := range c.Move {
		rec := r.gen.chunks[m.ID]
		if m.Text == "" {
			m.Text = rec.Text
		}
		rec.Chunk = stored(m)
		r.gen.chunks[m.ID] = rec
	}
	for _, id := range c.Delete {
		delete(r.gen.chunks, id)
	}
	c.Page.CrawledAt = c.Page.CrawledAt.Truncate(time.Microsecond).UTC()
	r.gen.pages[c.Page.URL] = c.Page
}

// stored returns c as a store returns it.
func stored(c index.Chunk) index.Chunk {
	c.Modified = c.Modified.Truncate(time.Microsecond).UTC()
	c.CrawledAt = c.CrawledAt.Truncate(time.Microsecond).UTC()
	return c
}

// Remove implements [index.Writer].
func (r *run) Remove(ctx context.Context, urls []string) (int, error) {
	if err := r.lockToWrite(ctx); err != nil {
		return 0, err
	}
	defer r.o.mu.Unlock()
	n := 0
	for _, u := range urls {
		if _, ok := r.gen.pages[u]; ok {
			n++
			delete(r.gen.pages, u)
		}
		maps.DeleteFunc(r.gen.chunks, func(_ string, rec index.Record) bool { return rec.URL == u })
	}
	return n, nil
}

// Commit implements [index.Writer].
func (r *run) Commit(ctx context.Context) error {
	if err := r.lockToWrite(ctx); err != nil {
		return err
	}
	defer r.o.mu.Unlock()
	r.gen.recount()
	if r.gen == r.o.building {
		r.o.active, r.o.building = r.gen, nil
	}
	r.o.writer = nil
	return nil
}
