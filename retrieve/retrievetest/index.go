package retrievetest

import (
	"context"
	"errors"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A Text is a page of plain text.
type Text struct{ URL, Title, Text string }

// Index fills an empty store with an index of pages, with an L2 metric and chunks of
// the default size.
func Index(ctx context.Context, store index.Opener, e embed.Embedder, texts []Text) error {
	var changes []index.Change
	dim := 0
	for _, t := range texts {
		c := index.Change{Page: index.Page{URL: t.URL, Title: t.Title, Decision: index.DecisionIndexed}}
		for n, part := range chunker.Split(t.Text, chunker.Options{}) {
			text := t.Title + "\n\n" + part.Text
			vecs, err := e.Embed(ctx, index.Windows(e, t.Title, part.Text), embed.Document)
			if err != nil {
				return err
			}
			dim = len(vecs[0])
			c.Insert = append(c.Insert, index.Record{
				Chunk: index.Chunk{ID: index.ChunkID(t.URL, text, n), URL: t.URL, Title: t.Title, Text: part.Text,
					Ordinal: n, Start: part.Start, End: part.End, ContentHash: index.ContentHash(t.Text)},
				Windows: vecs, Terms: bm25.Document(text, ""),
			})
		}
		c.Page.Chunks = len(c.Insert)
		changes = append(changes, c)
	}
	run, err := store.Begin(ctx, index.Fingerprint{Model: e.Model(), Dim: dim, Index: "FLAT", Metric: "L2", Chunker: "plain",
		Analyser: bm25.Analyser, Schema: index.SchemaVersion}, false)
	if err != nil {
		return err
	}
	return errors.Join(run.Put(ctx, changes), run.Commit(ctx))
}
