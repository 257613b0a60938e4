package previous_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/previous"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// A store holds rows and crawls.
type store struct {
	pages  []index.Page
	crawls []index.Crawl
}

func (s store) EachPage(_ context.Context, f func(index.Page) error) error {
	for _, p := range s.pages {
		if err := f(p); err != nil {
			return err
		}
	}
	return nil
}

func (s store) Crawls(context.Context) ([]index.Crawl, error) { return s.crawls, nil }

// read returns an index of two sites, of which one lies inside of the other, a
// page that was named by itself, and a file.
func read(t *testing.T) *previous.Index {
	t.Helper()
	page := func(url, from, decision string) index.Page {
		return index.Page{URL: url, DiscoveredFrom: from, Status: 200, ETag: "tag of " + url, Decision: decision, ContentHash: url, CrawledAt: time.UnixMicro(1)}
	}
	const docs, inner = "https://e.example/docs/", "https://e.example/docs/inner/"
	file := page("/files/a.html", "", index.DecisionIndexed)
	file.Status = 0
	ix, err := previous.Read(t.Context(), store{
		pages: []index.Page{
			page(docs, "", index.DecisionIndexed), page(docs+"b", docs, index.DecisionIndexed), page(docs+"a", docs, index.DecisionDuplicate),
			page(docs+"broken", docs, index.DecisionFailed), page(docs+"alone", "", index.DecisionIndexed),
			page(inner, "", index.DecisionIndexed), page(inner+"c", inner, index.DecisionIndexed), file,
		},
		crawls: []index.Crawl{
			{Start: docs, Complete: true, State: `{"pages":4}`, CrawledAt: time.UnixMicro(7)},
			{Start: inner, State: `{"pages":9}`},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func TestPage(t *testing.T) {
	ix := read(t)
	numbers := map[int]bool{}
	for _, url := range []string{"https://e.example/docs/", "https://e.example/docs/alone", "/files/a.html"} {
		p, ok := ix.Page(url)
		if !ok || p.URL() != url || !p.Is(index.DecisionIndexed) || numbers[p.Number()] {
			t.Errorf("Page(%s) = %+v, %v, want its own row", url, p, ok)
		}
		numbers[p.Number()] = true
	}
	if p, ok := ix.Page("https://e.example/docs/none"); ok || p.Is(index.DecisionIndexed) || p.Is("") {
		t.Errorf("Page of an unknown URL = %+v, %v, want none", p, ok)
	}
	if p, ok := (&previous.Index{}).Page("https://e.example/"); ok {
		t.Errorf("Page of an empty index = %+v, want none", p)
	}
}

func TestEquals(t *testing.T) {
	p, _ := read(t).Page("https://e.example/docs/")
	row := index.Page{URL: p.URL(), Status: 200, ETag: "tag of " + p.URL(), Decision: index.DecisionIndexed, ContentHash: p.URL(), CrawledAt: time.Now()}
	if !p.Equals(row) {
		t.Error("a row that differs only in the time of the visit is not equal")
	}
	if row.Title = "new"; p.Equals(row) {
		t.Error("a row with another title is equal")
	}
}

func TestCrawlOf(t *testing.T) {
	for _, tt := range []struct {
		name, start string
		settings    site.Settings
		pages       []string // that the crawl found
		tag         string   // that the server of the start is asked with
	}{
		{"complete", "https://e.example/docs/", site.Settings{}, []string{"", "a", "b", "broken"}, "tag of https://e.example/docs/"},
		{"other settings", "https://e.example/docs/", site.Settings{Version: 2}, []string{"", "a", "b", "broken"}, ""},
		{"incomplete, inside of another site", "https://e.example/docs/inner/", site.Settings{}, []string{"", "c"}, ""},
		{"unknown", "https://f.example/", site.Settings{}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := site.New(tt.start, tt.settings)
			if err != nil {
				t.Fatal(err)
			}
			c := read(t).CrawlOf(s)
			var got []string
			for _, p := range c.Pages {
				got = append(got, p.URL()[len(tt.start):])
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.pages, got); diff != "" {
				t.Errorf("pages (-want +got):\n%s", diff)
			}
			if tag, _ := c.Validators(tt.start); tag != tt.tag {
				t.Errorf("Validators = %q, want %q", tag, tt.tag)
			}
		})
	}
}

func TestCrawlKnows(t *testing.T) {
	const start = "https://e.example/docs/"
	s, err := site.New(start, site.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	c := read(t).CrawlOf(s)
	if diff := cmp.Diff([]string{start + "a", start + "b", start + "broken"}, c.Children(start)); diff != "" {
		t.Errorf("Children (-want +got):\n%s", diff)
	}
	var each []string
	c.Each(func(address string) bool { each = append(each, address); return true })
	slices.Sort(each)
	if diff := cmp.Diff([]string{start, start + "a", start + "b"}, each); diff != "" {
		t.Errorf("Each yields (-want +got):\n%s", diff)
	}
	if from := c.From(start + "a"); from != start {
		t.Errorf("From = %q, want the start", from)
	}
	if at := c.CrawledAt(start + "a"); !at.Equal(time.UnixMicro(7)) {
		t.Errorf("CrawledAt = %v, want that of the crawl", at)
	}
	if tag, _ := c.Validators(start + "broken"); tag != "" {
		t.Errorf("Validators of a page that failed = %q, want none", tag)
	}
}
