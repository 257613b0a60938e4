package milvus

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// leasePrefix begins the name of the rows of the meta collection that are leases. No
// name of an index has a colon.
const leasePrefix = "lease:"

// A presence is a run's rows in the meta collection of a server: name is "lease:" and
// the index, active is the run's id, version counts its heartbeats, and fingerprint
// holds the [index.Holder]. A heartbeat inserts a row and then deletes the one
// before, so that a reader always sees one.
//
// A run has the lease if a strong read after its first row shows no row of another
// run. Of two that begin at the same time, at least one sees the other.
//
// A run whose heartbeat does not change for leaseTimes.stale, by the clock of the
// reader, is dead: its rows are deleted. Times of other machines are not compared, so
// it does not matter if their clocks jump.
type presence struct {
	s        *Store
	id       string // of the run
	note     string
	tookOver bool // rows of a dead run were deleted

	rows func(context.Context) ([]metaRow, error) // returns the rows of leases of the index

	others  map[string]lastBeat // by run, as seen while waiting
	mayLive bool                // the last attempt saw a run that is neither known to be alive nor dead

	quit chan struct{} // closed to end the heartbeat; nil before it begins
	done chan struct{} // closed when it has ended

	mu        sync.Mutex
	beat      int64
	row       string    // key of the current row; "" if there is none
	confirmed time.Time // when a strong read last showed the row
	err       error     // errLost when the lease is lost
}

// A lastBeat is the last heartbeat of a run that another run has seen.
type lastBeat struct {
	version int64
	at      time.Time
	changed bool // since it was seen first
}

func newPresence(s *Store, note string) *presence {
	p := &presence{s: s, id: randomHex(maxKeyBytes / 2), note: note, others: map[string]lastBeat{}}
	p.rows = func(ctx context.Context) ([]metaRow, error) { return s.metaRowsOf(ctx, strong, p.name()) }
	return p
}

func (p *presence) name() string { return leasePrefix + p.s.config.Name }

// try tries to get the lease. If another run has it, try returns false and the
// note of that run.
func (p *presence) try(ctx context.Context) (ok bool, heldBy string, err error) {
	if err := p.s.createMeta(ctx); err != nil {
		return false, "", err
	}
	for range looks {
		rows, err := p.rows(ctx)
		if err != nil {
			return false, "", err
		}
		alive, err := p.dropDead(ctx, rows)
		if err != nil {
			return false, "", err
		}
		p.mu.Lock()
		mine := p.row
		p.mu.Unlock()
		switch {
		case alive != nil && mine != "":
			return false, alive.fingerprint, p.remove(ctx)
		case alive != nil:
			return false, alive.fingerprint, nil
		case mine != "" && slices.ContainsFunc(rows, func(r metaRow) bool { return r.id == mine }):
			return true, "", nil
		}
		if err := p.write(ctx); err != nil {
			return false, "", err
		}
	}
	return false, "", p.remove(ctx)
}

// dropDead deletes the rows of dead runs, and returns a row of one that may be
// alive: of the one that began first.
func (p *presence) dropDead(ctx context.Context, rows []metaRow) (alive *metaRow, err error) {
	var dead []string
	slices.SortFunc(rows, func(a, b metaRow) int { return cmp.Or(cmp.Compare(b.version, a.version), cmp.Compare(a.id, b.id)) })
	latest := map[string]int64{}
	for _, r := range rows {
		latest[r.Active] = max(latest[r.Active], r.version)
	}
	p.mayLive = false
	for i, r := range rows {
		if r.Active == p.id {
			continue
		}
		seen, ok := p.others[r.Active]
		if !ok || seen.version != latest[r.Active] {
			seen = lastBeat{latest[r.Active], time.Now(), ok}
			p.others[r.Active] = seen
		}
		p.mayLive = p.mayLive || !seen.changed
		if time.Since(seen.at) >= p.s.times.stale {
			dead = append(dead, r.id)
			p.tookOver = true
		} else if alive == nil {
			alive = &rows[i]
		}
	}
	return alive, p.s.deleteKeys(ctx, metaCollection, dead)
}

// write writes the next heartbeat.
func (p *presence) write(ctx context.Context) error {
	p.mu.Lock()
	old := p.row
	p.beat++
	row := metaRow{id: randomHex(maxKeyBytes / 2), name: p.name(), version: p.beat, Active: p.id, fingerprint: p.note}
	p.row = row.id
	p.mu.Unlock()
	if err := upsert(ctx, p.s, metaCollection, metaColumns, []metaRow{row}); err != nil {
		return err
	}
	if old == "" {
		return nil
	}
	return p.s.deleteKeys(ctx, metaCollection, []string{old})
}

// remove deletes the rows of the run.
func (p *presence) remove(ctx context.Context) error {
	p.mu.Lock()
	p.row = ""
	p.mu.Unlock()
	rows, err := p.rows(ctx)
	if err != nil {
		return err
	}
	var keys []string
	for _, r := range rows {
		if r.Active == p.id {
			keys = append(keys, r.id)
		}
	}
	return p.s.deleteKeys(ctx, metaCollection, keys)
}

// run begins the heartbeat, which goes on until leave. check is called with the
// meta rows of the index.
func (p *presence) run(ctx context.Context, check func([]metaRow) error) {
	p.mu.Lock()
	p.confirmed = time.Now()
	p.mu.Unlock()
	ctx = context.WithoutCancel(ctx) // until leave; each call has its own timeout
	p.quit, p.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(p.done)
		tick := time.NewTicker(p.s.times.beat)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-tick.C:
			}
			err := p.confirm(ctx, check)
			if err == nil {
				err = p.write(ctx)
			}
			if errors.Is(err, errLost) {
				p.s.log.Error("milvus: the run has lost the index", "index", p.s.config.Name)
				return
			}
			if err != nil {
				p.s.log.Warn("milvus: heartbeat", "index", p.s.config.Name, "err", err)
			}
		}
	}()
}

// A run looks for its rows so often before it takes them for gone, with pauses. For
// moments, engines answer as if a row that was written were not there: Milvus 2.3 while
// it loads a collection, and Milvus Lite on a busy machine right after the write, in 4 of
// 24 runs of a test, although the read asks for strong consistency (2026-11-28). Rows that
// another run has deleted stay away.
const (
	looks     = 3
	lookPause = 200 * time.Millisecond
)

// confirm reads from Milvus that the run still has the lease.
func (p *presence) confirm(ctx context.Context, check func([]metaRow) error) error {
	var begun time.Time
	lost := true
	for i := range looks {
		if i > 0 {
			if err := pause(ctx, p.s.times.beat/looks); err != nil {
				return err
			}
		}
		begun = time.Now()
		rows, err := p.rows(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(rows, func(r metaRow) bool { return r.Active == p.id }) {
			continue
		}
		meta, err := p.s.readMetaRows(ctx, strong)
		if err != nil {
			return err
		}
		if lost = check(meta) != nil; !lost {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if lost {
		p.err = errLost
		return errLost
	}
	p.confirmed = begun
	return p.err
}

// validate returns an error if the lease is lost. It asks Milvus if the last
// confirmation is old, by either of the two clocks: the monotonic one stands still
// while the machine sleeps, the other one may jump.
func (p *presence) validate(ctx context.Context, check func([]metaRow) error) error {
	p.mu.Lock()
	err, confirmed := p.err, p.confirmed
	p.mu.Unlock()
	if err != nil || confirmed.IsZero() {
		return err
	}
	now := time.Now()
	wall := now.Round(0).Sub(confirmed.Round(0))
	if now.Sub(confirmed) < p.s.times.fresh && wall < p.s.times.fresh && wall > -p.s.times.fresh {
		return nil
	}
	return p.confirm(ctx, check)
}

// leave ends the heartbeat and deletes the rows of the run.
func (p *presence) leave(ctx context.Context) error {
	if p.quit != nil {
		close(p.quit)
		select { // A write that is under way must not come after the deletion.
		case <-p.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.mu.Lock()
	had := p.row != ""
	p.mu.Unlock()
	if !had {
		return nil
	}
	return p.remove(ctx)
}
