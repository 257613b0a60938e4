package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/crawl/guard"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/server"
)

// addExtraction configures for a server what only its model can do: to extract data, to
// read images, and to search by itself.
func (a *app) addExtraction(c *server.Config, p *parts) (err error) {
	if p.model == nil {
		return nil
	}
	c.Images, c.Agentic = p.model.Profile().Images, p.model.Profile().Tools
	x := &extractor{}
	// Requests name the pages, and clients are trusted less than the operator: a proxy
	// would resolve names by itself, past the check of addresses.
	if x.fetcher, err = crawl.New(crawl.Config{AllowPrivate: a.crawl.AllowPrivate, NoProxy: true, Retries: 1, Log: a.log()}); err != nil {
		return err
	}
	if x.structured, err = structured.New(structured.Config{Model: p.boundModel(), Log: a.log()}); err != nil {
		return err
	}
	c.Extractor = x
	return nil
}

// An extractor fetches a page and extracts data from it.
type extractor struct {
	fetcher    *crawl.Fetcher
	structured *structured.Extractor
}

var _ server.Extractor = (*extractor)(nil)

// Extract implements [server.Extractor].
func (x *extractor) Extract(ctx context.Context, e server.Extraction) (*structured.Result, error) {
	r := structured.Request{Text: e.Text, Schema: e.Schema, Example: e.Example, Instruction: e.Instruction}
	if e.Text == "" {
		page, err := x.page(ctx, e)
		if err != nil {
			return nil, err
		}
		r.URL, r.Title, r.Text = page.URL, page.Title, page.Text
	}
	return x.structured.Extract(ctx, r)
}

// page returns the page as Markdown.
func (x *extractor) page(ctx context.Context, e server.Extraction) (extract.Page, error) {
	body, contentType := []byte(e.HTML), "text/html; charset=utf-8"
	address := ""
	if e.URL != "" {
		got, err := x.fetcher.Fetch(ctx, e.URL)
		switch {
		case ctx.Err() != nil:
			return extract.Page{}, ctx.Err()
		case errors.Is(err, guard.ErrPrivate):
			return extract.Page{}, fmt.Errorf("%w: %w; to allow it, start the server with --allow-private", problem.UnreadablePage, err)
		case err != nil:
			return extract.Page{}, fmt.Errorf("%w: %w", problem.UnreadablePage, err)
		}
		body, contentType, address = got.Body, got.ContentType, got.URL
	}
	page, err := extract.Extract(body, contentType, address, extract.Options{})
	if err != nil {
		return page, fmt.Errorf("%w: %w", problem.UnreadablePage, err)
	}
	return page, nil
}
