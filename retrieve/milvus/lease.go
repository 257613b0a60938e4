package milvus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// A lease is the right to change an index. One run has it at a time.
//
// For Milvus Lite it is a lock beside the file, which the kernel releases when the
// process ends. For a server it is rows of the meta collection; see presence. If
// Config.TryLock is set, a run on a server gets that lock first. The rows remain
// necessary: a run without TryLock sees nothing else, and after a lock was lost
// they keep the next run away until a write that was under way has ended.
//
// Milvus has no compare-and-swap, so a process that is stopped for longer than
// leaseTimes.stale, between its last check and a write, can still write when it
// continues. One batch of rows can be late in this way: the next run corrects the
// pages that it reads. The meta row can't: whoever takes a lease from a process that
// did not release it skips a version of the meta row, so that a late row is never
// current, and a late swap drops nothing.
type lease struct {
	s      *Store
	lock   *lite.Lock // nil for a server
	server *presence  // nil for Milvus Lite
	outer  index.Lock // of Config.TryLock; nil if there is none

	mu      sync.Mutex
	version int64           // of the meta row that this run knows; 0 if there is none
	own     map[string]bool // keys of the meta rows that this run has written
	over    bool
}

// leaseTimes are the times of a lease on a server.
type leaseTimes struct {
	beat  time.Duration // between two heartbeats
	fresh time.Duration // after the last confirmed heartbeat: then a write confirms first
	stale time.Duration // without a heartbeat: then the run counts as dead
	poll  time.Duration // between two attempts to get the lease
}

var defaultLeaseTimes = leaseTimes{beat: 3 * time.Second, fresh: 7 * time.Second, stale: 15 * time.Second, poll: time.Second}

// litePoll is the time between two attempts to get the lock beside a file.
const litePoll = 100 * time.Millisecond

var errLost = errors.New("another run has taken the index over, because this one was held up: ingest again")

// acquire waits for the lease, for at most Config.LeaseWait.
func (s *Store) acquire(ctx context.Context) (*lease, error) {
	host, _ := os.Hostname() // "" is shown then
	me := index.Holder{Host: host, PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second)}
	note, err := json.Marshal(me)
	if err != nil {
		return nil, err // Unreachable: strings and numbers.
	}
	l := &lease{s: s, own: map[string]bool{}}
	attempt, poll := l.tryLock, litePoll
	if s.byRows {
		l.server, poll = newPresence(s, string(note)), s.times.poll
		attempt = l.tryServer
	}
	begun, told := time.Now(), false
	for {
		ok, heldBy, err := attempt(ctx, string(note))
		if err != nil {
			return nil, errors.Join(err, l.release(ctx))
		}
		if ok {
			break
		}
		var holder index.Holder
		_ = json.Unmarshal([]byte(heldBy), &holder) // The zero holder is "another process".
		// Whoever waits for a short time only must still find out that the holder is dead.
		if time.Since(begun) >= s.config.LeaseWait && !(l.server != nil && l.server.mayLive) {
			return nil, errors.Join(&index.BusyError{Name: s.config.Name, Holder: holder}, l.release(ctx))
		}
		if !told && s.config.Waiting != nil {
			s.config.Waiting(holder)
		}
		told = true
		// Two that try at once on a server both withdraw: they must not try in step.
		if err := pause(ctx, poll/2+rand.N(poll)); err != nil {
			return nil, errors.Join(err, l.release(ctx))
		}
	}
	if err := l.start(ctx); err != nil {
		return nil, errors.Join(err, l.release(ctx))
	}
	return l, nil
}

func (l *lease) tryLock(_ context.Context, note string) (ok bool, heldBy string, err error) {
	l.lock, heldBy, err = l.s.lite.TryLock(l.s.config.Name, note)
	return l.lock != nil, heldBy, err
}

// tryServer gets the outer lock first, and keeps it while it waits for the rows: whoever
// has the rows then does not use such locks, or has lost its own.
func (l *lease) tryServer(ctx context.Context, note string) (ok bool, heldBy string, err error) {
	if l.outer == nil && l.s.config.TryLock != nil {
		l.outer, heldBy, err = l.s.config.TryLock(ctx, l.s.target.address+"/"+l.s.config.Name, note)
		if l.outer == nil || err != nil {
			return false, heldBy, err
		}
	}
	return l.server.try(ctx)
}

// start reads the meta row that later checks expect, and begins the heartbeat.
func (l *lease) start(ctx context.Context) error {
	row, err := l.s.readMeta(ctx, strong)
	if err != nil {
		return err
	}
	if row != nil {
		l.version = row.version
	}
	if l.server == nil {
		return nil
	}
	if l.server.tookOver {
		fence := metaRow{IndexVersion: 1}
		if row != nil {
			fence = *row
		}
		l.version++ // skipped: a late row of the former holder may have it
		if err := l.writeMeta(ctx, &fence); err != nil {
			return err
		}
	}
	l.server.run(ctx, l.check)
	return nil
}

// validate returns an error if the run may not write any more.
func (l *lease) validate(ctx context.Context) error {
	l.mu.Lock()
	over := l.over
	l.mu.Unlock()
	if over {
		return errEnded
	}
	if l.outer != nil {
		if err := l.outer.Validate(ctx); err != nil {
			return fmt.Errorf("the run has lost the index, ingest again: %w", err)
		}
	}
	if l.server == nil {
		return nil
	}
	return l.server.validate(ctx, l.check)
}

var errEnded = errors.New("the run has ended")

// check returns errLost if the current meta row, among rows, is of another run.
func (l *lease) check(rows []metaRow) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(rows) == 0 {
		if l.version > 0 && !l.over {
			return errLost
		}
		return nil
	}
	if last := rows[len(rows)-1]; last.version > l.version && !l.own[last.id] {
		return errLost
	}
	return nil
}

// writeMeta makes a row the current one, visible to every client. It fails if
// another run has written one meanwhile.
func (l *lease) writeMeta(ctx context.Context, row *metaRow) error {
	if err := l.validate(ctx); err != nil {
		return err
	}
	s := l.s
	if err := s.createMeta(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	row.id, row.name, row.version = randomHex(maxKeyBytes/2), s.config.Name, l.version+1
	l.own[row.id] = true
	l.mu.Unlock()
	fp, err := json.Marshal(row.Fingerprint)
	if err != nil {
		return err
	}
	row.fingerprint = string(fp)
	if err := upsert(ctx, s, metaCollection, metaColumns, []metaRow{*row}); err != nil {
		return err
	}
	rows, err := s.metaRowsWith(ctx, row.id)
	if err != nil {
		return err
	}
	if n := len(rows); n == 0 || rows[n-1].id != row.id {
		return errors.Join(errLost, s.deleteKeys(ctx, metaCollection, []string{row.id}))
	}
	l.mu.Lock()
	l.version = row.version
	l.mu.Unlock()
	var ids []string
	for _, old := range rows[:len(rows)-1] {
		ids = append(ids, old.id)
	}
	if err := s.deleteKeys(ctx, metaCollection, ids); err != nil {
		return err
	}
	_, err = s.readMeta(ctx, strong)
	return err
}

// metaRowsWith reads the meta rows of the index until they have the row that was
// written, at most looks times.
func (s *Store) metaRowsWith(ctx context.Context, id string) (rows []metaRow, err error) {
	for i := range looks {
		if i > 0 {
			if err := pause(ctx, lookPause); err != nil {
				return nil, err
			}
		}
		rows, err = s.readMetaRows(ctx, strong)
		if err != nil || slices.ContainsFunc(rows, func(r metaRow) bool { return r.id == id }) {
			return rows, err
		}
	}
	return rows, nil
}

// clearMeta deletes the row of the index, which then no longer exists.
func (l *lease) clearMeta(ctx context.Context, row *metaRow) error {
	l.mu.Lock()
	l.version = 0
	l.mu.Unlock()
	if err := l.s.deleteKeys(ctx, metaCollection, []string{row.id}); err != nil {
		return err
	}
	_, err := l.s.readMeta(ctx, strong)
	return err
}

// releaseTimeout is how long the end of a run may take whose context is canceled.
const releaseTimeout = 10 * time.Second

// ending returns a context for what must be done at the end of a run, also if ctx is
// canceled. A busy server may take as long as for any other call.
func (s *Store) ending(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.config.CallTimeout
	if ctx.Err() != nil {
		limit = releaseTimeout
	}
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
}

// release gives the lease up. It does nothing if that is done.
func (l *lease) release(ctx context.Context) error {
	l.mu.Lock()
	over := l.over
	l.over = true
	l.mu.Unlock()
	if over {
		return nil
	}
	if l.lock != nil {
		return l.lock.Release()
	}
	if l.server == nil {
		return nil
	}
	ctx, cancel := l.s.ending(ctx)
	defer cancel()
	err := l.server.leave(ctx)
	if l.outer != nil {
		err = errors.Join(err, l.outer.Release(ctx))
	}
	return err
}
