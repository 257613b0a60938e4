package crawl

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
)

// siteNames are the names of all pages of a site, in which "guide_intro" is guide/intro or
// guide_intro.
type siteNames struct {
	base    string // folder of the site
	page    string // that has the names
	names   []string
	file    string // that has them in place of the page; "" if none has
	hidden  int    // that nothing else leads to, and whose addresses are not clear
	example string
}

// noteNames remembers the names that a page is the first to have.
func (w *walk) noteNames(page string, l pagelinks.Links) {
	if w.names.base == "" && l.SiteBase != "" {
		w.names = siteNames{base: l.SiteBase, page: page, names: pagelinks.Names(l.HashMap), file: l.HashMapFile}
	}
}

// visitNamed visits the pages that nothing but their names leads to, if no sitemap names
// pages. The address of a page is clear if another page is in the same folder, and no
// address of the site has capitals, which names never have.
func (w *walk) visitNamed(ctx context.Context) error {
	n := &w.names
	if n.base == "" || w.list != "" || w.site.MaxDepth != nil || w.summary.SitemapURLs > 0 || w.summary.Cut {
		return nil
	}
	if a, ok, err := w.fetchOptional(ctx, n.file); err != nil {
		return err
	} else if ok {
		n.names = pagelinks.Names(string(a.Body))
	}
	seen, folders, suffix := w.namedPages()
	hidden := 0
	for _, name := range n.names {
		if seen[name] {
			continue
		}
		at := strings.LastIndexByte(name, '_') + 1
		folder, isClear := folders[name[:at]]
		file := strings.ReplaceAll(name, "_", "/")
		if isClear {
			file = folder + strings.TrimSuffix(name[at:]+suffix, "index"+suffix)
		}
		address := n.base + (&url.URL{Path: file}).EscapedPath()
		if _, d := w.decide(address); d != inScope {
			continue
		}
		if isClear {
			w.enqueue(address, n.page, 1, time.Time{})
			continue
		}
		if hidden++; n.example == "" {
			n.example = name
		}
	}
	n.hidden = hidden
	return w.visitQueue(ctx)
}

// notInNames matches what VitePress replaces in the names of its files.
var notInNames = regexp.MustCompile("[/\\x00-\\x1f\"#$&*+,:;<=>?\\[\\]^`{|}\\x7f]")

// namedPages returns the visited pages of the site by their names, its folders by theirs,
// and what follows the name of a page in its address. There are no folders if their
// addresses have capitals. Of two folders with one name there is none.
func (w *walk) namedPages() (seen map[string]bool, folders map[string]string, suffix string) {
	seen, folders = map[string]bool{}, map[string]string{}
	unclear := map[string]bool{}
	hasCapitals := false
	w.mu.Lock()
	defer w.mu.Unlock()
	for address, p := range w.table {
		at, ok := strings.CutPrefix(address, w.names.base)
		if !ok || !p.visited {
			continue
		}
		at, _, _ = strings.Cut(at, "?")
		if at == "" || strings.HasSuffix(at, "/") {
			at += "index"
		}
		at, isFile := strings.CutSuffix(at, ".html")
		if raw, err := url.PathUnescape(at); err == nil {
			at = raw
		}
		seen[strings.ToLower(notInNames.ReplaceAllLiteralString(at, "_"))] = true
		if p.outcome != outcomeFetched && p.outcome != outcomeNotModified {
			continue
		}
		if isFile {
			suffix = ".html"
		}
		hasCapitals = hasCapitals || at != strings.ToLower(at)
		folder := at[:strings.LastIndexByte(at, '/')+1]
		name := notInNames.ReplaceAllLiteralString(folder, "_")
		if have, ok := folders[name]; ok && have != folder {
			unclear[name] = true
		}
		folders[name] = folder
	}
	maps.DeleteFunc(folders, func(name, _ string) bool { return hasCapitals || unclear[name] })
	return seen, folders, suffix
}
