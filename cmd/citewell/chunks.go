package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/document"
)

// chunks prints what ingestion would store.
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

// previewer returns an ingester without a store or an embedder.
func (a *app) previewer() (*ingest.Ingester, error) {
	c, err := a.ingestConfig()
	if err != nil {
		return nil, err
	}
	return ingest.New(c)
}

// A chunkLine is one chunk in the output of chunks --json.
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

// A pageLine is one page in the output of chunks --page --json.
type pageLine struct {
	URL   string `json:"url"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

func (a *app) printDocument(d document.Document) error {
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
