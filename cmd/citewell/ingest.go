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

// chunks shows what ingestion would store.
func (a *app) chunks(cmd *cobra.Command, args []string) error {
	in, err := a.previewer()
	if err != nil {
		return err
	}
	failed := 0
	for d, err := range in.Preview(cmd.Context(), args) {
		if err != nil {
			failed++
			a.say("citewell: %s", message(err))
			continue
		}
		if err := a.printDocument(d); err != nil {
			return err
		}
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of the pages could not be read", failed)
	}
	return nil
}

// previewer makes an ingester without a store and an embedder.
func (a *app) previewer() (*ingest.Ingester, error) {
	c, err := a.ingestConfig()
	if err != nil {
		return nil, err
	}
	return ingest.New(c)
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

// A chunkLine is what chunks --json prints of a chunk.
type chunkLine struct {
	URL     string `json:"url"`
	Title   string `json:"title"`
	Ordinal int    `json:"ordinal"`
	Section string `json:"section"`
	Anchor  string `json:"anchor"`
	Start   int    `json:"start"` // rune offsets in the page's text
	End     int    `json:"end"`
	Text    string `json:"text"`
}

// A pageLine is what chunks --page --json prints of a page.
type pageLine struct {
	URL   string `json:"url"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

func (a *app) printDocument(d ingest.Document) error {
	out := errWriter{w: a.out}
	switch {
	case a.page && a.json:
		return a.printJSON(pageLine{d.Page.URL, d.Title, d.Text})
	case a.page:
		out.printf("%s\n", d.Text)
	case a.json:
		for _, c := range d.Chunks {
			if err := a.printJSON(chunkLine{c.URL, c.Title, c.Ordinal, c.Section, c.Anchor, c.Start, c.End, c.Text}); err != nil {
				return err
			}
		}
	default:
		out.printf("%s  %s: %d chunks\n", d.Page.URL, d.Title, len(d.Chunks))
		for _, c := range d.Chunks {
			out.printf("\n--- %s\n%s\n", strings.TrimRight(fmt.Sprintf("%d  [%d, %d)  %s #%s", c.Ordinal, c.Start, c.End, c.Section, c.Anchor), " #"), c.Text)
		}
	}
	return out.err
}

// oneLine joins the lines of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
