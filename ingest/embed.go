package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// embedTexts is how many windows one call of the embedder gets at most. It cuts
// them further by its own limits.
const embedTexts = 64

// A change is what is written of one page.
type change struct {
	index.Change
	crawl      *siteCrawl // nil for a file
	sameChunks bool       // see difference
}

// embedAll turns differences into changes: the chunks to insert get their
// vectors.
func (r *run) embedAll(ctx context.Context, differences <-chan []difference, changes chan<- change) error {
	for {
		batch, ok, err := receive(ctx, differences)
		if err != nil || !ok {
			return err
		}
		some, err := r.changes(ctx, batch)
		if err != nil {
			return err
		}
		for _, c := range some {
			if err := send(ctx, changes, c); err != nil {
				return err
			}
		}
	}
}

// changes returns what is to be written for differences.
func (r *run) changes(ctx context.Context, batch []difference) ([]change, error) {
	vectors, err := r.vectors(ctx, batch)
	if err != nil {
		return nil, err
	}
	changes := make([]change, len(batch))
	for n, d := range batch {
		c := change{index.Change{Page: d.Page, Move: d.move, Delete: d.remove}, d.crawl, d.sameChunks}
		for _, i := range d.insert {
			chunk := d.Chunks[i]
			c.Insert = append(c.Insert, index.Record{
				Chunk:   chunk.Chunk,
				Windows: vectors[chunk.ID],
				Terms:   bm25.Document(chunk.Embedded(), chunk.Lang),
			})
		}
		changes[n] = c
	}
	return changes, nil
}

// vectors returns the windows of the chunks to insert, by ID: from the
// generation before, if the index is rebuilt, else from the embedder.
func (r *run) vectors(ctx context.Context, batch []difference) (map[string][]embed.Vector, error) {
	known := map[string][]embed.Vector{}
	if r.rebuild {
		var ids []string
		for _, d := range batch {
			for _, i := range d.insert {
				ids = append(ids, d.Chunks[i].ID)
			}
		}
		var err error
		if known, err = r.store.Vectors(ctx, ids); err != nil {
			return nil, fmt.Errorf("ingest: read stored vectors: %w", err)
		}
	}
	var texts, owners []string // window by window, and the chunk it belongs to
	chunks := 0
	for _, d := range batch {
		for _, i := range d.insert {
			c := d.Chunks[i]
			if len(known[c.ID]) > 0 {
				continue
			}
			chunks++
			for _, w := range index.Windows(r.embedder, c.Heading, c.Body) {
				texts, owners = append(texts, w), append(owners, c.ID)
			}
		}
	}
	out := make(map[string][]embed.Vector, chunks+len(known))
	for id, v := range known {
		out[id] = v
	}
	r.tally.toEmbed(-len(known))
	for len(texts) > 0 {
		n := min(embedTexts, len(texts))
		ctx, span := trace.Start(ctx, "embed_chunks")
		span.Text(trace.Model, r.embedder.Model())
		span.Number("citewell.texts", n)
		vecs, err := r.embedder.Embed(ctx, texts[:n], embed.Document)
		if err == nil && len(vecs) != n {
			err = errors.New("the embedder returned another number of vectors")
		}
		if span.End(err); err != nil {
			return nil, fmt.Errorf("ingest: embed %d texts: %w", n, err)
		}
		done := 0
		for i, v := range vecs {
			out[owners[i]] = append(out[owners[i]], v)
			if i+1 == len(owners) || owners[i+1] != owners[i] {
				done++
			}
		}
		texts, owners = texts[n:], owners[n:]
		r.tally.embedded(done)
	}
	return out, nil
}
