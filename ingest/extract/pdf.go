package extract

import (
	"context"
	"strconv"

	"github.com/citewell/citewell/ingest/pdf"
)

// extractPDF returns the text of a PDF file. Its anchors open the page.
func extractPDF(body []byte) (Page, error) {
	d, err := pdf.Read(context.Background(), body) // The time that it takes is limited there.
	if pdf.IsNoText(err) {
		return Page{}, noText{err}
	}
	if err != nil {
		return Page{}, err
	}
	page := Page{Title: d.Title, Text: d.Text, Modified: d.Modified}
	anchor := func(n int) string { return "page=" + strconv.Itoa(n) }
	for _, h := range d.Headings {
		page.Headings = append(page.Headings, Heading{Level: h.Level, Text: h.Text, Anchor: anchor(h.Page), StartRune: h.StartRune})
	}
	for _, p := range d.Pages {
		page.Breaks = append(page.Breaks, Break{Anchor: anchor(p.Number), StartRune: p.StartRune})
	}
	return page, nil
}

// noText is an [ErrNoText] with another explanation.
type noText struct{ error }

func (noText) Is(target error) bool { return target == ErrNoText }
