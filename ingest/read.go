package ingest

import (
	"context"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/internal/mask"
	"github.com/citewell/citewell/internal/trace"
)

// readPages extracts the texts of pages until there are no more.
func (r *run) readPages(ctx context.Context, pages <-chan *visitedPage) error {
	for {
		v, ok, err := receive(ctx, pages)
		if err != nil || !ok {
			return err
		}
		r.readPage(ctx, v)
	}
}

func (r *run) readPage(ctx context.Context, v *visitedPage) {
	defer close(v.done)
	_, span := trace.Start(ctx, "extract")
	span.Text(trace.URL, mask.Text(v.url))
	defer func() { span.End(v.err) }()
	resp := v.visit.Response
	if v.crawl == nil && v.visit.Err != nil {
		v.err = v.visit.Err
		return
	}
	if v.crawl == nil && resp.Body == nil {
		if resp, v.err = r.config.readFile(v.file); v.err != nil {
			return
		}
		r.tally.fetched()
	}
	resp.URL = v.url
	v.extracted, v.err = r.documents.Read(resp, v.file.source)
	if v.crawl != nil {
		v.extracted.Page.Canonical = v.canonical
	}
	v.visit.Response.Body = nil
}

// split makes the document of a page.
func (r *run) split(ctx context.Context, v *visitedPage, repeated boilerplate.Set) (document.Document, error) {
	_, span := trace.Start(ctx, "chunk")
	doc, err := r.documents.Split(v.extracted, repeated)
	span.Text(trace.URL, mask.Text(v.url))
	span.Number("citewell.chunks", len(doc.Chunks))
	span.End(err)
	return doc, err
}
