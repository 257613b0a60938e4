package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
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
// site that can't be reached is not asked again: if nothing but the paths of the files says
// how it writes addresses, a warning tells how to change them. The check runs beside the
// ingestion; the function that is returned waits for its end.
func (c *crawler) checkPublished(ctx context.Context, name string, files []target, listing folder.Listing) (wait func()) {
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
		if warning := c.config.compareAddresses(ctx, fetcher, name, sample, listing.Generator == ""); warning != "" {
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
// cite them if pages are found in another place. isGuess says that the style of the addresses
// is a guess, unless the user named it.
func (c *Config) compareAddresses(ctx context.Context, fetcher *crawl.Fetcher, name string, sample []target, isGuess bool) string {
	var missing []target
	for _, f := range sample {
		switch status := statusOf(ctx, fetcher, f.url); status {
		case 0: // The site can't be reached.
			if isGuess && c.URLStyle == "" {
				return c.adviseStyle(name, sample)
			}
			return ""
		case http.StatusNotFound, http.StatusGone:
			missing = append(missing, f)
		}
	}
	if 2*len(missing) <= len(sample) {
		return ""
	}
	warning := fmt.Sprintf("%s: %d of %d addresses that were tried are not there, such as %s", name, len(missing), len(sample), missing[0].url)
	for _, style := range []folder.Style{folder.StyleDirectory, folder.StyleClean, folder.StyleHTML, folder.StyleFile} {
		found := c.addressIn(style, name, missing[0])
		if found != missing[0].url && statusOf(ctx, fetcher, found) == http.StatusOK {
			return fmt.Sprintf("%s; that page is at %s: ingest with --url-style %s, so that citations lead there", warning, found, style)
		}
	}
	return warning + ": check --base-url and --url-style, so that citations lead to pages"
}

// adviseStyle returns how to cite files by other addresses than their paths; "" if the
// sample has none whose address could be another.
func (c *Config) adviseStyle(name string, sample []target) string {
	for _, f := range sample {
		directory, html := c.addressIn(folder.StyleDirectory, name, f), c.addressIn(folder.StyleHTML, name, f)
		if directory != f.url && html != directory {
			return fmt.Sprintf("%s: pages are cited by the paths of their files, such as %s, and the site did not answer: if it has that page at %s, ingest with --url-style directory, if at %s, with --url-style html",
				name, f.url, directory, html)
		}
	}
	return ""
}

// addressIn returns the address of a file in another style.
func (c *Config) addressIn(style folder.Style, name string, file target) string {
	other := *c
	other.URLStyle = style
	files, _, err := other.list(name)
	if i := slices.IndexFunc(files, func(f target) bool { return f.path == file.path }); err == nil && i >= 0 {
		return files[i].url
	}
	return file.url // Unreachable: it was listed before.
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
