package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
)

func (a *app) ingest(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	a.mayNotEmbed = true // where nothing has changed
	p, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	in, err := a.newIngester(p)
	if err != nil {
		return err
	}
	report, err := in.Ingest(ctx, args, a.rebuild)
	if errors.Is(err, ingest.ErrNothing) && len(report.Errors) == 1 && len(report.Sites) == 0 {
		return err // It says all there is to say.
	}
	if err != nil && !errors.Is(err, ingest.ErrNothing) {
		return err
	}
	if printErr := a.printReport(report); printErr != nil {
		return printErr
	}
	if n := namedFailures(report, args); err == nil && n > 0 {
		err = fmt.Errorf("%d of what was named could not be ingested; the lines above say why", n)
	}
	return err
}

// namedFailures counts the starts and files that failed. A page that a site
// links to may be missing: that is the site's fault, and is reported.
func namedFailures(r ingest.Report, args []string) int {
	n := 0
	for _, e := range r.Errors {
		if !strings.Contains(e.URL, "://") || slices.Contains(args, e.URL) {
			n++
		}
	}
	return n
}

// ingestConfig gives the settings that say what is fetched and what becomes of a
// page.
func (a *app) ingestConfig() (ingest.Config, error) {
	format, err := extract.ParseFormat(a.text)
	if err != nil {
		return ingest.Config{}, err
	}
	headers, err := a.headerMap()
	if err != nil {
		return ingest.Config{}, err
	}
	options := a.crawl
	options.Headers = headers
	return ingest.Config{
		Fetch:    crawl.Config{Log: a.log()},
		Crawl:    options,
		Chunking: a.chunking(),
		Extract:  extract.Options{Selectors: a.selectors, Format: format},
		BaseURL:  a.baseURL,

		PruneLimitPercent: a.pruneLimitPercent, PruneAll: a.yes,
	}, nil
}
