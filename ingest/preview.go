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
			for _, doc := range in.preview(ctx, fetcher, t) {
				if !yield(doc.Document, doc.err) {
					return
				}
			}
		}
	}
}

// A previewed is a document, or why there is none.
type previewed struct {
	document.Document
	err error
}

// preview gets a document and makes its chunks; of an OpenAPI description those of its pages.
func (in *Ingester) preview(ctx context.Context, fetcher *crawl.Fetcher, t target) []previewed {
	var parts []crawl.Response
	var err error
	if t.path != "" {
		parts, err = in.config.splitFile(t)
	} else {
		var resp crawl.Response
		if resp, err = fetcher.Fetch(ctx, t.url); err == nil {
			if parts, err = split(resp, reference{}, nil); parts == nil {
				parts = []crawl.Response{resp}
			}
		}
	}
	if err != nil {
		return []previewed{{err: err}}
	}
	var out []previewed
	for _, p := range parts {
		doc, err := in.config.documents().Make(p, t.source, nil)
		out = append(out, previewed{doc, err})
	}
	return out
}
