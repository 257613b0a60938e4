package crawl

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
)

// maxNavigationBytes limits a file of navigation; the ones of large sites have some
// hundred kilobytes.
const maxNavigationBytes = 8 << 20

// A navigator is a page with files of navigation that no other page named before.
type navigator struct {
	page  string
	depth int
	files []string
}

// noteNavigation remembers the files of navigation that a page is the first to name.
// The page is fetched in full by the next crawl, too, since the files can change
// without it.
func (w *walk) noteNavigation(v *Visit, l pagelinks.Links) {
	n := navigator{page: v.URL, depth: v.Depth}
	for _, ref := range l.Navigation {
		address, d := w.decide(ref)
		if d == otherHost || d == disallowed || w.navigations[address] {
			continue
		}
		w.navigations[address] = true
		n.files = append(n.files, address)
		if p := w.node(address); !p.queued {
			p.visited, p.outcome = true, outcomeRedirected // A link to it leads to no page.
		}
	}
	if len(n.files) > 0 {
		v.Response.ETag, v.Response.LastModified = "", ""
		w.navigators = append(w.navigators, n)
	}
	w.scripted = w.scripted || l.Scripted
}

// readNavigation puts the pages that the files of navigation name into the queue.
func (w *walk) readNavigation(ctx context.Context) error {
	for _, n := range w.navigators {
		if w.site.MaxDepth != nil && n.depth >= *w.site.MaxDepth {
			w.partial = true
			continue
		}
		for _, address := range n.files {
			u, err := url.Parse(address)
			if err != nil {
				continue // Unreachable: a normal form is an address.
			}
			a, err := w.fetchFile(ctx, u, maxNavigationBytes)
			if busy, ok := errors.AsType[busyError](err); ok {
				return busy.cause
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				w.unread = append(w.unread, address)
				continue
			}
			w.enqueueLinks(n.page, n.depth, pagelinks.Navigation(a.Body, a.ContentType, u))
		}
	}
	w.navigators = nil
	return nil
}

// warnNavigation adds one warning of the navigation that was not followed.
func (w *walk) warnNavigation() {
	switch {
	case len(w.unread) > 0:
		w.warning("the navigation in %s can't be read: pages that only it names are missing; give a sitemap or their addresses, too", strings.Join(w.unread[:1], ""))
	case w.docs == 1 && w.scripted && w.site.MaxDepth == nil:
		w.warning("no page but the start was found: a script may write the navigation; give a sitemap or the addresses of more pages")
	}
}
