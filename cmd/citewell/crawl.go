package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/net/http/httpguts"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

// noDepthLimit is the default of --max-depth, where 0 means the start alone.
const noDepthLimit = -1

// crawlConfig is what is said of a crawl.
type crawlConfig struct {
	include, exclude  []string
	maxPages          int
	maxDepth          int
	ratePerSecond     float64
	headers           []string
	ignoreRobots      bool
	canonicalBase     string
	pruneLimitPercent int
	yes               bool
}

func crawlFlags(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.include, "include", nil, "crawl what this glob matches, such as '/guide/**', instead of what is under the start's path; repeatable")
	f.StringArrayVar(&c.exclude, "exclude", nil, "leave out what this glob matches, such as '**/old/**'; repeatable")
	f.IntVar(&c.maxPages, "max-pages", crawl.DefaultMaxPages, "most pages to take of one site")
	f.IntVar(&c.maxDepth, "max-depth", noDepthLimit, "most links from the start; 0 takes the start alone (-1: no limit)")
	f.Float64Var(&c.ratePerSecond, "rate", 0, fmt.Sprintf("most requests a second to one host (0: %d, and no limit for a loopback or private address that you name)", crawl.DefaultRatePerSecond))
	f.BoolVar(&c.ignoreRobots, "ignore-robots", false, "crawl what robots.txt forbids, for sites of your own")
	f.StringVar(&c.canonicalBase, "canonical-base", "", "public address of the site, for citations, when a preview or a local build is crawled")
	f.IntVar(&c.pruneLimitPercent, "prune-limit", ingest.DefaultPruneLimitPercent, "remove vanished pages unless they are more than this percentage of the site's")
	f.BoolVar(&c.yes, "yes", false, "remove vanished pages however many they are")
	fetchFlags(f, c)
}

func fetchFlags(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.headers, "header", nil, "header to send to the site, such as 'Authorization: Bearer …'; repeatable")
	f.BoolVar(&c.allowPrivate, "allow-private", false, "fetch from private networks also what the command line does not name")
}

// validateCrawl checks what the packages behind it do not.
func (c *config) validateCrawl(f *pflag.FlagSet) error {
	var errs []error
	if _, err := c.headerMap(); err != nil {
		errs = append(errs, err)
	}
	if f.Lookup("max-pages") == nil {
		return errors.Join(errs...)
	}
	if c.maxPages < 1 {
		errs = append(errs, fmt.Errorf("--max-pages %d is not at least 1", c.maxPages))
	}
	if c.maxDepth < noDepthLimit {
		errs = append(errs, fmt.Errorf("--max-depth %d is not at least 0, or -1 for no limit", c.maxDepth))
	}
	if !(c.ratePerSecond >= 0 && c.ratePerSecond <= 1e6) { // NaN, too
		errs = append(errs, fmt.Errorf("--rate %v is not within 0–1000000 requests a second", c.ratePerSecond))
	}
	if c.pruneLimitPercent < 1 || c.pruneLimitPercent > 100 {
		errs = append(errs, fmt.Errorf("--prune-limit %d is not a percentage within 1–100", c.pruneLimitPercent))
	}
	return errors.Join(append(errs, checkAddress("--canonical-base", c.canonicalBase))...)
}

// checkAddress returns an error if the value of a flag is not empty and not an
// address.
func checkAddress(flag, value string) error {
	u, err := url.Parse(value)
	if value == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	return fmt.Errorf("%s %q is not an address such as https://docs.example.com/", flag, value)
}

// headerMap gives the headers by name.
func (c *config) headerMap() (map[string]string, error) {
	headers := map[string]string{}
	for _, h := range c.headers {
		name, value, ok := strings.Cut(h, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, fmt.Errorf("--header %q is not of the form 'Name: value'", name) // the value may be secret
		}
		headers[name] = value
	}
	return headers, nil
}

// crawlOptions gives the crawl's options. On the command line a depth of 0 means
// the start alone.
func (c *config) crawlOptions() ingest.CrawlOptions {
	depth := c.maxDepth
	switch depth {
	case noDepthLimit:
		depth = 0
	case 0:
		depth = crawl.NoLinks
	}
	return ingest.CrawlOptions{
		Include: c.include, Exclude: c.exclude, MaxPages: c.maxPages, MaxDepth: depth, IgnoreRobots: c.ignoreRobots,
		RatePerSecond: c.ratePerSecond, CanonicalBase: c.canonicalBase, PruneLimitPercent: c.pruneLimitPercent, PruneAll: c.yes,
	}
}
