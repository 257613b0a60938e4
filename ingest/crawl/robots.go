package crawl

import (
	"net/url"
	"time"
)

// Robots is the rules that a host gives to crawlers, by RFC 9309.
type Robots struct {
	reason string
}

// ParseRobots reads a robots.txt.
func ParseRobots(body []byte) *Robots { return &Robots{} }

// AllowAll returns the rules of a host that has none.
func AllowAll() *Robots { return &Robots{} }

// DisallowAll returns the rules of a host that can't be asked for its rules.
func DisallowAll(reason string) *Robots { return &Robots{reason: reason} }

// Allowed says whether agent may fetch u, and by which rule.
func (r *Robots) Allowed(agent string, u *url.URL) (ok bool, rule string) {
	return r.reason == "", r.reason
}

// Delay returns the time that agent is to wait between requests.
func (r *Robots) Delay(agent string) time.Duration { return 0 }

// Sitemaps returns the addresses of the sitemaps.
func (r *Robots) Sitemaps() []string { return nil }
