package milvus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/index"
)

// quickTimes are those of a server with all waiting cut short but the one for a run
// that seems dead: a busy machine may delay heartbeats by seconds.
var quickTimes = leaseTimes{beat: 30 * time.Millisecond, fresh: 200 * time.Millisecond, stale: time.Minute, poll: 20 * time.Millisecond}

// impatient makes a store take a run for dead soon. It is for runs that are.
func impatient(s *Store) { s.times.stale = 600 * time.Millisecond }

// openByRows opens an index in Milvus Lite, with the lease that a server has.
func openByRows(t *testing.T, file string, wait time.Duration) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URI: file, Name: "docs", LiteDir: milvustest.LiteDir(t), LeaseWait: wait,
		DialTimeout: time.Minute, SearchTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	s.byRows, s.times = true, quickTimes
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return s
}

var leaseFingerprint = index.Fingerprint{Model: "test/2", Dim: 2, Index: "FLAT", Metric: "L2", Schema: index.SchemaVersion}

// mustBegin begins a run, which is closed when t ends.
func mustBegin(t *testing.T, s *Store, rebuild bool) *run {
	t.Helper()
	r, err := s.begin(t.Context(), leaseFingerprint, rebuild)
	if err != nil {
		t.Fatalf("begin() = %v", err)
	}
	t.Cleanup(func() { r.Close(t.Context()) })
	return r
}

// pageOf returns a page with one chunk.
func pageOf(url, text string) index.Change {
	c := index.Chunk{ID: index.ChunkID(url, text, 0), URL: url, Text: text, CrawledAt: time.Now()}
	return index.Change{Page: index.Page{URL: url, Chunks: 1, Decision: index.DecisionIndexed, CrawledAt: time.Now()},
		Insert: []index.Record{{Chunk: c, Windows: [][]float32{{0, 1}}}}}
}

func put(t *testing.T, r *run, url, text string) {
	t.Helper()
	if err := r.Put(t.Context(), []index.Change{pageOf(url, text)}); err != nil {
		t.Fatalf("Put() = %v", err)
	}
}

func commitRun(t *testing.T, r *run) {
	t.Helper()
	if err := r.Commit(t.Context()); err != nil {
		t.Fatalf("Commit() = %v", err)
	}
}

// freeze makes a run stop as a process does that gets SIGSTOP: its heartbeat ends, and
// its rows stay.
func freeze(r *run) {
	close(r.lease.server.quit)
	<-r.lease.server.done
	r.lease.server.quit = nil
}

// TestLeaseByRows begins runs at the same time, from several clients: one at a time
// has the lease, whoever leaves it and however.
func TestLeaseByRows(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.db")
	fillOne := mustBegin(t, openByRows(t, file, 0), false)
	put(t, fillOne, "https://example.com/", "text")
	commitRun(t, fillOne)
	var holders, most, runs atomic.Int32
	var g errgroup.Group
	for i := range 5 {
		s := openByRows(t, file, time.Minute)
		g.Go(func() error {
			for range 3 {
				r, err := s.begin(t.Context(), leaseFingerprint, i%2 == 0)
				if err != nil {
					return err
				}
				if n := holders.Add(1); n > most.Load() {
					most.Store(n)
				}
				err = r.Put(t.Context(), []index.Change{pageOf("https://example.com/", fmt.Sprint("text ", i))})
				runs.Add(1)
				holders.Add(-1)
				if err := errors.Join(err, r.Close(t.Context())); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil || most.Load() != 1 || runs.Load() != 15 {
		t.Errorf("%d runs, %d at once, %v; want 15, one at a time", runs.Load(), most.Load(), err)
	}
}

// TestLeaseRowsHidden checks that a run keeps the index if Milvus does not show its row
// for moments, and loses it if the row stays away.
func TestLeaseRowsHidden(t *testing.T) {
	t.Parallel()
	p := newPresence(openByRows(t, filepath.Join(t.TempDir(), "a.db"), time.Minute), "here")
	if ok, _, err := p.try(t.Context()); !ok || err != nil {
		t.Fatalf("try() = %t, %v", ok, err)
	}
	read, hidden := p.rows, 0
	p.rows = func(ctx context.Context) ([]metaRow, error) {
		if hidden--; hidden >= 0 {
			return nil, nil
		}
		return read(ctx)
	}
	valid := func([]metaRow) error { return nil }
	for n, want := range map[int]error{looks - 1: nil, looks: errLost} {
		hidden, p.err = n, nil
		if err := p.confirm(t.Context(), valid); !errors.Is(err, want) {
			t.Errorf("confirm() with the rows hidden %d times = %v, want %v", n, err, want)
		}
	}
	if err := p.leave(t.Context()); err != nil {
		t.Errorf("leave() = %v", err)
	}
}

// TestLeaseHolderStopped stops the holder for a long time: another run takes its place,
// although the holder's clock is far ahead, and the holder can do nothing more.
func TestLeaseHolderStopped(t *testing.T) {
	t.Parallel()
	for _, rebuild := range []bool{false, true} {
		t.Run(fmt.Sprint("rebuild ", rebuild), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.db")
			s := openByRows(t, file, 0)
			first := mustBegin(t, s, false)
			put(t, first, "https://example.com/old", "old")
			commitRun(t, first)

			stopped := mustBegin(t, s, rebuild)
			stopped.lease.server.note = `{"host":"tomorrow","pid":1,"since":"2999-01-01T00:00:00Z"}`
			put(t, stopped, "https://example.com/stopped", "stopped")
			if err := stopped.lease.server.write(t.Context()); err != nil {
				t.Fatal(err)
			}
			other := openByRows(t, file, 0)
			if _, err := other.begin(t.Context(), leaseFingerprint, false); !errors.Is(err, index.ErrBusy) {
				t.Fatalf("begin() beside a live run = %v, want ErrBusy", err)
			}
			freeze(stopped)
			impatient(other)
			r := mustBegin(t, other, rebuild)
			put(t, r, "https://example.com/new", "new")
			if err := stopped.Put(t.Context(), []index.Change{pageOf("https://example.com/late", "late")}); !errors.Is(err, errLost) {
				t.Errorf("Put() of the stopped run = %v, want errLost", err)
			}
			if err := stopped.Commit(t.Context()); !errors.Is(err, errLost) {
				t.Errorf("Commit() of the stopped run = %v, want errLost", err)
			}
			commitRun(t, r)
			want := 3
			if rebuild {
				want = 1
			}
			if st, err := other.Stats(t.Context()); err != nil || st != (Stats{Pages: want, Chunks: want, Windows: want}) {
				t.Errorf("Stats() = %+v, %v, want %d of each", st, err, want)
			}
			if err := stopped.Close(t.Context()); err != nil {
				t.Errorf("Close() of the stopped run = %v", err)
			}
			if done, err := other.Fix(t.Context()); err != nil || !done.None() {
				t.Errorf("Fix() = %+v, %v, want nothing to repair", done, err)
			}
		})
	}
}

// TestLeaseWhatRemains shows what Milvus can't prevent, since it has no
// compare-and-swap: a run that is stopped between its check and its write writes late.
// That is one batch of rows, and never the meta row.
func TestLeaseWhatRemains(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.db")
	s := openByRows(t, file, 0)
	first := mustBegin(t, s, false)
	put(t, first, "https://example.com/a", "old")
	commitRun(t, first)

	s.times.fresh = time.Hour // as if every check had been a moment ago
	late := mustBegin(t, s, false)
	freeze(late)
	other := openByRows(t, file, 0)
	impatient(other)
	r := mustBegin(t, other, false)
	if err := late.Put(t.Context(), []index.Change{pageOf("https://example.com/a", "late")}); err != nil {
		t.Errorf("Put() of a run that was stopped after its check = %v", err)
	}
	row := *late.meta
	row.Active, row.Building = "g00000000", ""
	if err := late.lease.writeMeta(t.Context(), &row); !errors.Is(err, errLost) {
		t.Errorf("writeMeta() of a run that was stopped after its check = %v, want errLost", err)
	}
	put(t, r, "https://example.com/b", "new")
	commitRun(t, r)
	next := mustBegin(t, other, false)
	stored, err := next.Stored(t.Context(), []string{"https://example.com/a"})
	if err != nil || len(stored["https://example.com/a"]) != 2 { // the next run that reads the page deletes one
		t.Errorf("Stored() = %v, %v, want the old chunk and the late one", stored, err)
	}
}

// TestLeaseAfterSleep tests that a run asks Milvus before it writes if one of its
// clocks says that the last check is long ago.
func TestLeaseAfterSleep(t *testing.T) {
	t.Parallel()
	s := openByRows(t, filepath.Join(t.TempDir(), "a.db"), 0)
	s.times.fresh = 10 * time.Minute
	r := mustBegin(t, s, false)
	freeze(r)
	p := r.lease.server
	for _, tt := range []struct {
		name string
		at   time.Time
		asks bool
	}{
		{"just now", time.Now(), false},
		{"long ago", time.Now().Add(-time.Hour), true},
		{"long ago by the wall clock", time.Now().Round(0).Add(-time.Hour), true},
		{"in the future by the wall clock", time.Now().Round(0).Add(time.Hour), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := false
			p.confirmed = tt.at
			err := p.validate(t.Context(), func([]metaRow) error { asked = true; return nil })
			if err != nil || asked != tt.asks {
				t.Errorf("validate() = %v, asked Milvus: %v, want %v", err, asked, tt.asks)
			}
		})
	}
}

// TestLeaseWait tests that a run waits for another one, says so once, and that the
// wait ends with the other run, with its context, or with the limit.
func TestLeaseWait(t *testing.T) {
	t.Parallel()
	config := Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)}
	open := func(wait time.Duration, told *int) *Store {
		c := config
		c.LeaseWait = wait
		c.Waiting = func(index.Holder) { *told++ }
		s, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	var told int
	first := mustBegin(t, open(0, &told), false)
	if _, err := open(0, &told).begin(t.Context(), leaseFingerprint, false); !errors.Is(err, index.ErrBusy) || told != 0 {
		t.Errorf("begin() without waiting = %v, told %d times", err, told)
	}
	begun := time.Now()
	if _, err := open(300*time.Millisecond, &told).begin(t.Context(), leaseFingerprint, false); !errors.Is(err, index.ErrBusy) || told != 1 || time.Since(begun) < 300*time.Millisecond {
		t.Errorf("begin() = %v after %v, told %d times, want ErrBusy after 300 ms", err, time.Since(begun), told)
	}
	if err := open(0, &told).Drop(t.Context()); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Drop() of an index that is not there yet = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	canceled := open(time.Hour, &told)
	canceled.config.Waiting = func(index.Holder) { told++; cancel() }
	if _, err := canceled.begin(ctx, leaseFingerprint, false); !errors.Is(err, context.Canceled) || told != 2 {
		t.Errorf("begin() with a context that ends = %v, told %d times", err, told)
	}
	put(t, first, "https://example.com/", "text")
	if err := open(0, &told).Drop(t.Context()); !errors.Is(err, index.ErrBusy) {
		t.Errorf("Drop() beside a run = %v, want ErrBusy", err)
	}
	waiting := open(time.Hour, &told)
	waiting.config.Waiting = func(index.Holder) { told++; go first.Close(context.Background()) }
	mustBegin(t, waiting, false)
	if told != 3 {
		t.Errorf("told %d times that it waits, want 3", told)
	}
}

// TestLeaseServer stops the holder of a lease on a server.
func TestLeaseServer(t *testing.T) {
	t.Parallel()
	config := Config{URI: "http://" + milvustest.Addr(t), Name: "lease_" + randomHex(4)}
	open := func() *Store {
		s, err := Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		s.times = leaseTimes{beat: time.Second, fresh: 3 * time.Second, stale: 6 * time.Second, poll: 500 * time.Millisecond}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s, other := open(), open()
	t.Cleanup(func() { other.Drop(context.Background()) })
	stopped := mustBegin(t, s, false)
	put(t, stopped, "https://example.com/stopped", "stopped")
	begun := time.Now()
	if _, err := other.begin(t.Context(), leaseFingerprint, false); !errors.Is(err, index.ErrBusy) {
		t.Fatalf("begin() beside a live run = %v, want ErrBusy", err)
	}
	t.Logf("told after %v", time.Since(begun))
	freeze(stopped)
	begun = time.Now()
	r := mustBegin(t, other, false)
	t.Logf("taken over after %v", time.Since(begun))
	put(t, r, "https://example.com/new", "new")
	if err := stopped.Put(t.Context(), []index.Change{pageOf("https://example.com/late", "late")}); !errors.Is(err, errLost) {
		t.Errorf("Put() of the stopped run = %v, want errLost", err)
	}
	if err := stopped.Close(t.Context()); err != nil {
		t.Errorf("Close() of the stopped run = %v", err)
	}
	commitRun(t, r)
	if st, err := other.Stats(t.Context()); err != nil || st.Pages != 2 {
		t.Errorf("Stats() = %+v, %v, want 2 pages", st, err)
	}
}

// TestReadAfterWrite reads rows at once after they were written, in memory: Milvus Lite
// misses those of the same millisecond.
func TestReadAfterWrite(t *testing.T) {
	t.Parallel()
	dir := "/dev/shm"
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		dir = ""
	}
	dir, err := os.MkdirTemp(dir, "citewell")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s, err := Open(t.Context(), Config{URI: filepath.Join(dir, "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := mustBegin(t, s, false)
	for i := range 100 {
		url := fmt.Sprint("https://example.com/", i)
		put(t, r, url, "text")
		if pages, err := r.Pages(t.Context(), url); err != nil || len(pages) != 1 {
			t.Fatalf("Pages() after Put() %d = %v, %v, want the page", i, pages, err)
		}
	}
}

// A timedLock notes how long its release may take.
type timedLock struct{ left time.Duration }

func (l *timedLock) Validate(context.Context) error { return nil }

func (l *timedLock) Release(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	l.left = time.Until(deadline)
	return ctx.Err()
}

// The end of a run outlives its context, but not for long; without a canceled context a busy
// server has its usual time.
func TestEnding(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		most time.Duration
	}{{t.Context(), time.Hour}, {canceled, releaseTimeout}} {
		lock := &timedLock{}
		s := openByRows(t, filepath.Join(t.TempDir(), "a.db"), 0)
		s.config.CallTimeout = time.Hour
		s.config.TryLock = func(context.Context, string, string) (index.Lock, string, error) { return lock, "", nil }
		if err := mustBegin(t, s, false).Close(tt.ctx); err != nil {
			t.Errorf("Close() = %v", err)
		}
		if lock.left > tt.most || lock.left < tt.most/2 {
			t.Errorf("with the context %v, the lock had %v, want %v", tt.ctx.Err(), lock.left, tt.most)
		}
	}
}
