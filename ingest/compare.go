package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// Limits of what is compared at once.
const (
	comparePages = 8       // pages whose stored chunks are looked up together
	compareBytes = 1 << 17 // of their texts; a batch ends with the page that passes it
)

// A difference is what is to be done to make the stored chunks of a page those of
// its decision.
type difference struct {
	decision
	insert []int         // numbers of the chunks that the index lacks
	move   []index.Chunk // chunks that it has with other columns
	remove []string      // IDs of the chunks that are gone
	// sameChunks says that the page is in the index as it is, but for its row in
	// the manifest.
	sameChunks bool
}

// compareAll compares decisions with what the index holds, in batches.
func (r *run) compareAll(ctx context.Context, decisions <-chan decision, out chan<- []difference) error {
	var batch []decision
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		differences, err := r.compare(ctx, batch)
		batch, bytes = nil, 0
		if err != nil || len(differences) == 0 {
			return err
		}
		return send(ctx, out, differences)
	}
	for {
		d, ok, err := receive(ctx, decisions)
		if err != nil {
			return err
		}
		if !ok {
			return flush()
		}
		batch = append(batch, d)
		for _, c := range d.Chunks {
			bytes += len(c.Text)
		}
		if len(batch) >= comparePages || bytes >= compareBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// compare returns the differences of those decisions that have one.
func (r *run) compare(ctx context.Context, batch []decision) ([]difference, error) {
	urls := make([]string, len(batch))
	for i, d := range batch {
		urls[i] = d.Page.URL
	}
	stored, err := r.store.Stored(ctx, urls)
	if err != nil {
		return nil, fmt.Errorf("ingest: read stored chunks: %w", err)
	}
	var differences []difference
	for _, d := range batch {
		old, _ := r.previous.Page(d.Page.URL)
		if have := stored[d.Page.URL]; len(have) > 0 {
			d.setAlsoIn(alsoIn(append(index.SplitVersions(have[0].AlsoIn), index.SplitVersions(d.Page.AlsoIn)...), d.Page.Version))
		}
		diff := differenceOf(d, stored[d.Page.URL])
		diff.sameChunks = old.Is(d.Page.Decision) && len(diff.insert)+len(diff.move)+len(diff.remove) == 0
		if diff.sameChunks && d.Page.Decision == index.DecisionIndexed {
			r.unchanged.set(d.seq, true)
			r.tally.unchanged(len(d.Chunks))
		}
		if diff.sameChunks && old.Equals(d.Page) {
			continue
		}
		r.tally.toEmbed(len(diff.insert))
		differences = append(differences, diff)
	}
	return differences, nil
}

// differenceOf compares a decision with the stored chunks of its page.
func differenceOf(d decision, stored []index.Chunk) difference {
	diff := difference{decision: d}
	have := make(map[string]index.Chunk, len(stored))
	for _, c := range stored {
		have[c.ID] = c
	}
	for i, c := range d.Chunks {
		old, ok := have[c.ID]
		delete(have, c.ID)
		switch {
		case !ok:
			diff.insert = append(diff.insert, i)
		case !sameColumns(old, c.Chunk):
			diff.move = append(diff.move, c.Chunk)
		}
	}
	for _, c := range stored {
		if _, gone := have[c.ID]; gone {
			diff.remove = append(diff.remove, c.ID)
			delete(have, c.ID)
		}
	}
	return diff
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
