package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// A plan is what is to be done to one page.
type plan struct {
	document Document
	insert   []int // indices of chunks that the index lacks
	move     []index.Chunk
	remove   []string
	// unchanged says that the page is in the index as it is, but for its
	// manifest row.
	unchanged bool
}

// A change is what is written of one page.
type change struct {
	index.Change
	site      *site // nil for a file
	unchanged bool
}

// bytes returns about how much the change sends.
func (c change) bytes(dim int) int {
	const row = 1 << 10 // columns other than text and vectors
	n := row
	for _, r := range c.Insert {
		n += row + len(r.Text) + 4*dim*len(r.Windows) + 8*len(r.Terms.Dims)
	}
	for _, m := range c.Move {
		n += row + len(m.Text)
	}
	return n
}

// plan compares documents with what the index holds of them, in batches.
func (p *pipeline) plan(ctx context.Context, documents <-chan Document, plans chan<- []plan) error {
	var batch []Document
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		planned, err := p.compare(ctx, batch)
		batch, bytes = nil, 0
		if err != nil || len(planned) == 0 {
			return err
		}
		return send(ctx, plans, planned)
	}
	for {
		d, ok, err := receive(ctx, documents)
		if err != nil {
			return err
		}
		if !ok {
			return flush()
		}
		if err := p.begin(ctx); err != nil {
			return err
		}
		batch = append(batch, d)
		for _, c := range d.Chunks {
			bytes += len(c.Text)
		}
		if len(batch) >= planPages || bytes >= planBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// begin begins the run on the index, unless it has begun.
func (p *pipeline) begin(ctx context.Context) error {
	if p.store != nil {
		return nil
	}
	store, err := p.in.config.Opener.Begin(ctx, p.fp, p.rebuild)
	if err != nil {
		return fmt.Errorf("ingest: open the index: %w", err)
	}
	p.store = store
	return nil
}

// compare returns the plans for those documents that need one.
func (p *pipeline) compare(ctx context.Context, batch []Document) ([]plan, error) {
	urls := make([]string, len(batch))
	for i, d := range batch {
		urls[i] = d.Page.URL
	}
	stored, err := p.store.Stored(ctx, urls)
	if err != nil {
		return nil, fmt.Errorf("ingest: read stored chunks: %w", err)
	}
	var plans []plan
	for _, d := range batch {
		old := p.known.page(d.Page.URL)
		pl := difference(d, stored[d.Page.URL])
		pl.unchanged = old != nil && p.known.decision(old) == d.Page.Decision && len(pl.insert)+len(pl.move)+len(pl.remove) == 0
		if pl.unchanged && d.Page.Decision == index.DecisionIndexed {
			p.asBefore.set(d.seq, true)
			p.tally.unchanged(len(d.Chunks))
		}
		if pl.unchanged && old.sum == rowSum(d.Page) {
			continue
		}
		plans = append(plans, pl)
	}
	return plans, nil
}

// difference returns what makes the stored chunks of a page those of d.
func difference(d Document, stored []index.Chunk) plan {
	pl := plan{document: d}
	have := make(map[string]index.Chunk, len(stored))
	for _, c := range stored {
		have[c.ID] = c
	}
	for i, c := range d.Chunks {
		old, ok := have[c.ID]
		delete(have, c.ID)
		switch {
		case !ok:
			pl.insert = append(pl.insert, i)
		case !sameColumns(old, c):
			pl.move = append(pl.move, c)
		}
	}
	for _, c := range stored {
		if _, gone := have[c.ID]; gone {
			pl.remove = append(pl.remove, c.ID)
			delete(have, c.ID)
		}
	}
	return pl
}

// sameColumns compares the columns of two chunks with the same ID, but for the
// text, which the ID stands for, and the time of the visit.
func sameColumns(a, b index.Chunk) bool {
	if !sameTime(a.Modified, b.Modified) {
		return false
	}
	a.Text, a.CrawledAt, a.Modified = b.Text, b.CrawledAt, b.Modified
	return a == b
}

// sameTime compares times as far as a store keeps them: in seconds.
func sameTime(a, b time.Time) bool {
	if a.IsZero() || b.IsZero() {
		return a.IsZero() == b.IsZero()
	}
	return a.Unix() == b.Unix()
}
