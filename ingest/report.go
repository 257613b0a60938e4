package ingest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/citewell/citewell/ingest/extract"
)

// maxErrors is how many errors a report lists: it must not grow with the site.
const maxErrors = 1000

// progressEvery is the time between two calls of Config.Progress.
const progressEvery = 200 * time.Millisecond

// A Report says what a run did.
type Report struct {
	Pages           int            `json:"pages"`             // distinct documents read: Indexed + Unchanged + Skipped
	Indexed         int            `json:"indexed"`           // new or changed, and stored
	Unchanged       int            `json:"unchanged"`         // as the index has them
	Skipped         int            `json:"skipped"`           // read, with nothing to index
	SkippedByReason map[string]int `json:"skipped_by_reason"` // never nil
	Failed          int            `json:"failed"`            // not read
	Pruned          int            `json:"pruned"`            // removed from the index
	Chunks          int            `json:"chunks"`            // of the pages indexed and unchanged
	Embedded        int            `json:"embedded"`          // chunks that were embedded
	Seconds         float64        `json:"seconds"`
	Errors          []PageError    `json:"errors,omitempty"` // of pages failed and skipped, the first 1000
}

// A PageError says why a page was not indexed.
type PageError struct {
	URL   string `json:"url"`
	Error string `json:"error"`
}

// String returns the error, with the address if that does not say it.
func (e PageError) String() string {
	if strings.Contains(e.Error, e.URL) {
		return e.Error
	}
	return e.URL + ": " + e.Error
}

// A Progress is how far a run has come. Pages unless said otherwise.
type Progress struct {
	Found     int // so far
	Fetched   int
	Unchanged int
	Embedded  int // chunks
	Stored    int
	Failed    int // or skipped
	Elapsed   time.Duration
}

// A tally counts what a run does. It is safe for concurrent use.
type tally struct {
	mu       sync.Mutex
	started  time.Time
	progress Progress
	done     Report
}

func newTally() *tally {
	return &tally{started: time.Now(), done: Report{SkippedByReason: map[string]int{}}}
}

// found counts documents that are to be read.
func (t *tally) found(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Found += n
}

// fetched counts a document that was read.
func (t *tally) fetched() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Fetched++
}

// twice counts a document that another address led to before.
func (t *tally) twice() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Found--
	t.progress.Fetched--
}

// failed counts a page that was not indexed.
func (t *tally) failed(url string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Failed++
	if errors.Is(err, extract.ErrNoText) {
		t.done.Skipped++
		t.done.SkippedByReason["no text"]++
	} else {
		t.done.Failed++
	}
	if len(t.done.Errors) < maxErrors {
		t.done.Errors = append(t.done.Errors, PageError{URL: url, Error: err.Error()})
	}
}

// unchanged counts a page that the index has, with its chunks.
func (t *tally) unchanged(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Unchanged++
	t.done.Unchanged++
	t.done.Chunks += chunks
}

// embedded counts chunks that were embedded.
func (t *tally) embedded(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Embedded += chunks
	t.done.Embedded += chunks
}

// stored counts a page that was written, with its chunks.
func (t *tally) stored(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Stored++
	t.done.Indexed++
	t.done.Chunks += chunks
}

// nothing returns an [ErrNothing] unless a page is in the index.
func (t *tally) nothing() error {
	r := t.result()
	switch {
	case r.Indexed+r.Unchanged > 0:
		return nil
	case len(r.Errors) == 0:
		return fmt.Errorf("ingest: %w: no document was named", ErrNothing)
	case r.Failed+r.Skipped == 1:
		return fmt.Errorf("ingest: %w: %s", ErrNothing, r.Errors[0])
	}
	return fmt.Errorf("ingest: %w: %d pages failed, the first with: %s", ErrNothing, r.Failed+r.Skipped, r.Errors[0])
}

// result returns the report as it stands.
func (t *tally) result() Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.done
	r.SkippedByReason = maps.Clone(r.SkippedByReason)
	r.Errors = slices.Clone(r.Errors)
	r.Pages = r.Indexed + r.Unchanged + r.Skipped
	r.Seconds = time.Since(t.started).Seconds()
	return r
}

// report calls fn with the progress at a bounded rate and a last time when the
// function it returns is called.
func (t *tally) report(fn func(Progress)) (stop func()) {
	if fn == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for more := true; more; {
			select {
			case <-tick.C:
			case <-quit:
				more = false
			}
			t.mu.Lock()
			p := t.progress
			t.mu.Unlock()
			p.Elapsed = time.Since(t.started)
			fn(p)
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
