package ingest

import "context"

// readPages extracts the texts of pages until there are no more.
func (r *run) readPages(ctx context.Context, pages <-chan *visitedPage) error {
	for {
		v, ok, err := receive(ctx, pages)
		if err != nil || !ok {
			return err
		}
		r.readPage(v)
	}
}

func (r *run) readPage(v *visitedPage) {
	defer close(v.done)
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
