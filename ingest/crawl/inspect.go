package crawl

import (
	"context"
	"net/url"

	"golang.org/x/time/rate"

	"github.com/citewell/citewell/ingest/crawl/robots"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// An Inspection says how a crawl sees one address.
type Inspection struct {
	URL          string // normal form of the address
	InScope      bool
	Scope        string // the rule that says so, in words for a person
	RobotsURL    string // of the address's host
	RobotsStatus int    // of its answer; 0 if there was none
	Allowed      bool   // by robots.txt
	Robots       string // the rule that says so
	Visit        *Visit // nil if robots.txt forbids the address, or if it could not be fetched
	Err          error  // why not
}

// Inspect asks for one address as a crawl of the site would, and says what the
// crawl would make of it. What is out of scope is fetched too; what robots.txt
// forbids is not, unless the site ignores it.
func (f *Fetcher) Inspect(ctx context.Context, site Site, address string) (Inspection, error) {
	u, err := parse(address)
	if err != nil {
		return Inspection{}, err
	}
	u = urlnorm.Normalize(u)
	start, err := parse(site.Start)
	if err != nil {
		return Inspection{}, err
	}
	in := Inspection{URL: u.String()}
	scope, err := NewScope(start, site.Include, site.Exclude)
	if err != nil {
		return in, err
	}
	in.InScope, in.Scope = scope.Contains(u)
	site.Start, site.MaxDepth, site.Include, site.Exclude = in.URL, new(0), nil, nil
	if err := f.inspectRobots(ctx, u, site, &in); err != nil || !in.Allowed && !site.IgnoreRobots {
		in.Err = err
		return in, ctx.Err()
	}
	_, in.Err = f.Crawl(ctx, site, nil, func(v Visit) error {
		in.Visit = &v
		return nil
	})
	return in, ctx.Err()
}

// inspectRobots asks what robots.txt says of an address.
func (f *Fetcher) inspectRobots(ctx context.Context, u *url.URL, site Site, in *Inspection) error {
	w := f.walk(u, site, nil)
	w.site.IgnoreRobots = false
	g, leave := f.gate(u.Host, rate.Inf)
	defer leave()
	w.caller = caller{f: f, gate: g, weight: 1, start: u}
	w.client = f.polite(g, func() {})
	err := w.readRobots(ctx, u)
	in.RobotsURL, in.RobotsStatus = w.summary.RobotsURL, w.summary.RobotsStatus
	in.Allowed, in.Robots = w.robots.Allowed(robots.Agent, u)
	return err
}
