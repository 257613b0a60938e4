package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/retrieve/index"
)

// setAlsoIn sets the other versions that have the page's text. The chunks of an
// indexed page have them, so that a search for one version finds the page.
func (d *decision) setAlsoIn(versions string) {
	if d.Page.Decision != index.DecisionIndexed {
		return
	}
	d.Page.AlsoIn = versions
	for i := range d.Chunks {
		d.Chunks[i].AlsoIn = versions
	}
}

// recordVersions stores with each primary page the versions of its duplicates. Only
// the whole crawl can tell them: until then a page has those of the run before.
func (m *demoter) recordVersions(ctx context.Context) error {
	versions := map[string][]string{} // by primary page
	for _, d := range m.decider.duplicates {
		if all := m.versionsOf(d); len(all) > 0 {
			primary := m.primary(d.key)
			versions[primary] = append(versions[primary], all...)
		}
	}
	urls := make([]string, 0, len(versions))
	for u := range versions {
		urls = append(urls, u)
	}
	for p := range m.previous.Pages() {
		if p.AlsoIn() == "" || !p.Is(index.DecisionIndexed) {
			continue
		}
		switch _, ok := versions[p.URL()]; {
		case m.isWhole(p.URL()): // what was not seen is not there any more
			if !ok && p.AlsoIn() != index.JoinVersions(otherNames(p.URL(), p.Version())) {
				urls = append(urls, p.URL())
			}
		case ok:
			versions[p.URL()] = append(versions[p.URL()], index.SplitVersions(p.AlsoIn())...)
		}
	}
	slices.Sort(urls)
	for batch := range slices.Chunk(urls, putPages) {
		if err := m.storeVersions(ctx, batch, versions); err != nil {
			return err
		}
	}
	return nil
}

// versionsOf returns the version of a duplicate, with its other names.
func (m *demoter) versionsOf(d duplicate) []string {
	version := ""
	if d.row != nil {
		version = d.row.Version
	} else if p, ok := m.previous.Page(d.url); ok {
		version = p.Version()
	}
	version, others := edition.Resolve(d.url, version)
	if version == "" {
		return nil
	}
	return append(others, version)
}

// otherNames returns the names that the address of a page has for its version.
func otherNames(address, version string) []string {
	_, others := edition.Resolve(address, version)
	return others
}

// isWhole reports whether a page is of a site whose crawl left no page out.
func (m *demoter) isWhole(cited string) bool {
	return slices.ContainsFunc(m.crawls, func(c *siteCrawl) bool { return c.complete && !c.suspect && c.site.Contains(cited) })
}

// storeVersions writes the other versions of those pages that have others stored.
func (m *demoter) storeVersions(ctx context.Context, urls []string, versions map[string][]string) error {
	rows, err := m.store.Pages(ctx, urls...)
	if err != nil {
		return fmt.Errorf("ingest: read the manifest: %w", err)
	}
	chunks, err := m.store.Stored(ctx, urls)
	if err != nil {
		return fmt.Errorf("ingest: read stored chunks: %w", err)
	}
	var changes []change
	for _, u := range urls {
		row := rows[u]
		want := alsoIn(append(versions[u], otherNames(u, row.Version)...), row.Version)
		if row.Decision != index.DecisionIndexed || row.AlsoIn == want {
			continue
		}
		row.AlsoIn = want
		for i := range chunks[u] {
			chunks[u][i].AlsoIn = want
		}
		changes = append(changes, change{Change: index.Change{Page: row, Move: chunks[u]}, crawl: m.crawlOf(u), sameChunks: true})
	}
	if len(changes) == 0 {
		return nil
	}
	return m.put(ctx, changes)
}

// crawlOf returns the crawl of this run that found a page; nil if there is none.
func (m *demoter) crawlOf(cited string) *siteCrawl {
	for _, c := range m.crawls {
		if c.site.Contains(cited) {
			return c
		}
	}
	return nil
}

// maxAlsoIn is how many other versions are stored with a page, the newest ones.
const maxAlsoIn = 500

// alsoIn returns the column of versions other than own: ",2.0,1.0,".
func alsoIn(versions []string, own string) string {
	slices.SortFunc(versions, func(a, b string) int {
		if c := edition.Compare(b, a); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	versions = slices.DeleteFunc(slices.Compact(versions), func(v string) bool { return v == own })
	return index.JoinVersions(versions[:min(len(versions), maxAlsoIn)])
}
