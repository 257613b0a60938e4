package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/index"
)

// Limits of what is written at once.
const (
	putBytes = 1 << 20 // of the changes that are written together, about: the store works while more is read
	putPages = 200     // written together after the crawl
)

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

// writeAll puts changes into the index, in batches.
func (r *run) writeAll(ctx context.Context, changes <-chan change) error {
	var batch []change
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := r.put(ctx, batch); err != nil {
			return err
		}
		batch, bytes = nil, 0
		return nil
	}
	for {
		c, ok, err := receive(ctx, changes)
		if err != nil {
			return err
		}
		if !ok {
			return flush()
		}
		batch = append(batch, c)
		if bytes += c.bytes(r.fingerprint.Dim); bytes >= putBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// write does what the stages from compare on do, for decisions that are made
// after the crawl.
func (r *run) write(ctx context.Context, decisions []decision) error {
	if err := r.choose(ctx, decisions); err != nil {
		return err
	}
	for batch := range slices.Chunk(decisions, putPages) {
		differences, err := r.compare(ctx, batch)
		if err != nil {
			return err
		}
		changes, err := r.changes(ctx, differences)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			continue
		}
		if err := r.put(ctx, changes); err != nil {
			return err
		}
	}
	return nil
}

// put writes changes. Before the first of a site, its crawl is marked as
// incomplete.
func (r *run) put(ctx context.Context, batch []change) error {
	put := make([]index.Change, len(batch))
	for i, c := range batch {
		if err := r.markIncomplete(ctx, c.crawl); err != nil {
			return err
		}
		put[i] = c.Change
	}
	ctx, span := trace.Start(ctx, "store", trace.Client)
	span.Number("citewell.pages", len(put))
	err := r.store.Put(ctx, put)
	if span.End(err); err != nil {
		return fmt.Errorf("ingest: write %d pages: %w", len(batch), err)
	}
	for _, c := range batch {
		if !c.sameChunks && c.Page.Decision == index.DecisionIndexed {
			r.tally.stored(c.Page.Chunks)
		}
	}
	return nil
}

// markIncomplete records that the crawl of a site is not complete, and what its
// pages repeat: pages are about to be written, and those they lead to may never
// be. If the settings are not those of the previous crawl, its record keeps its
// state: the next run has to tell by it which pages are not wanted any more.
func (r *run) markIncomplete(ctx context.Context, c *siteCrawl) error {
	if c == nil || c.marked {
		return nil
	}
	c.marked = true
	s := c.site
	if s.State.StartOnly() {
		return nil
	}
	mark := index.Crawl{Start: s.Start, State: s.Recorded.State, CrawledAt: s.Recorded.CrawledAt}
	if old := r.previous.Site(s.Start); old == nil || old.State.Settings.Equal(s.State.Settings) {
		state, err := json.Marshal(s.State)
		if err != nil {
			// Unreachable: strings and numbers.
			return err
		}
		mark.State = string(state)
	}
	if mark == s.Recorded {
		return nil
	}
	if err := r.store.Put(ctx, []index.Change{{Page: mark.Page()}}); err != nil {
		return fmt.Errorf("ingest: record the crawl of %s: %w", s.Start, err)
	}
	return nil
}
