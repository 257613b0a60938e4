package ingest

import (
	"context"
	"iter"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/document"
)

// Preview yields the documents of the targets as Ingest would store them, in
// order; of an address it is that document alone. A document that can't be read
// is yielded as its error; a target that names nothing ends the sequence with
// one.
func (in *Ingester) Preview(ctx context.Context, targets []string) iter.Seq2[document.Document, error] {
	return func(yield func(document.Document, error) bool) {
		sources, err := in.config.expand(targets)
		if err != nil {
			yield(document.Document{}, err)
			return
		}
		fetcher, err := in.config.fetcher(targets)
		if err != nil {
			yield(document.Document{}, err)
			return
		}
		for _, t := range sources {
			if err := ctx.Err(); err != nil {
				yield(document.Document{}, err)
				return
			}
			if !yield(in.preview(ctx, fetcher, t)) {
				return
			}
		}
	}
}

// preview gets a document and makes its chunks.
func (in *Ingester) preview(ctx context.Context, fetcher *crawl.Fetcher, t target) (document.Document, error) {
	var resp crawl.Response
	var err error
	if t.path != "" {
		resp, err = in.config.readFile(t)
	} else {
		resp, err = fetcher.Fetch(ctx, t.url)
	}
	if err != nil {
		return document.Document{}, err
	}
	return in.config.documents().Make(resp, t.source, nil)
}
