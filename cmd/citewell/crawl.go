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

// crawlConfig holds the settings of a crawl.
type crawlConfig struct {
	crawl             crawl.Options // without headers
	headers           []string
	pruneLimitPercent int
	yes               bool
}

func crawlFlags(f *pflag.FlagSet, c *config) {
	o := &c.crawl
	f.StringArrayVar(&o.Include, "include", nil, "crawl pages that match this glob, such as '/guide/**', instead of those under the path of the start; repeatable")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "skip pages that match this glob, such as '**/old/**'; repeatable")
	f.IntVar(&o.MaxPages, "max-pages", crawl.DefaultMaxPages, "maximum number of pages per site")
	f.Var(optionalInt(&o.MaxDepth), "max-depth", "maximum number of links from the start; 0 means only the start (default: no limit)")
	f.Float64Var(&o.Rate, "rate", 0, fmt.Sprintf("maximum requests per second to one host (0: %d, and no limit for a loopback or private address that you name)", crawl.DefaultRatePerSecond))
	f.BoolVar(&o.IgnoreRobots, "ignore-robots", false, "ignore robots.txt, for sites you own")
	f.BoolVar(&o.PreferMarkdown, "prefer-markdown", false, "read the Markdown that a page names as its own text, or that llms.txt lists, instead of its HTML; the page is cited")
	f.StringVar(&o.CanonicalBase, "canonical-base", "", "public address of the site, for citations, when crawling a preview or a local build")
	f.IntVar(&c.pruneLimitPercent, "prune-limit", ingest.DefaultPruneLimitPercent, "remove missing pages unless they are more than this percentage of the site's pages")
	f.BoolVar(&c.yes, "yes", false, "accept every loss of pages, even if the site seems to be down")
	fetchFlags(f, c)
}

func fetchFlags(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.headers, "header", nil, "header to send to the site, such as 'Authorization: Bearer …'; repeatable")
	f.BoolVar(&c.crawl.AllowPrivate, "allow-private", false, "also fetch addresses in private networks that the command line does not name")
}

// validateCrawl checks the flags of a crawl.
func (c *config) validateCrawl(f *pflag.FlagSet) error {
	var errs []error
	if _, err := c.headerMap(); err != nil {
		errs = append(errs, err)
	}
	if f.Lookup("max-pages") == nil {
		return errors.Join(errs...)
	}
	if c.crawl.MaxPages == 0 {
		errs = append(errs, errors.New("--max-pages 0 is not at least 1"))
	}
	if c.pruneLimitPercent < 1 || c.pruneLimitPercent > 100 {
		errs = append(errs, fmt.Errorf("--prune-limit %d is not a percentage within 1–100", c.pruneLimitPercent))
	}
	for _, fault := range c.crawl.Faults() {
		errs = append(errs, fmt.Errorf("--%s %s", strings.ReplaceAll(fault.Option, "_", "-"), fault.Reason))
	}
	return errors.Join(errs...)
}

// validateAddress returns an error if the value of a flag is neither empty nor an
// http or https address.
func validateAddress(flag, value string) error {
	u, err := url.Parse(value)
	if value == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	return fmt.Errorf("%s %q is not an address such as https://docs.example.com/", flag, value)
}

// headerMap returns the values of --header by header name.
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
