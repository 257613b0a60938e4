package crawl

import (
	"context"
	"net/url"

	"golang.org/x/time/rate"

	"github.com/citewell/citewell/ingest/crawl/robots"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// An Inspection is what a crawl decides about one address.
type Inspection struct {
	URL          string // normal form of the address
	InScope      bool
	Scope        string // the rule that decides, in words for a person
	RobotsURL    string // of the address's host
	RobotsStatus int    // of its answer; 0 if there was none
	Allowed      bool   // by robots.txt
	Robots       string // the rule that decides
	Visit        *Visit // nil if robots.txt forbids the address, or if it could not be fetched
	Err          error  // why not
}

// Inspect fetches one address as a crawl of the site would, and returns what the
// crawl would decide. An address out of scope is fetched too; one that robots.txt
// forbids is not, unless the site ignores robots.txt.
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

// inspectRobots asks robots.txt about an address.
func (f *Fetcher) inspectRobots(ctx context.Context, u *url.URL, site Site, in *Inspection) error {
	w := f.newWalk(u, site, nil)
	w.site.IgnoreRobots = false
	g, leave := f.gate(u.Host, rate.Inf)
	defer leave()
	w.hostClient = hostClient{f: f, gate: g, weight: 1, start: u}
	w.client = f.throttledClient(g, func() {})
	err := w.readRobots(ctx, u)
	in.RobotsURL, in.RobotsStatus = w.summary.RobotsURL, w.summary.RobotsStatus
	in.Allowed, in.Robots = w.robots.Allowed(robots.Agent, u)
	return err
}
