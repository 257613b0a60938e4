package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/folder"
	"github.com/citewell/citewell/retrieve/index"
)

// Limits of the check of addresses.
const (
	maxChecked   = 5 // pages
	maxCheckTime = 5 * time.Second
)

// checkPublished asks the public site of a folder that is new to the index for a few of its
// pages, and warns if they are not there, so that no dead addresses are cited. A
// site that can't be reached is not asked again. The check runs beside the ingestion; the
// function that is returned waits for its end.
func (c *crawler) checkPublished(ctx context.Context, name string, files []target) (wait func()) {
	sample := sampleOf(files)
	if len(sample) == 0 {
		return func() {}
	}
	if old, known := c.before.Page(sample[0].url); known && old.Is(index.DecisionIndexed) {
		return func() {}
	}
	fetch := c.config.Fetch
	fetch.Retries, fetch.Timeout, fetch.Headers = -1, maxCheckTime, nil
	fetcher, err := crawl.New(fetch)
	if err != nil {
		return func() {} // Unreachable: the same settings were used before.
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ctx, stop := context.WithTimeout(ctx, maxCheckTime)
		defer stop()
		if warning := c.config.compareAddresses(ctx, fetcher, name, sample); warning != "" {
			c.tally.warn("%s", warning)
		}
	}()
	return func() { <-done }
}

// sampleOf returns a few files, far apart, that are cited by addresses.
func sampleOf(files []target) []target {
	var published []target
	for _, f := range files {
		if strings.HasPrefix(f.url, "http://") || strings.HasPrefix(f.url, "https://") {
			published = append(published, f)
		}
	}
	step := max(1, len(published)/maxChecked)
	var sample []target
	for i := step / 2; i < len(published) && len(sample) < maxChecked; i += step {
		sample = append(sample, published[i])
	}
	return sample
}

// compareAddresses returns a warning if most of the pages are not where they are cited, and how to
// cite them if pages are found in another place.
func (c *Config) compareAddresses(ctx context.Context, fetcher *crawl.Fetcher, name string, sample []target) string {
	var missing []target
	for _, f := range sample {
		switch status := statusOf(ctx, fetcher, f.url); status {
		case 0:
			return "" // The site can't be reached.
		case http.StatusNotFound, http.StatusGone:
			missing = append(missing, f)
		}
	}
	if 2*len(missing) <= len(sample) {
		return ""
	}
	warning := fmt.Sprintf("%s: %d of %d addresses that were tried are not there, such as %s", name, len(missing), len(sample), missing[0].url)
	for _, style := range []folder.Style{folder.StyleDirectory, folder.StyleClean, folder.StyleHTML, folder.StyleFile} {
		other := *c
		other.URLStyle = style
		files, _, err := other.list(name)
		if err != nil {
			continue // Unreachable: it was listed before.
		}
		found := ""
		for _, f := range files {
			if f.path == missing[0].path && f.url != missing[0].url && statusOf(ctx, fetcher, f.url) == http.StatusOK {
				found = f.url
			}
		}
		if found != "" {
			return fmt.Sprintf("%s; that page is at %s: ingest with --url-style %s, so that citations lead there", warning, found, style)
		}
	}
	return warning + ": check --base-url and --url-style, so that citations lead to pages"
}

// statusOf returns the status of an address; 0 if there is no answer.
func statusOf(ctx context.Context, fetcher *crawl.Fetcher, address string) int {
	_, err := fetcher.Fetch(ctx, address)
	if err == nil {
		return http.StatusOK
	}
	if e, ok := errors.AsType[*crawl.Error](err); ok {
		return e.Status
	}
	return 0
}
