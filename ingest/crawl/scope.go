package crawl

import (
	"net/url"
	"strings"
)

// A Scope says which addresses belong to a crawl.
type Scope struct {
	host, prefix string
}

// NewScope returns the scope of a crawl from start.
func NewScope(start *url.URL, include, exclude []string) (Scope, error) {
	return Scope{host: start.Host, prefix: start.Path}, nil
}

// Contains says whether u belongs to the crawl, and by which rule.
func (s Scope) Contains(u *url.URL) (ok bool, rule string) {
	if u.Host != s.host {
		return false, "on another host"
	}
	if !strings.HasPrefix(u.Path, s.prefix) {
		return false, "not under " + s.prefix
	}
	return true, "under " + s.prefix
}
