package ingest

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/citewell/citewell/ingest/crawl"
)

// DefaultPruneLimitPercent is the share of a site's pages that a run removes
// without being told to: more may mean that the site is down.
const DefaultPruneLimitPercent = 30

// CrawlOptions say what of a site to take, and how. The zero CrawlOptions take
// what is under the start's path.
type CrawlOptions struct {
	Include       []string // globs on the path, see [crawl.NewScope]
	Exclude       []string
	MaxPages      int     // of each site; 0 means [crawl.DefaultMaxPages]
	MaxDepth      int     // links from the start; 0 means no limit, [crawl.NoLinks] the start alone
	IgnoreRobots  bool    // for sites of one's own
	RatePerSecond float64 // requests to one host; see [crawl.Site]

	// CanonicalBase is the address that the start has in public, for previews
	// and local builds: pages are stored and cited under it. One without a path,
	// such as https://example.com, takes the place of scheme and host alone; one
	// with a path, be it "/", takes the place of the start's folder too.
	CanonicalBase string

	PruneLimitPercent int  // of the pages known; 0 means [DefaultPruneLimitPercent]
	PruneAll          bool // remove pages that are gone, however many they are
}

// check returns an error unless the options can be used.
func (o CrawlOptions) check() error {
	var errs []error
	if o.MaxPages < 0 {
		errs = append(errs, fmt.Errorf("ingest: the limit of %d pages is negative", o.MaxPages))
	}
	if o.MaxDepth < 0 && o.MaxDepth != crawl.NoLinks {
		errs = append(errs, fmt.Errorf("ingest: the limit of %d links is negative", o.MaxDepth))
	}
	if o.PruneLimitPercent < 0 || o.PruneLimitPercent > 100 {
		errs = append(errs, fmt.Errorf("ingest: the prune limit of %d percent is not within 0–100", o.PruneLimitPercent))
	}
	if o.CanonicalBase != "" {
		if _, err := parseBase(o.CanonicalBase); err != nil {
			errs = append(errs, fmt.Errorf("ingest: the canonical base %w", err))
		}
	}
	return errors.Join(errs...)
}

func (o CrawlOptions) pruneLimit() int {
	if o.PruneLimitPercent == 0 {
		return DefaultPruneLimitPercent
	}
	return o.PruneLimitPercent
}

// parseBase reads an address that others are put under.
func parseBase(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("is not an http or https address without user, query and fragment")
	}
	return u, nil
}
