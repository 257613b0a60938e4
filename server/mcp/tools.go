package mcp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server/reply"
)

// told returns what a client is told of an error.
func told(err error) error {
	d := problem.Of(err)
	return fmt.Errorf("%s: %s", d.Message, d.Fix)
}

// limits are the pages that a search is limited to.
type limits struct {
	Source    string `json:"source,omitempty" jsonschema:"only pages of this source, as list_sources names it"`
	URLPrefix string `json:"url_prefix,omitempty" jsonschema:"only pages whose address begins with this"`
	Lang      string `json:"lang,omitempty" jsonschema:"only pages in this language, such as en"`
	Version   string `json:"version,omitempty" jsonschema:"only pages of this version, such as 2.0 or stable"`
}

func (l limits) filter() retrieve.Filter {
	return retrieve.Filter{Source: l.Source, URLPrefix: l.URLPrefix, Lang: l.Lang, Version: l.Version}
}

type searchInput struct {
	Query string `json:"query" jsonschema:"a question or words"`
	K     int    `json:"k,omitempty" jsonschema:"how many passages, 1 to 50; 10 if absent"`
	limits
}

type searchOutput struct {
	Results []result `json:"results"`
	Note    string   `json:"note,omitempty"` // on what was left out
}

type result struct {
	ID      string `json:"id"` // what fetch takes: the address of the page
	Title   string `json:"title"`
	URL     string `json:"url"` // of the section
	Section string `json:"section,omitempty"`
	Text    string `json:"text"`
	Version string `json:"version,omitempty"`
}

// defaultK is the number of passages of a search.
const defaultK = 10

func (t tools) search(ctx context.Context, in searchInput) (string, searchOutput, error) {
	out := searchOutput{Results: []result{}}
	if in.K < 0 || in.K > retrieve.MaxK {
		return "", out, fmt.Errorf("%w: k is %d, not within 1–%d", retrieve.ErrQuery, in.K, retrieve.MaxK)
	}
	found, err := t.Retriever.Retrieve(ctx, retrieve.Query{Text: in.Query, K: cmp.Or(in.K, defaultK), Filter: in.filter()})
	if err != nil {
		return "", out, err
	}
	size := 0
	for i, h := range found.Hits {
		if size += len(h.Text); size > maxBytes && i > 0 {
			out.Note = fmt.Sprintf("%d passages that are less near are left out: read_page and fetch return whole pages, and a narrower query finds other passages", len(found.Hits)-i)
			break
		}
		out.Results = append(out.Results, result{ID: h.URL, Title: cmp.Or(h.Title, h.URL), URL: address(h.URL, h.Anchor), Section: h.Section, Text: h.Text, Version: h.Version})
	}
	return "", out, nil
}

// address returns the address of a section.
func address(url, anchor string) string {
	if anchor == "" {
		return url
	}
	return url + "#" + anchor
}

type fetchInput struct {
	ID string `json:"id" jsonschema:"the id of a result of search"`
}

type fetchOutput struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Text     string            `json:"text"`
	URL      string            `json:"url"`
	Metadata map[string]string `json:"metadata"`
}

func (t tools) fetch(ctx context.Context, in fetchInput) (string, fetchOutput, error) {
	chunks, err := t.page(ctx, in.ID)
	if err != nil {
		return "", fetchOutput{}, err
	}
	c := chunks[0]
	text, _ := excerpt(strings.Split(index.PageText(chunks), "\n"), 1)
	out := fetchOutput{ID: c.URL, Title: cmp.Or(c.Title, c.URL), Text: text, URL: c.URL, Metadata: map[string]string{"source": c.Source}}
	for name, value := range map[string]string{"lang": c.Lang, "version": c.Version, "crawled_at": date(c.CrawledAt), "modified": date(c.Modified)} {
		if value != "" {
			out.Metadata[name] = value
		}
	}
	return "", out, nil
}

// date returns a day, or "" for no time.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// errNotIndexed means that the index has no such page.
var errNotIndexed = errors.New("no such page")

// page returns the chunks of a page by its address, which may have a fragment.
func (t tools) page(ctx context.Context, url string) ([]index.Chunk, error) {
	plain, _, _ := strings.Cut(strings.TrimSpace(url), "#")
	for _, try := range []string{plain, plain + "/", strings.TrimSuffix(plain, "/")} {
		p, ok, err := t.Manifest.Page(ctx, try)
		if err != nil {
			return nil, err
		}
		if ok && p.Canonical != "" && p.Chunks == 0 {
			try = p.Canonical // the page that stands for equal ones
		}
		chunks, err := t.Manifest.ChunksOf(ctx, try)
		if err != nil {
			return nil, err
		}
		if len(chunks) > 0 {
			return chunks, nil
		}
	}
	return nil, &problem.Error{Kind: problem.BadQuery, Message: fmt.Sprintf("the index holds no page %q", url), Fix: "take the address from search, or list the sources with list_sources", Cause: errNotIndexed}
}

type askInput struct {
	Question string         `json:"question" jsonschema:"a whole question"`
	History  []history.Turn `json:"history,omitempty" jsonschema:"what was asked and answered before, oldest first"`
	limits
}

type askOutput struct {
	Answer    string     `json:"answer"`
	Answered  bool       `json:"answered"`
	Reason    string     `json:"reason,omitempty"`
	Citations []citation `json:"citations"`
}

type citation struct {
	N         int    `json:"n"`
	Quote     string `json:"quote"`
	Verified  bool   `json:"verified"`
	Title     string `json:"title"`
	Section   string `json:"section,omitempty"`
	Link      string `json:"link"`
	Version   string `json:"version,omitempty"`
	CrawledAt string `json:"crawled_at,omitempty"`
}

func citationOf(c answer.Citation) citation {
	return citation{c.N, c.Quote, c.Verified, c.Title, c.Section, c.Link, c.Version, date(c.CrawledAt)}
}

func (t tools) ask(ctx context.Context, in askInput) (string, askOutput, error) {
	a, err := t.Answerer.Answer(ctx, answer.Question{Text: in.Question, History: history.Fit(in.History), Filter: in.filter()})
	if err != nil {
		return "", askOutput{}, err
	}
	out := askOutput{Answer: a.Answer, Answered: a.Answered, Reason: a.Reason, Citations: []citation{}}
	oldest := time.Time{}
	for _, c := range a.Citations {
		out.Citations = append(out.Citations, citationOf(c))
		if oldest.IsZero() || c.CrawledAt.Before(oldest) {
			oldest = c.CrawledAt
		}
	}
	text := a.Answer + reply.Tail(a)
	if !oldest.IsZero() {
		text += "\n\nThe pages were crawled on " + date(oldest) + " or later."
	}
	return text, out, nil
}

type listOutput struct {
	Sources []source `json:"sources"`
	Note    string   `json:"note,omitempty"` // on what was left out
}

// maxSources is how many sources are listed, within maxBytes.
const maxSources = 300

type source struct {
	Name      string   `json:"name"`
	Pages     int      `json:"pages"`
	Example   string   `json:"example"` // the shortest address of a page
	Languages []string `json:"languages"`
	Versions  []string `json:"versions"`
	Crawled   string   `json:"last_crawled"`
}

func (t tools) list(ctx context.Context, _ struct{}) (string, listOutput, error) {
	byName := map[string]*source{}
	err := t.Manifest.EachPage(ctx, func(p index.Page) error {
		if p.Decision != index.DecisionIndexed {
			return nil
		}
		s := byName[p.Source]
		if s == nil {
			s = &source{Name: p.Source, Example: p.URL, Languages: []string{}, Versions: []string{}}
			byName[p.Source] = s
		}
		s.Pages++
		if len(p.URL) < len(s.Example) {
			s.Example = p.URL
		}
		s.Languages, s.Versions = with(s.Languages, p.Lang), with(s.Versions, p.Version)
		s.Crawled = max(s.Crawled, date(p.CrawledAt))
		return nil
	})
	out := listOutput{Sources: []source{}}
	for _, s := range byName {
		slices.Sort(s.Languages)
		slices.Sort(s.Versions)
		out.Sources = append(out.Sources, *s)
	}
	slices.SortFunc(out.Sources, func(a, b source) int { return strings.Compare(a.Name, b.Name) })
	if more := len(out.Sources) - maxSources; more > 0 {
		out.Sources = out.Sources[:maxSources]
		out.Note = fmt.Sprintf("%d more sources are left out: search finds their pages", more)
	}
	return "", out, err
}

func with(all []string, name string) []string {
	if name == "" || slices.Contains(all, name) {
		return all
	}
	return append(all, name)
}
