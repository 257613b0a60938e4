package previous

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// A Crawl is what the previous crawl of a site left, as the crawler asks for it.
type Crawl struct {
	Pages []Page // that it found
	// RepeatsKnown says that it is known what the pages of the site repeat. It is
	// in the site's State then.
	RepeatsKnown bool

	ix          *Index
	site        *site.Site
	conditional bool // the crawl was complete, and with the same settings: a server may answer that a page has not changed
}

var _ crawl.Known = (*Crawl)(nil)

// CrawlOf returns what the previous crawl of s left, and sets in the State of s
// what its pages repeat.
func (ix *Index) CrawlOf(s *site.Site) *Crawl {
	c := &Crawl{Pages: ix.PagesOf(s), ix: ix, site: s}
	s.State.Repeated, s.State.Learned, c.RepeatsKnown = ix.repeated(s, c.Pages)
	old := ix.Site(s.Start)
	c.conditional = old != nil && old.Recorded.Complete && old.State.Settings.Equal(s.State.Settings) && c.RepeatsKnown &&
		old.State.Pages == len(c.Pages) && !s.State.StartOnly()
	return c
}

// repeated returns what is known to repeat on the pages of a site, and from how
// many of them: from its own crawl or, of a page that is read by itself, from the
// one that contains it. It returns false if that is still to be learned.
func (ix *Index) repeated(s *site.Site, pages []Page) (boilerplate.Set, int, bool) {
	if s.State.StartOnly() {
		var best *site.Site
		for _, c := range ix.sites {
			if c.State.Version == s.State.Version && slices.Equal(c.State.Selectors, s.State.Selectors) && c.Contains(s.Cite(s.Start)) &&
				(best == nil || len(c.Start) > len(best.Start)) {
				best = c
			}
		}
		if best == nil {
			return nil, 0, true
		}
		return best.State.Repeated, 0, true
	}
	old := ix.Site(s.Start)
	if old == nil || !old.State.Settings.Equal(s.State.Settings) {
		return nil, 0, false
	}
	indexed := 0
	for _, p := range pages {
		if p.Is(index.DecisionIndexed) {
			indexed++
		}
	}
	if old.State.Outgrown(indexed) {
		return nil, 0, false
	}
	return old.State.Repeated, old.State.Learned, true
}

// page returns the row of an address of the site.
func (c *Crawl) page(address string) (Page, bool) { return c.ix.Page(c.site.Cite(address)) }

// Validators implements [crawl.Known].
func (c *Crawl) Validators(address string) (etag, lastModified string) {
	p, ok := c.page(address)
	if !c.conditional || !ok || p.row().isFile || p.Is(index.DecisionFailed) {
		return "", ""
	}
	return p.validators()
}

// Children implements [crawl.Known].
func (c *Crawl) Children(address string) []string {
	var out []string
	for _, i := range c.ix.childrenOf(c.site.Cite(address)) {
		if child, ok := c.site.Uncite(c.ix.row(i).url()); ok {
			out = append(out, child)
		}
	}
	return out
}

// childrenOf returns the numbers of the pages that were found on a page.
func (ix *Index) childrenOf(cited string) []int32 {
	from := func(i int32) string { return ix.texts[ix.row(i).from] }
	if ix.children == nil {
		ix.children = []int32{}
		for _, i := range ix.byURL {
			if ix.row(i).from != 0 {
				ix.children = append(ix.children, i)
			}
		}
		slices.SortFunc(ix.children, func(a, b int32) int {
			p, q := ix.row(a), ix.row(b)
			return cmp.Or(strings.Compare(from(a), from(b)), cmp.Compare(p.at, q.at), strings.Compare(p.url(), q.url()))
		})
	}
	first, _ := slices.BinarySearchFunc(ix.children, cited, func(i int32, cited string) int { return strings.Compare(from(i), cited) })
	end := first
	for end < len(ix.children) && from(ix.children[end]) == cited {
		end++
	}
	return ix.children[first:end]
}

// From implements [crawl.Known].
func (c *Crawl) From(address string) string {
	p, ok := c.page(address)
	if !ok {
		return ""
	}
	from, _ := c.site.Uncite(p.DiscoveredFrom())
	return from
}

// Each implements [crawl.Known]. Pages that never could be read are not missed.
func (c *Crawl) Each(yield func(address string) bool) {
	for _, p := range c.Pages {
		address, ok := c.site.Uncite(p.URL())
		if ok && !p.Is(index.DecisionFailed) && !yield(address) {
			return
		}
	}
}

// CrawledAt implements [crawl.Known]. Rows of pages that did not change are not
// written again: the crawl as a whole has seen them last.
func (c *Crawl) CrawledAt(address string) time.Time {
	p, ok := c.page(address)
	if !ok {
		return time.Time{}
	}
	at := time.UnixMicro(p.row().at)
	if old := c.ix.Site(c.site.Start); old != nil && old.Recorded.CrawledAt.After(at) {
		return old.Recorded.CrawledAt
	}
	return at
}
