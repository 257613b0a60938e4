package crawl

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/sitemap"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// readSitemaps puts the pages of the site's sitemaps into the queue. The sitemaps
// are those that robots.txt names, or else /sitemap.xml. If they name no page in
// scope, the sitemap.xml in the folder of the start is read too.
func (w *walk) readSitemaps(ctx context.Context) error {
	named := w.robots.Sitemaps()
	if len(named) == 0 {
		named = []string{"/sitemap.xml"}
	}
	base, err := url.Parse(w.origin)
	if err != nil {
		return err // Unreachable: it is an origin.
	}
	m := &sitemaps{walk: w, base: base, guessed: len(w.robots.Sitemaps()) == 0}
	if err := m.read(ctx, named); err != nil {
		return err
	}
	if dir := w.scope.prefix[:strings.LastIndexByte(w.scope.prefix, '/')+1]; m.entries == 0 && dir != "/" {
		m.guessed = true
		if err := m.read(ctx, []string{dir + "sitemap.xml"}); err != nil {
			return err
		}
	}
	m.warn()
	return nil
}

// maxSitemaps is how many sitemaps of one site are read.
const maxSitemaps = 1000

// sitemaps reads the sitemaps of a site.
type sitemaps struct {
	walk       *walk
	base       *url.URL
	guessed    bool   // no file names them: they may not exist
	list       string // start of the crawl that names them; "" if it is a page
	entries    int    // in scope
	outside    int    // on the host, out of scope
	otherHosts map[string]int
}

// read reads sitemaps and the nested ones that they name.
func (m *sitemaps) read(ctx context.Context, refs []string) error {
	w := m.walk
	for len(refs) > 0 {
		u, ok := urlnorm.Resolve(m.base, refs[0])
		refs = refs[1:]
		if !ok {
			continue
		}
		address, ok := w.atOrigin(u.String())
		if !ok {
			w.countOtherHost(u.String())
			w.warning("the sitemap %s is on another host: it is not read", redact(u))
			continue
		}
		if w.sitemaps[address] || len(w.sitemaps) == maxSitemaps {
			continue
		}
		w.sitemaps[address] = true
		if ok, _ := w.permitted(address); m.guessed && !ok {
			continue
		}
		nested, err := m.readOne(ctx, address)
		if err != nil {
			return err
		}
		refs = append(nested, refs...)
		m.guessed = m.guessed && len(nested) == 0
	}
	return nil
}

// readOne reads a sitemap and returns the nested ones.
func (m *sitemaps) readOne(ctx context.Context, address string) (nested []string, err error) {
	w := m.walk
	u, err := url.Parse(address)
	if err != nil {
		return nil, err // Unreachable: a normal form is an address.
	}
	a, err := w.fetchFile(ctx, u, sitemap.MaxBytes+1)
	if e, refused := errors.AsType[*Error](err); refused {
		if busy, ok := errors.AsType[busyError](err); ok {
			return nil, busy.cause
		}
		if leavesOpen(e.Status) {
			w.partial = true
		}
		if !m.guessed || leavesOpen(e.Status) {
			w.warning("the sitemap %s can't be read: %s", address, e.Reason)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return m.take(address, u, a.Response), nil
}

// take puts the pages of a sitemap into the queue, and returns the nested sitemaps.
func (m *sitemaps) take(address string, u *url.URL, a Response) []string {
	w := m.walk
	entries, nested, err := sitemap.Parse(bytes.NewReader(a.Body), a.ContentType)
	if err != nil && m.guessed && len(entries)+len(nested) == 0 {
		return nil // A page that says that there is no sitemap.
	}
	if err != nil {
		w.partial = true
		w.warning("the sitemap %s is invalid: %v", address, errors.Unwrap(err))
	}
	w.summary.Sitemaps = append(w.summary.Sitemaps, address)
	for _, e := range entries {
		m.enqueueEntry(address, u, e)
	}
	return nested
}

// enqueueEntry puts a page that a sitemap names into the queue.
func (m *sitemaps) enqueueEntry(address string, u *url.URL, e sitemap.Entry) {
	loc, ok := urlnorm.Resolve(u, e.Loc)
	if !ok {
		return
	}
	modified := e.LastMod
	if modified.After(time.Now().Add(24 * time.Hour)) {
		modified = time.Time{} // Some programs always write a date in the future.
	}
	switch m.walk.enqueue(loc.String(), cmp.Or(m.list, address), 0, modified) {
	case inScope:
		m.entries++
		m.walk.summary.SitemapURLs++
	case outOfScope:
		m.outside++
	case otherHost:
		if m.otherHosts == nil {
			m.otherHosts = map[string]int{}
		}
		m.otherHosts[loc.Host]++
		m.walk.summary.ForeignHosts[loc.Host]++
	}
}

// warn adds warnings of the addresses that were left out.
func (m *sitemaps) warn() {
	for _, h := range slices.Sorted(maps.Keys(m.otherHosts)) {
		m.walk.warning("the sitemap names %d addresses on another host, %s: they are left out", m.otherHosts[h], h)
	}
	if m.entries == 0 && m.outside+len(m.otherHosts) > 0 {
		m.walk.warning("the sitemap names no page of this crawl: only links are followed")
	}
}
