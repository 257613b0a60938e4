package crawl

import "net/url"

// Normal returns the normal form of an address: one string per document.
func Normal(u *url.URL) *url.URL {
	n := *u
	n.Fragment, n.RawFragment = "", ""
	return &n
}
