package crawl

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/internal/edition"
)

// maxVersionListBytes limits a list of versions.
const maxVersionListBytes = 1 << 20

// versions are the versions of a site: those that its switchers offer, and those that
// were visited.
type versions struct {
	offered map[string]pagelinks.Version // by name
	visited map[string]bool
	list    string // file that lists them
}

// noteVersions remembers the version of a page, and those that it offers.
func (w *walk) noteVersions(address string, l pagelinks.Links) {
	v := &w.versions
	v.visited[edition.Of(address, "").Version] = true
	for _, offered := range l.Versions {
		v.offer(offered)
	}
	if v.list == "" {
		v.list = l.VersionList
	}
}

func (v *versions) offer(offered pagelinks.Version) {
	if have, ok := v.offered[offered.Name]; !ok || offered.Preferred && !have.Preferred {
		v.offered[offered.Name] = offered
	}
}

// readVersions reads the list of versions that pages name, if it is on the site.
func (w *walk) readVersions(ctx context.Context) error {
	v := &w.versions
	address, ok := w.atOrigin(v.list)
	if v.list == "" || !ok || w.site.StartOnly() {
		return nil
	}
	if ok, _ := w.permitted(address); !ok {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return err // Unreachable: a normal form is an address.
	}
	a, err := w.fetchFile(ctx, u, maxVersionListBytes)
	if busy, ok := errors.AsType[busyError](err); ok {
		return busy.cause
	}
	if err != nil {
		return ctx.Err()
	}
	for _, offered := range pagelinks.Versions(a.Body, u) {
		v.offer(offered)
	}
	return nil
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
