package crawl

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/internal/edition"
)

// versions are the versions of a site: those that its switchers offer, and those that
// were visited.
type versions struct {
	offered map[string]pagelinks.Version // by name
	visited map[string]bool
	list    string              // file that lists them
	listed  []pagelinks.Version // in that file
}

// noteVersions remembers the version of a page, and those that it offers.
func (w *walk) noteVersions(address string, l pagelinks.Links) {
	v := &w.versions
	v.visited[edition.Of(address, "").Version] = true
	for _, offered := range l.Versions {
		v.offer(offered)
	}
}

func (v *versions) offer(offered pagelinks.Version) {
	if have, ok := v.offered[offered.Name]; !ok || offered.Preferred && !have.Preferred {
		v.offered[offered.Name] = offered
	}
}

// readVersions reads the list of versions that a page names, if it is on the site and no
// other one was named before.
func (w *walk) readVersions(ctx context.Context, fl *pageFetch) error {
	v := &w.versions
	if v.list != "" || fl.err != nil || fl.links.VersionList == "" || w.site.StartOnly() {
		return nil
	}
	v.list = fl.links.VersionList
	a, ok, err := w.fetchOptional(ctx, v.list)
	if err != nil || !ok {
		return err
	}
	u, err := url.Parse(v.list)
	if err != nil {
		return err // Unreachable: a normal form is an address.
	}
	v.listed = pagelinks.Versions(a.Body, u)
	for _, offered := range v.listed {
		v.offer(offered)
	}
	return nil
}

// numberOf returns the number of a page's version by the list; "" if the list does not
// tell it, or the address does. A list may name the public host of a site that is crawled
// elsewhere, so addresses are compared by their paths.
func (v *versions) numberOf(address string) string {
	own := strings.ToLower(edition.Of(address, "").Version)
	u, err := url.Parse(address)
	if err != nil || edition.IsNumber(own) {
		return ""
	}
	for _, l := range v.listed {
		if own != "" && slices.Contains(l.Aliases, own) {
			return l.Number
		}
		folder, err := url.Parse(l.URL)
		if own == "" && err == nil && edition.Of(l.URL+"/", "").Version == "" && strings.HasPrefix(u.Path, strings.TrimSuffix(folder.Path, "/")+"/") {
			return l.Number
		}
	}
	return ""
}

// newest returns the version that a site offers first of all: the one that it calls the
// current one, else the newest that is not in development.
func (v *versions) newest() pagelinks.Version {
	names := slices.SortedFunc(maps.Keys(v.offered), func(a, b string) int {
		x, y := v.offered[a], v.offered[b]
		if x.Preferred != y.Preferred {
			if x.Preferred {
				return 1
			}
			return -1
		}
		if order := edition.Compare(a, b); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
	if len(names) == 0 {
		return pagelinks.Version{}
	}
	return v.offered[names[len(names)-1]]
}

// warnVersions adds a warning if the crawl has older versions alone than the site offers.
func (w *walk) warnVersions() {
	v := &w.versions
	newest := v.newest()
	if newest.Name == "" || len(v.visited) == 0 || v.visited[newest.Name] {
		return
	}
	for visited := range v.visited {
		isNumber := strings.ContainsAny(visited, "0123456789")
		if edition.Compare(visited, newest.Name) >= 0 && !(newest.Preferred && isNumber) {
			return // An address with another name, or none, is that of the current one.
		}
	}
	w.warning("the site offers version %s at %s, and only %s was crawled: ingest that version, too, or instead; search prefers the newest stable version of a page",
		newest.Name, newest.URL, strings.Join(slices.Sorted(maps.Keys(v.visited)), ", "))
}
