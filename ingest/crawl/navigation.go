package crawl

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/media"
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

// A searchIndex is a file that names the pages of a site for searches.
type searchIndex struct {
	address string
	asFiles bool // pages are published as files
	isNamed bool // a script names it, so that it is there
}

// noteSearchIndex remembers the index for searches that a page is the first to know.
func (w *walk) noteSearchIndex(l pagelinks.Links) {
	address, d := w.decide(l.SearchIndex)
	if l.SearchIndex == "" || d == otherHost || d == disallowed || w.navigations[address] {
		return
	}
	w.navigations[address] = true
	asFiles := len(l.URLs) == 0 || slices.ContainsFunc(l.URLs, func(u string) bool { return strings.HasSuffix(u, ".html") })
	w.searchIndexes = append(w.searchIndexes, searchIndex{address: address, asFiles: asFiles})
}

// recallSearchIndexes remembers the indexes that led to known pages: the pages that name
// them may be unchanged, and are not read then.
func (w *walk) recallSearchIndexes() {
	if w.previous.known == nil || w.site.StartOnly() {
		return
	}
	found := map[string]bool{}
	asFiles := false
	w.previous.known.Each(func(known string) bool {
		asFiles = asFiles || strings.HasSuffix(known, ".html")
		found[w.previous.from(known)] = true
		return true
	})
	for from := range found {
		if address, d := w.decide(from); (d == inScope || d == outOfScope) && pagelinks.IsSearchIndex(address) && !w.navigations[address] {
			w.navigations[address] = true
			w.searchIndexes = append(w.searchIndexes, searchIndex{address: address, asFiles: asFiles})
		}
	}
	slices.SortFunc(w.searchIndexes, func(a, b searchIndex) int { return strings.Compare(a.address, b.address) })
}

// readSearchIndexes puts the pages into the queue that indexes for searches name, unless a
// sitemap names the pages. An index that is not there was only guessed.
func (w *walk) readSearchIndexes(ctx context.Context) error {
	indexes := w.searchIndexes
	w.searchIndexes = nil
	if w.summary.SitemapURLs > 0 || w.site.MaxDepth != nil || w.list != "" {
		return nil
	}
	for len(indexes) > 0 {
		x := indexes[0]
		indexes = indexes[1:]
		u, err := url.Parse(x.address)
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
		if err != nil || media.Type(a.ContentType, x.address, a.Body) == media.HTML {
			if x.isNamed {
				w.unread = append(w.unread, x.address)
			}
			continue
		}
		if scripts := pagelinks.SearchScripts(a.Body, u); len(scripts) > 0 {
			indexes = append(indexes, w.namedIndexes(scripts, x)...)
			continue
		}
		if !pagelinks.IsSearchIndex(x.address) {
			continue // A script of a site without index.
		}
		w.sitemaps[x.address] = true
		for _, page := range pagelinks.SearchIndex(a.Body, u, x.asFiles) {
			w.enqueue(page, x.address, 0, time.Time{})
		}
	}
	return nil
}

// namedIndexes returns the indexes, or scripts that lead to them, which a script is the first to name.
func (w *walk) namedIndexes(scripts []string, by searchIndex) []searchIndex {
	var named []searchIndex
	for _, script := range scripts {
		address, d := w.decide(script)
		if d == otherHost || d == disallowed || w.navigations[address] {
			continue
		}
		w.navigations[address] = true
		named = append(named, searchIndex{address: address, asFiles: by.asFiles, isNamed: true})
	}
	return named
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
	w.noteSearchIndex(l)
	w.noteNames(v.URL, l)
	w.scripted = w.scripted || l.Scripted
}

// fetchOptional fetches a file that tells of the site and that the crawl can do without; false
// if it can't be had.
func (w *walk) fetchOptional(ctx context.Context, ref string) (answer, bool, error) {
	address, d := w.decide(ref)
	if ref == "" || d == otherHost || d == disallowed {
		return answer{}, false, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return answer{}, false, err // Unreachable: a normal form is an address.
	}
	a, err := w.fetchFile(ctx, u, maxNavigationBytes)
	if busy, ok := errors.AsType[busyError](err); ok {
		return a, false, busy.cause
	}
	return a, err == nil, ctx.Err()
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
			if file, isHTML := strings.CutSuffix(u.Path, ".html"); isHTML && ctx.Err() == nil && err != nil {
				u.Path = file + ".json" // DocFX writes both, and its pages name the first.
				a, err = w.fetchFile(ctx, u, maxNavigationBytes)
			}
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
	return w.readSearchIndexes(ctx)
}

// warnNavigation adds one warning of the navigation that was not followed.
func (w *walk) warnNavigation() {
	switch {
	case len(w.unread) > 0:
		w.warning("the navigation in %s can't be read: pages that only it names are missing; give a sitemap or their addresses, too", strings.Join(w.unread[:1], ""))
	case w.names.hidden > 0:
		w.warning("the site's scripts name pages without their addresses, such as %s (%d in all), and no link, sitemap or index for searches leads to them: give their addresses, too", w.names.example, w.names.hidden)
	case w.docs == 1 && w.scripted && w.site.MaxDepth == nil:
		w.warning("no page but the start was found: a script may write the navigation, and there is no sitemap, llms.txt or index for searches that names pages; give the addresses of more pages")
	}
}
