package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/llmstxt"
	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/sitemap"
	"github.com/citewell/citewell/ingest/media"
	"github.com/citewell/citewell/ingest/openapi"
)

// Kinds of lists, in words.
const (
	aSitemap = "a sitemap"
	aFeed    = "a feed"
	anLLMs   = "a list of pages (llms.txt)"
)

// listKind returns what the start of a crawl is, if it is a list of pages: a sitemap by
// its content, if it is XML or its name says so, or an llms.txt by its name. It
// returns "" for a page.
func listKind(address string, r Response) string {
	if r.Status != http.StatusOK {
		return ""
	}
	name := strings.ToLower(path.Base(media.Path(address)))
	if llmstxt.Is(name) && media.Type(r.ContentType, address, r.Body) != media.HTML {
		return anLLMs
	}
	kind, _ := media.Parse(r.ContentType)
	if !listTypes[kind] && !strings.Contains(name, "sitemap") && !strings.HasSuffix(name, ".xml") {
		return ""
	}
	entries, nested, err := sitemap.Parse(bytes.NewReader(r.Body), r.ContentType)
	switch {
	case err != nil && len(entries)+len(nested) == 0, len(entries)+len(nested) == 0:
		return ""
	case bytes.Contains(r.Body[:min(len(r.Body), 1024)], []byte("<rss")), bytes.Contains(r.Body[:min(len(r.Body), 1024)], []byte("<feed")):
		return aFeed
	}
	return aSitemap
}

// isAlone reports whether the start of a crawl is a document that leads to no other one: a PDF
// or an OpenAPI description.
func isAlone(address string, r Response) bool {
	return media.Type(r.ContentType, address, r.Body) == media.PDF || openapi.Is(r.Body, r.ContentType, address)
}

// readList puts the pages that the start lists into the queue. Any page of the host may be
// listed, unless globs leave it out.
func (w *walk) readList(ctx context.Context, start *node, r Response) error {
	u, err := url.Parse(start.url)
	if err != nil {
		return err // Unreachable: it was fetched.
	}
	if w.scope, err = NewScope(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, w.site.Include, w.site.Exclude); err != nil {
		return err // Unreachable: the globs were read before.
	}
	l := &lister{walk: w, from: start.url, others: map[string]int{}}
	if w.list == anLLMs {
		err = l.readLLMs(ctx, u, r)
	} else {
		err = l.readSitemap(ctx, u, r)
	}
	if err != nil {
		return err
	}
	return l.judge()
}

// A lister reads the list that a crawl starts at.
type lister struct {
	walk   *walk
	from   string
	pages  int            // of the list, in scope
	left   int            // on the host, left out by globs or robots.txt
	others map[string]int // pages on other hosts
}

// readSitemap reads a sitemap and those that it names.
func (l *lister) readSitemap(ctx context.Context, u *url.URL, r Response) error {
	m := &sitemaps{walk: l.walk, base: u, list: l.from}
	l.walk.sitemaps[l.from] = true
	err := m.read(ctx, m.take(l.from, u, r))
	l.pages, l.left = m.entries, m.outside
	maps.Copy(l.others, m.otherHosts)
	return err
}

// readLLMs reads an llms.txt. An llms-full.txt that does not tell where its parts are
// published is read together with the llms.txt beside it.
func (l *lister) readLLMs(ctx context.Context, u *url.URL, r Response) error {
	entries, full := llmstxt.Read(r.Body, u)
	if full {
		beside := u.ResolveReference(&url.URL{Path: "llms.txt"})
		a, err := l.walk.fetchFile(ctx, beside, sitemap.MaxBytes)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && media.Type(a.ContentType, beside.String(), a.Body) != media.HTML {
			more, _ := llmstxt.Read(a.Body, beside)
			entries = append(more, entries...)
		} else {
			l.walk.warning("%s does not tell the addresses of its pages, and there is no llms.txt beside it: only pages that it links to are indexed", l.from)
		}
	}
	for _, e := range entries {
		l.add(e)
	}
	return nil
}

// visitListed visits the pages that links did not lead to, and that an llms.txt beside the
// start or at the root names. It asks for one only if no sitemap names pages.
func (w *walk) visitListed(ctx context.Context) error {
	if w.list != "" || w.site.MaxDepth != nil || w.summary.SitemapURLs > 0 || w.summary.Cut {
		return nil
	}
	for _, dir := range slices.Compact([]string{w.scope.prefix[:strings.LastIndexByte(w.scope.prefix, '/')+1], "/"}) {
		u, err := url.Parse(strings.TrimSuffix(w.origin, "/") + dir + "llms.txt")
		if err != nil {
			return err // Unreachable: origin and scope are in normal form.
		}
		address := u.String()
		if ok, _ := w.permitted(address); !ok {
			continue
		}
		a, err := w.fetchFile(ctx, u, sitemap.MaxBytes)
		if busy, ok := errors.AsType[busyError](err); ok {
			return busy.cause
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || media.Type(a.ContentType, address, a.Body) == media.HTML {
			continue
		}
		w.sitemaps[address] = true
		l := &lister{walk: w, from: address, others: map[string]int{}}
		entries, _ := llmstxt.Read(a.Body, u)
		for _, e := range entries {
			l.add(e)
		}
		return w.visitQueue(ctx)
	}
	return nil
}

// add puts a page into the queue, under the address of its HTML.
func (l *lister) add(e llmstxt.Entry) {
	w := l.walk
	candidates := append(slices.Clone(e.Pages), e.URL)
	var inside []string
	for _, c := range candidates {
		address, d := w.decide(c)
		switch {
		case d == inScope && address != l.from:
			inside = append(inside, address)
		case d == otherHost && c == e.URL:
			if u, err := url.Parse(c); err == nil {
				l.others[u.Host]++
				w.countOtherHost(c)
			}
		case c == e.URL && address != l.from:
			l.left++
			w.countRejected(address, d)
		}
	}
	if len(inside) == 0 {
		return
	}
	for i, address := range inside {
		p := w.node(address)
		if p.queued || p.visited {
			continue
		}
		if i+1 < len(inside) {
			p.instead = inside[i+1]
		}
		if twin := inside[len(inside)-1]; len(e.Pages) > 0 && twin != address {
			p.twin = twin
		}
	}
	if w.enqueue(inside[0], l.from, 0, time.Time{}) == inScope {
		l.pages++
	}
}

// judge returns an error if the list names no page, and warns of what is left out.
func (l *lister) judge() error {
	for _, host := range slices.Sorted(maps.Keys(l.others)) {
		l.walk.warning("%s names %d addresses on another host, %s: they are left out; to index them, ingest https://%s/ or its own list, too", l.from, l.others[host], host, host)
	}
	switch {
	case l.pages > 0:
		return nil
	case l.left > 0:
		return &Error{URL: l.from, Reason: fmt.Sprintf("all %d pages that it names are left out by --include, --exclude or robots.txt", l.left)}
	case len(l.others) > 0:
		return &Error{URL: l.from, Reason: "it names pages on other hosts alone: ingest " + "https://" + slices.Sorted(maps.Keys(l.others))[0] + "/ instead"}
	}
	return &Error{URL: l.from, Reason: "it names no page"}
}

// tryInstead turns a page that is not there into a redirect to the address that may be in
// its place.
func (w *walk) tryInstead(p *node, fl *pageFetch) {
	if p.instead == "" || fl.to != nil {
		return
	}
	status := fl.answer.Status
	if e, ok := errors.AsType[*Error](fl.err); ok {
		status = e.Status
	}
	isPage := fl.err == nil && status == http.StatusOK
	if isPage || status == http.StatusNotModified || fl.err != nil && isTemporary(fl.err) {
		return
	}
	fl.answer, fl.err, fl.target, fl.notFollowed = answer{}, nil, nil, inScope
	fl.to = w.node(p.instead)
}

// readTwin replaces a page by its Markdown, if that is preferred or the page has no text.
func (w *walk) readTwin(ctx context.Context, p *node, fl *pageFetch) {
	if fl.err != nil || fl.to != nil || fl.answer.Status != http.StatusOK {
		return
	}
	if p.twin != "" {
		fl.links.Twins = append([]string{p.twin}, fl.links.Twins...)
	}
	twins := fl.links.Twins
	if len(twins) == 0 || !w.site.PreferMarkdown && (w.site.HasText == nil || w.site.HasText(fl.answer.Response)) {
		return
	}
	for _, twin := range twins {
		address, d := w.decide(twin)
		if d != inScope || address == p.url {
			continue
		}
		u, err := url.Parse(address)
		if err != nil {
			continue // Unreachable: a normal form is an address.
		}
		a, err := w.send(ctx, request{url: u})
		if err != nil || a.Status != http.StatusOK || len(bytes.TrimSpace(a.Body)) == 0 {
			continue
		}
		if kind := media.Type(a.ContentType, address, a.Body); kind != media.Markdown && kind != media.MDX && kind != media.Plain {
			continue
		}
		w.heldBytes.Add(int64(len(a.Body) - len(fl.answer.Body)))
		fl.answer.Body, fl.answer.ContentType = a.Body, media.Markdown
		fl.answer.ETag, fl.answer.LastModified = "", "" // They are of the HTML.
		if len(fl.links.URLs) == 0 {
			fl.links.URLs = pagelinks.Find(a.Body, media.Markdown, u, nil).URLs
		}
		return
	}
}
