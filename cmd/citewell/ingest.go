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
	"github.com/citewell/citewell/ingest/folder"
)

func (a *app) ingest(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	a.deferModel = true // nothing is embedded if nothing has changed
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
		return err // the report would only repeat it
	}
	if err != nil && !errors.Is(err, ingest.ErrNothing) && !errors.Is(err, ingest.ErrKept) {
		return err
	}
	if printErr := a.printReport(report); printErr != nil {
		return printErr
	}
	if n := namedFailures(report, args); err == nil && n > 0 {
		err = fmt.Errorf("%d of the named pages could not be ingested; see the lines above", n)
	}
	return err
}

// namedFailures counts the arguments that failed. A broken link within a site is
// reported, but is not a failure of the command.
func namedFailures(r ingest.Report, args []string) int {
	n := 0
	for _, e := range r.Errors {
		if !strings.Contains(e.URL, "://") || slices.Contains(args, e.URL) {
			n++
		}
	}
	return n
}

// ingestConfig returns the settings of fetching, extraction and chunking.
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
		URLStyle: folder.ParseStyle(a.urlStyle),

		PruneLimitPercent: a.pruneLimitPercent, PruneAll: a.yes,
	}, nil
}
