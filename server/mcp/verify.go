package mcp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/retrieve"
)

type verifyInput struct {
	Quote string `json:"quote" jsonschema:"a sentence, or a part of one"`
	URL   string `json:"url,omitempty" jsonschema:"the page that is said to have it; without it, all pages are searched"`
}

type verifyOutput struct {
	Found   string    `json:"found"` // yes, no or not_indexed
	Nearest *citation `json:"nearest,omitempty"`
	URL     string    `json:"url,omitempty"`
}

// mostPages is how many pages a quote is looked for on, if none is named.
const mostPages = 5

func (t tools) verify(ctx context.Context, in verifyInput) (string, verifyOutput, error) {
	if strings.TrimSpace(in.Quote) == "" {
		return "", verifyOutput{}, fmt.Errorf("%w: the quote is empty", retrieve.ErrQuery)
	}
	urls := []string{in.URL}
	if in.URL == "" {
		found, err := t.Retriever.Retrieve(ctx, retrieve.Query{Text: shorten(in.Quote), K: 4 * mostPages})
		if err != nil {
			return "", verifyOutput{}, err
		}
		urls = nil
		for _, h := range found.Hits {
			if !slices.Contains(urls, h.URL) && len(urls) < mostPages {
				urls = append(urls, h.URL)
			}
		}
	}
	out := verifyOutput{Found: "not_indexed", URL: in.URL}
	for _, url := range urls {
		chunks, err := t.page(ctx, url)
		if errors.Is(err, errNotIndexed) {
			continue
		}
		if err != nil {
			return "", verifyOutput{}, err
		}
		c := answer.CheckQuote(in.Quote, chunks)
		if c.Verified || out.Nearest == nil && c.Quote != "" {
			cited := citationOf(c)
			out.Nearest, out.URL = &cited, c.URL
		}
		if out.Found = "no"; c.Verified {
			out.Found = "yes"
			break
		}
	}
	return verdict(out), out, nil
}

// maxQueryRunes is how much of a quote its pages are searched for by.
const maxQueryRunes = 1000

func shorten(quote string) string {
	runes := []rune(quote)
	return string(runes[:min(len(runes), maxQueryRunes)])
}

// verdict says in words what was found.
func verdict(v verifyOutput) string {
	switch {
	case v.Found == "yes":
		return fmt.Sprintf("Yes: %s says “%s” (crawled %s).\n%s", v.URL, v.Nearest.Quote, v.Nearest.CrawledAt, v.Nearest.Link)
	case v.Found == "not_indexed":
		return "Not indexed: the index does not hold that page, so nothing is known of it."
	case v.Nearest == nil:
		return "No: the pages do not say that."
	}
	return fmt.Sprintf("No: the pages do not say that word for word. The nearest sentence is on %s: “%s” (crawled %s).\n%s", v.URL, v.Nearest.Quote, v.Nearest.CrawledAt, v.Nearest.Link)
}
