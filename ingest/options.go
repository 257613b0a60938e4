package ingest

import (
	"errors"
	"fmt"
)

// DefaultPruneLimitPercent is the share of a site's pages that a run removes
// without being told to: more may mean that the site is down.
const DefaultPruneLimitPercent = 30

// useCrawl validates what Crawl says and applies it to how pages are fetched and
// read.
func (c *Config) useCrawl() error {
	var errs []error
	if err := c.Crawl.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("ingest: %w", err))
	}
	if c.PruneLimitPercent < 0 || c.PruneLimitPercent > 100 {
		errs = append(errs, fmt.Errorf("ingest: the prune limit of %d percent is not within 0–100", c.PruneLimitPercent))
	}
	c.Fetch.AllowPrivate = c.Fetch.AllowPrivate || c.Crawl.AllowPrivate
	if c.Crawl.Headers != nil {
		c.Fetch.Headers = c.Crawl.Headers
	}
	if c.Crawl.Selector != "" {
		c.Extract.Selectors = []string{c.Crawl.Selector}
	}
	return errors.Join(errs...)
}

func (c *Config) pruneLimit() int {
	if c.PruneLimitPercent == 0 {
		return DefaultPruneLimitPercent
	}
	return c.PruneLimitPercent
}
