package ingest

import (
	"net/url"
	"strings"
)

// minOtherBase is the number of pages that must name another base before a run asks about it.
const minOtherBase = 3

// otherBases counts the bases that pages of a crawl are published under by their own word,
// such as those of a preview or a local build.
type otherBases map[string]int

// add counts the base that the canonical address of a page names.
func (o otherBases) add(sc *siteCrawl, address, canonical string) {
	if sc.site.State.Base != "" || canonical == "" {
		return
	}
	if base := sc.otherBase(address, canonical); base != "" {
		o[base]++
	}
}

// otherBase returns the canonical base with which a page would be cited by its canonical
// address, on another host; "" if there is none.
func (c *siteCrawl) otherBase(address, canonical string) string {
	page, errPage := url.Parse(address)
	own, err := url.Parse(canonical)
	if errPage != nil || err != nil || own.Host == page.Host {
		return ""
	}
	host := own.Scheme + "://" + own.Host
	if own.EscapedPath() == page.EscapedPath() {
		return host
	}
	rest, ok := strings.CutPrefix(page.EscapedPath(), c.site.Folder)
	if prefix, found := strings.CutSuffix(own.EscapedPath(), rest); ok && found {
		return host + prefix + "/"
	}
	return ""
}

// warnOfOtherBase asks about the base that most pages name.
func (r *run) warnOfOtherBase(sc *siteCrawl) {
	base, most := "", 0
	for b, n := range sc.bases {
		if n > most || n == most && b < base {
			base, most = b, n
		}
	}
	if most >= minOtherBase && 2*most > sc.visits {
		r.tally.warn("%s: %d of %d pages name another host as canonical: did you mean --canonical-base %s, so that citations lead there?", sc.site.Start, most, sc.visits, base)
	}
}
