package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// embedTexts is how many windows one call of the embedder gets at most. It cuts
// them further by its own limits.
const embedTexts = 64

// embed turns plans into changes: the chunks to insert get their vectors.
func (p *pipeline) embed(ctx context.Context, plans <-chan []plan, changes chan<- change) error {
	for {
		batch, ok, err := receive(ctx, plans)
		if err != nil || !ok {
			return err
		}
		some, err := p.changes(ctx, batch)
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

// changes returns what is to be written for plans.
func (p *pipeline) changes(ctx context.Context, batch []plan) ([]change, error) {
	vectors, err := p.vectors(ctx, batch)
	if err != nil {
		return nil, err
	}
	changes := make([]change, len(batch))
	for n, pl := range batch {
		d := pl.document
		c := change{index.Change{Page: d.Page, Move: pl.move, Delete: pl.remove}, d.site, pl.unchanged}
		for _, i := range pl.insert {
			chunk := d.Chunks[i]
			c.Insert = append(c.Insert, index.Record{
				Chunk:   chunk,
				Windows: vectors[chunk.ID],
				Terms:   bm25.Document(d.Embedded(i), chunk.Lang),
			})
		}
		changes[n] = c
	}
	return changes, nil
}

// vectors returns the windows of the chunks to insert, by ID: from the
// generation before, if the index is rebuilt, else from the embedder.
func (p *pipeline) vectors(ctx context.Context, batch []plan) (map[string][]embed.Vector, error) {
	known := map[string][]embed.Vector{}
	if p.rebuild {
		var ids []string
		for _, pl := range batch {
			for _, i := range pl.insert {
				ids = append(ids, pl.document.Chunks[i].ID)
			}
		}
		var err error
		if known, err = p.store.Vectors(ctx, ids); err != nil {
			return nil, fmt.Errorf("ingest: read stored vectors: %w", err)
		}
	}
	var texts, owners []string // window by window, and the chunk it belongs to
	chunks := 0
	for _, pl := range batch {
		for _, i := range pl.insert {
			c := pl.document.Chunks[i]
			if len(known[c.ID]) > 0 {
				continue
			}
			chunks++
			for _, w := range index.Windows(p.in.config.Embedder, pl.document.Headings[i], pl.document.Bodies[i]) {
				texts, owners = append(texts, w), append(owners, c.ID)
			}
		}
	}
	out := make(map[string][]embed.Vector, chunks+len(known))
	for id, v := range known {
		out[id] = v
	}
	for len(texts) > 0 {
		n := min(embedTexts, len(texts))
		vecs, err := p.in.config.Embedder.Embed(ctx, texts[:n], embed.Document)
		if err == nil && len(vecs) != n {
			err = errors.New("the embedder returned another number of vectors")
		}
		if err != nil {
			return nil, fmt.Errorf("ingest: embed %d texts: %w", n, err)
		}
		for i, v := range vecs {
			out[owners[i]] = append(out[owners[i]], v)
		}
		texts, owners = texts[n:], owners[n:]
	}
	p.tally.embedded(chunks)
	return out, nil
}
