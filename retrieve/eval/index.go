package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A Store is a scratch index.
type Store interface {
	retrieve.Searcher
	retrieve.Opener
}

// An Indexing says how documents are put into a scratch index.
type Indexing struct {
	Store       Store                 // holds this corpus alone, or nothing yet
	Embedder    embed.Embedder        // required
	Chunking    chunker.Options       // of the texts, which are plain
	Fingerprint retrieve.Fingerprint  // of the index
	Progress    func(done, total int) // told the documents; may be nil
}

const (
	group = 16 // documents that are put at once
	batch = 64 // windows that are embedded at once
)

// Index puts the documents into the store, each as a page whose URL is its ID
// and whose title is its heading too. An index that holds them all already, as
// its statistics tell, is left as it is.
func (x Indexing) Index(ctx context.Context, docs []Document) error {
	if err := x.index(ctx, docs); err != nil {
		return fmt.Errorf("eval: index: %w", err)
	}
	return nil
}

func (x Indexing) index(ctx context.Context, docs []Document) error {
	changes := make([]retrieve.Change, len(docs))
	total := 0
	for i, d := range docs {
		changes[i] = x.change(d)
		total += len(changes[i].Insert)
	}
	ix, err := x.Store.Index(ctx)
	if err != nil && !errors.Is(err, retrieve.ErrNoIndex) {
		return err
	}
	if err == nil && ix.Fingerprint == x.Fingerprint && ix.Statistics != nil && ix.Statistics.Chunks() == total {
		return nil
	}
	run, err := x.Store.Begin(ctx, x.Fingerprint, err == nil)
	if err != nil {
		return err
	}
	done := 0
	for part := range slices.Chunk(changes, group) {
		if err := x.embed(ctx, part); err != nil {
			return err
		}
		if err := run.Put(ctx, part); err != nil {
			return err
		}
		clear(part) // their vectors are not wanted any more
		done += len(part)
		if x.Progress != nil {
			x.Progress(done, len(changes))
		}
	}
	return run.Commit(ctx)
}

// change makes the chunks of a document, without vectors.
func (x Indexing) change(d Document) retrieve.Change {
	c := retrieve.Change{Page: retrieve.Page{URL: d.ID, Title: d.Title, Decision: retrieve.DecisionIndexed}}
	seen := map[string]int{}
	for n, part := range chunker.Split(d.Text, x.Chunking) {
		text := part.Text
		if d.Title != "" {
			text = d.Title + "\n\n" + text
		}
		c.Insert = append(c.Insert, retrieve.Record{
			Chunk: retrieve.Chunk{ID: retrieve.ChunkID(d.ID, text, seen[text]), URL: d.ID, Title: d.Title, Text: part.Text,
				Ordinal: n, Start: part.Start, End: part.End, ContentHash: retrieve.ContentHash(d.Text)},
			Terms: bm25.Document(text, ""),
		})
		seen[text]++
	}
	c.Page.Chunks = len(c.Insert)
	return c
}

// embed gives the chunks of changes their vectors.
func (x Indexing) embed(ctx context.Context, changes []retrieve.Change) error {
	var texts []string
	var owners []*retrieve.Record
	for _, c := range changes {
		for i, r := range c.Insert {
			for _, w := range retrieve.Windows(x.Embedder, r.Title, r.Text) {
				texts, owners = append(texts, w), append(owners, &c.Insert[i])
			}
		}
	}
	for len(texts) > 0 {
		n := min(batch, len(texts))
		vecs, err := x.Embedder.Embed(ctx, texts[:n], embed.Document)
		if err != nil {
			return err
		}
		if len(vecs) != n {
			return errors.New("the embedder returned another number of vectors")
		}
		for i, v := range vecs {
			owners[i].Windows = append(owners[i].Windows, v)
		}
		texts, owners = texts[n:], owners[n:]
	}
	return nil
}
