package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/previous"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// An Explanation tells what a run decides about one address, and why.
type Explanation struct {
	Start   string             // of the crawl that the address belongs to; the address itself if none is recorded
	Crawled bool               // that crawl is recorded
	Crawl   crawl.Inspection   // how the crawl sees the address now
	Cited   string             // what the page is stored and cited by
	Stored  *index.Page        // its row in the manifest; nil if there is none
	Chunks  []index.Chunk      // that are stored of it, by Ordinal
	Page    *document.Document // the document that a run would store now; nil if none
	Refused string             // why a run would store nothing; "" if it would
}

// Decision returns what a run would decide about the page. Whether it is a duplicate
// depends on other pages, and so it is taken from the manifest.
func (e Explanation) Decision() string {
	v := e.Crawl.Visit
	switch {
	case v != nil && v.NoIndex != "":
		return index.DecisionNoindex
	case e.Page == nil && e.Stored != nil && e.Stored.Decision != index.DecisionIndexed:
		return e.Stored.Decision
	case e.Page == nil:
		return index.DecisionFailed
	case e.Stored != nil && e.Stored.Decision == index.DecisionDuplicate && e.Stored.ContentHash == e.Page.Page.ContentHash:
		return index.DecisionDuplicate
	}
	return index.DecisionIndexed
}

// Explain examines one address as a run would, and what the index has of it. It
// writes nothing. If the address can't be fetched, the Explanation says so; that is
// not an error.
func (in *Ingester) Explain(ctx context.Context, address string) (Explanation, error) {
	e := Explanation{}
	if in.config.Opener == nil {
		return e, errors.New("ingest: the Ingester has no store")
	}
	s, err := in.siteOf(ctx, address)
	if err != nil {
		return e, err
	}
	e.Start, e.Crawled = s.Start, s.IsRecorded()
	fetcher, err := in.config.fetcher([]string{address, s.Start})
	if err != nil {
		return e, err
	}
	if from, ok := s.Uncite(address); ok {
		address = from
	}
	options := in.config.Crawl
	options.Include, options.Exclude = s.State.Include, s.State.Exclude
	options.IgnoreRobots = options.IgnoreRobots || s.State.IgnoreRobots
	e.Crawl, err = fetcher.Inspect(ctx, crawl.Site{Start: s.Start, Options: options}, address)
	if err != nil {
		return e, err
	}
	e.Cited = s.Cite(e.Crawl.URL)
	e.read(in, s)
	return e, e.lookUp(ctx, in.config.Opener)
}

// siteOf returns the site that an address belongs to: of those with a recorded crawl
// the one with the longest start, else one that starts at the address.
func (in *Ingester) siteOf(ctx context.Context, address string) (*site.Site, error) {
	best, err := site.New(address, in.config.settings())
	if err != nil {
		return nil, err
	}
	crawls, err := previous.ReadSites(ctx, in.config.Opener)
	if err != nil {
		return nil, err
	}
	for _, s := range crawls {
		from, ok := s.Uncite(address)
		if !ok {
			continue
		}
		u, err := url.Parse(from)
		if err != nil {
			continue
		}
		u = urlnorm.Normalize(u)
		if inside, _ := s.Scope.Contains(u); !inside && !s.Scope.Excludes(u) {
			continue
		}
		if !best.IsRecorded() || len(s.Start) > len(best.Start) {
			best = s
		}
	}
	return best, nil
}

// read makes the document that would be stored.
func (e *Explanation) read(in *Ingester, s *site.Site) {
	v := e.Crawl.Visit
	switch {
	case e.Crawl.Err != nil:
		e.Refused = e.Crawl.Err.Error()
		return
	case v == nil:
		e.Refused = "robots.txt does not allow it: " + e.Crawl.Robots
		return
	case v.Err != nil:
		e.Refused = v.Err.Error()
		return
	}
	e.Cited = s.Cite(v.URL)
	resp := v.Response
	resp.URL = e.Cited
	d, err := in.config.documents().Make(resp, "", s.State.Repeated)
	if err != nil {
		e.Refused = err.Error()
		return
	}
	e.Page, e.Refused = &d, v.NoIndex
}

// lookUp reads what the index holds of the page.
func (e *Explanation) lookUp(ctx context.Context, store Store) error {
	for _, u := range []string{e.Cited, e.Crawl.URL} {
		p, ok, err := store.Page(ctx, u)
		if errors.Is(err, index.ErrNoIndex) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ingest: read the manifest: %w", err)
		}
		if ok {
			e.Stored = &p
			if e.Chunks, err = store.ChunksOf(ctx, u); err != nil {
				return fmt.Errorf("ingest: read stored chunks: %w", err)
			}
			return nil
		}
	}
	return nil
}
