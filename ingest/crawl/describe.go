package crawl

import (
	"context"
	"errors"
	"net/url"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/ingest/openapi"
)

// A Reference is a page that renders an OpenAPI description in the browser.
type Reference struct {
	URL      string
	Renderer openapi.Renderer
}

// A describer is a page whose description is to be visited.
type describer struct {
	page  string
	depth int
	base  string
	shown openapi.Shown
}

// noteDescription remembers the OpenAPI descriptions that a page renders.
func (w *walk) noteDescription(v *Visit, base string) {
	shown := openapi.ShownOn(v.Response.Body)
	if shown.Renderer == "" {
		return
	}
	v.Renders = true
	v.Response.ETag, v.Response.LastModified = "", "" // The description can change without the page.
	w.describers = append(w.describers, describer{v.URL, v.Depth, base, shown})
}

// visitDescriptions visits the descriptions that pages render.
func (w *walk) visitDescriptions(ctx context.Context) error {
	all := w.describers
	w.describers = nil
	for _, d := range all {
		base, err := url.Parse(d.base)
		if err != nil {
			continue // Unreachable: it was resolved.
		}
		for _, script := range d.shown.Scripts {
			u, ok := w.fileAddress(base, script)
			if !ok {
				continue
			}
			a, err := w.fetchFile(ctx, u, maxNavigationBytes)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil {
				d.shown.Descriptions = append(d.shown.Descriptions, openapi.ShownOn(a.Body).Descriptions...)
			}
		}
		for _, ref := range d.shown.Descriptions {
			if err := w.visitDescription(ctx, d, base, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// visitDescription visits one description, also one out of the scope of the pages.
func (w *walk) visitDescription(ctx context.Context, d describer, base *url.URL, ref string) error {
	u, ok := w.fileAddress(base, ref)
	if !ok {
		w.warning("%s shows the description at %s, which this crawl may not fetch: ingest it, too", d.page, ref)
		return nil
	}
	p := w.node(u.String())
	if p.visited {
		return nil
	}
	a, err := w.fetchFile(ctx, u, w.f.maxBody)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		if busy, ok := errors.AsType[busyError](err); ok {
			return busy.cause
		}
		w.warning("%s shows the description at %s, which can't be read: %v", d.page, u.Redacted(), err)
		return nil
	case !openapi.Is(a.Body, a.ContentType, u.String()):
		w.warning("%s shows the description at %s, which is not of OpenAPI", d.page, u.Redacted())
		return nil
	}
	p.visited, p.outcome = true, outcomeFetched
	v := Visit{URL: p.url, Asked: p.url, DiscoveredFrom: d.page, Depth: d.depth, Response: a.Response, Reference: &Reference{d.page, d.shown.Renderer}}
	v.Response.URL = p.url
	w.docs++
	return w.emit(v)
}

// fileAddress returns the address of a file that a page names; false if it is on another host or
// robots.txt forbids it.
func (w *walk) fileAddress(base *url.URL, ref string) (*url.URL, bool) {
	u, ok := urlnorm.Resolve(base, ref)
	if !ok {
		return nil, false
	}
	address, ok := w.atOrigin(u.String())
	if !ok {
		return nil, false
	}
	if ok, _ := w.permitted(address); !ok {
		return nil, false
	}
	u, err := url.Parse(address)
	return u, err == nil
}
