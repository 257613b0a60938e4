package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// A sourceList is the answer to GET /admin/sources.
type sourceList struct {
	Configured []string       `json:"configured"` // names of sources in the configuration file
	Sources    []sourceCounts `json:"sources"`    // by name
}

// A sourceCounts is what the index holds of a source.
type sourceCounts struct {
	Source    string         `json:"source"`
	Chunks    int            `json:"chunks"`
	Decisions map[string]int `json:"decisions"` // decision → pages
	CrawledAt time.Time      `json:"crawled_at,omitzero"`
}

// sources counts the pages of the index. It reads all of their rows.
func (s *api) sources(ctx context.Context) (any, error) {
	list := sourceList{Configured: append([]string{}, s.Jobs.Configured...), Sources: []sourceCounts{}}
	if s.Manifest == nil {
		return list, nil
	}
	by := map[string]*sourceCounts{}
	err := s.Manifest.EachPage(ctx, func(p index.Page) error {
		c := by[p.Source]
		if c == nil {
			c = &sourceCounts{Source: p.Source, Decisions: map[string]int{}}
			by[p.Source] = c
		}
		c.Decisions[p.Decision]++
		c.Chunks += p.Chunks
		if p.CrawledAt.After(c.CrawledAt) {
			c.CrawledAt = p.CrawledAt
		}
		return nil
	})
	if err != nil && !errors.Is(err, index.ErrNoIndex) {
		return nil, err
	}
	for c := range maps.Values(by) {
		list.Sources = append(list.Sources, *c)
	}
	slices.SortFunc(list.Sources, func(x, y sourceCounts) int { return cmp.Compare(x.Source, y.Source) })
	return list, nil
}

const maxListedPages = 200

// A pageList is the answer to GET /admin/pages.
type pageList struct {
	Total int          `json:"total"` // pages that match
	Pages []listedPage `json:"pages"` // the first of these, by address
}

// A listedPage is a page with what was decided of it.
type listedPage struct {
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Source    string    `json:"source"`
	Decision  string    `json:"decision"`
	Reason    string    `json:"reason,omitempty"`
	Status    int       `json:"status"` // of HTTP; 0 for a file
	Chunks    int       `json:"chunks"`
	CrawledAt time.Time `json:"crawled_at,omitzero"`
}

// pages lists the pages whose address or title holds a text, with a decision; "" is any.
func (s *api) pages(ctx context.Context, text, decision string) (any, error) {
	list, text := pageList{Pages: []listedPage{}}, strings.ToLower(text)
	if s.Manifest == nil {
		return list, nil
	}
	err := s.Manifest.EachPage(ctx, func(p index.Page) error {
		if decision != "" && p.Decision != decision || !strings.Contains(strings.ToLower(p.URL+"\n"+p.Title), text) {
			return nil
		}
		list.Pages = append(list.Pages, listedPage{p.URL, p.Title, p.Source, p.Decision, p.Reason, p.Status, p.Chunks, p.CrawledAt})
		return nil
	})
	if err != nil && !errors.Is(err, index.ErrNoIndex) {
		return nil, err
	}
	slices.SortFunc(list.Pages, func(x, y listedPage) int { return cmp.Compare(x.URL, y.URL) })
	list.Total = len(list.Pages)
	list.Pages = list.Pages[:min(len(list.Pages), maxListedPages)]
	return list, nil
}
