package retrievetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// testManifest tests that a manifest lists what was put.
func testManifest(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	const pages = 1100 // more than one reply holds
	var changes []index.Change
	for n := range pages {
		changes = append(changes, change(fmt.Sprintf("https://example.com/%d", n), min(n, 2)*2))
	}
	fill(t, s, "L2", changes...)

	seen := map[string]index.Page{}
	last := ""
	err := s.EachPage(t.Context(), func(p index.Page) error {
		if id := index.URLID(p.URL); id <= last {
			t.Errorf("EachPage() gives %s after a larger key", p.URL)
		} else {
			last = id
		}
		seen[p.URL] = p
		return nil
	})
	if err != nil || len(seen) != pages {
		t.Errorf("EachPage() = %d pages, %v, want %d", len(seen), err, pages)
	}
	boom := errors.New("boom")
	calls := 0
	if err := s.EachPage(t.Context(), func(index.Page) error { calls++; return boom }); !errors.Is(err, boom) || calls != 1 {
		t.Errorf("EachPage() = %v after %d calls, want the error of the first", err, calls)
	}

	url := changes[7].Page.URL
	got, ok, err := s.Page(t.Context(), url)
	if diff := gocmp.Diff(changes[7].Page, got); err != nil || !ok || diff != "" || seen[url] != got {
		t.Errorf("Page(%s) = %v, %v (-want +got):\n%s", url, ok, err, diff)
	}
	if _, ok, err := s.Page(t.Context(), "https://example.com/it's"); ok || err != nil {
		t.Errorf("Page() of an unknown page = %v, %v", ok, err)
	}
	var want []index.Chunk
	for _, r := range changes[7].Insert {
		want = append(want, r.Chunk)
	}
	chunks, err := s.ChunksOf(t.Context(), url)
	if diff := gocmp.Diff(want, chunks); err != nil || diff != "" {
		t.Errorf("ChunksOf(%s) = %v (-want +got):\n%s", url, err, diff)
	}
	if chunks, err := s.ChunksOf(t.Context(), changes[0].Page.URL); len(chunks) != 0 || err != nil {
		t.Errorf("ChunksOf() of a page without = %v, %v", chunks, err)
	}
	wantRecords := slices.Clone(changes[7].Insert)
	if info, err := s.Index(t.Context()); err != nil {
		t.Fatal(err)
	} else if info.Statistics == nil { // an engine without sparse vectors
		for i := range wantRecords {
			wantRecords[i].Terms = bm25.Sparse{}
		}
	}
	records, err := s.Records(t.Context(), url)
	if diff := gocmp.Diff(wantRecords, records); err != nil || diff != "" {
		t.Errorf("Records(%s) = %v (-want +got):\n%s", url, err, diff)
	}
	testPagesOf(t, begin(t, s, "L2"), url)
}

// testPagesOf tests that a run reads the rows of the URLs given.
func testPagesOf(t *testing.T, r index.Run, url string) {
	p := page(url, 4)
	p.Reason = "another one"
	put(t, r, index.Change{Page: p})
	got, err := r.Pages(t.Context(), url, "https://example.com/none")
	if diff := gocmp.Diff(map[string]index.Page{url: p}, got); err != nil || diff != "" {
		t.Errorf("Pages(%s) = %v (-want +got):\n%s", url, err, diff)
	}
}

// testCrawls tests that rows of crawls are not listed as pages.
func testCrawls(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	for name, call := range map[string]func(context.Context) error{
		"EachPage": func(ctx context.Context) error { return s.EachPage(ctx, func(index.Page) error { return nil }) },
		"Page":     func(ctx context.Context) error { _, _, err := s.Page(ctx, "x"); return err },
		"ChunksOf": func(ctx context.Context) error { _, err := s.ChunksOf(ctx, "x"); return err },
		"Crawls":   func(ctx context.Context) error { _, err := s.Crawls(ctx); return err },
	} {
		if err := call(t.Context()); !errors.Is(err, index.ErrNoIndex) {
			t.Errorf("%s() without an index = %v, want ErrNoIndex", name, err)
		}
	}
	crawls := []index.Crawl{
		{Start: "https://example.com/", Complete: true, State: `{"it's":1}`, CrawledAt: crawled},
		{Start: "https://example.com/a/"},
	}
	r := begin(t, s, "L2")
	crawls[1].Complete, crawls[1].CrawledAt = true, crawled
	put(t, r, index.Change{Page: crawls[0].Page()}, change("https://example.com/a", 1), index.Change{Page: crawls[1].Page()})
	crawls[1].Complete = false
	put(t, r, index.Change{Page: crawls[1].Page()})
	commit(t, r)

	got, err := s.Crawls(t.Context())
	if diff := gocmp.Diff(crawls, got); err != nil || diff != "" {
		t.Errorf("Crawls() = %v (-want +got):\n%s", err, diff)
	}
	var urls []string
	err = s.EachPage(t.Context(), func(p index.Page) error { urls = append(urls, p.URL); return nil })
	if err != nil || !slices.Equal(urls, []string{"https://example.com/a"}) {
		t.Errorf("EachPage() = %v, %v, want the page alone", urls, err)
	}
	pages, err := begin(t, s, "L2").Pages(t.Context())
	if err != nil || len(pages) != 1 {
		t.Errorf("Pages() = %v, %v, want the page alone", pages, err)
	}
	if p, ok, err := s.Page(t.Context(), crawls[0].Page().URL); err != nil || !ok || p != crawls[0].Page() {
		t.Errorf("Page() of a crawl = %+v, %v, %v", p, ok, err)
	}
}
