// Package document makes what is stored of a page from a response.
//
// Call [Options.Make]. It extracts the text, takes out the lines that most pages
// of the site repeat, and splits the rest into chunks. What repeats is known only
// after some pages were read, so its two halves can be called by themselves:
// [Options.Read] and [Options.Split].
//
// The same response gives the same document, but for the time of the visit.
package document

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/ingest/media"
	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/retrieve/index"
)

// Limits of what is stored of a page. Real ones are far below.
const (
	maxTitleRunes  = 300
	maxURLBytes    = 4096
	maxHeaderBytes = 1024
	maxReasonRunes = 500
)

// Options say how documents are made. They must be valid: see
// [extract.Options.Validate] and [chunker.Options.Validate].
type Options struct {
	Extract  extract.Options
	Chunking chunker.Options
	Source   string // of all chunks; "" means the one that the caller names, else the host of the page
}

// A Document is a page and the chunks that are stored of it.
type Document struct {
	Page     index.Page // its row in the manifest
	Title    string
	Text     string
	Content  string // why this part of the page was chosen; see [extract.Page]
	Chunks   []Chunk
	Repeated []boilerplate.Taken // lines that were left out, since most pages of the site have them
}

// An Extracted is a page whose text is extracted and not yet split.
type Extracted struct {
	Page   extract.Page
	IsHTML bool // only pages of HTML have frames to repeat: what repeats in files of text was written there

	resp   crawl.Response // without the body
	source string
}

// Chunker returns the settings of the chunks, for [index.Fingerprint].
func (o Options) Chunker() string { return o.chunking().String() + " " + o.Extract.Format.String() }

// chunking returns the options that a page is split by: plain text has no
// structure to go by.
func (o Options) chunking() chunker.Options {
	c := o.Chunking
	if o.Extract.Format == extract.Plain {
		c.Kind = chunker.Recursive
	}
	return c
}

// Strips reports whether pages lose what they repeat. They keep it if a selector
// asked for it, and in plain text, where code can't be told from other lines.
func (o Options) Strips() bool {
	return len(o.Extract.Selectors) == 0 && o.Extract.Format == extract.Markdown
}

// Make makes the document of a response, without the lines that its site repeats.
// The errors are those of [Options.Read] and [Options.Split].
func (o Options) Make(resp crawl.Response, source string, repeated boilerplate.Set) (Document, error) {
	e, err := o.Read(resp, source)
	if err != nil {
		return Document{}, err
	}
	return o.Split(e, repeated)
}

// HasText reports whether a response has text to index.
func (o Options) HasText(resp crawl.Response) bool {
	_, err := o.Read(resp, "")
	return err == nil
}

// Read extracts the text of a response, which is cited by resp.URL. A page
// without text gives [extract.ErrNoText] or [ErrNeedsScript], one of another type
// [extract.ErrType].
func (o Options) Read(resp crawl.Response, source string) (Extracted, error) {
	page, err := extract.Extract(resp.Body, resp.ContentType, resp.URL, o.Extract)
	if errors.Is(err, extract.ErrNoText) && needsScript(resp.Body) || err == nil && isShell(page.Text, resp.Body) {
		return Extracted{}, ErrNeedsScript
	}
	if err != nil {
		return Extracted{}, err
	}
	if u, err := url.Parse(resp.URL); err == nil && u.Host != "" && u.Fragment != "" {
		for i := range page.Headings { // The page is a part of another one, which has no other anchors of it.
			page.Headings[i].Anchor = u.Fragment
		}
	}
	isHTML := media.Type(resp.ContentType, resp.URL, resp.Body) == "text/html"
	resp.Body = nil
	return Extracted{Page: page, IsHTML: isHTML, resp: resp, source: source}, nil
}

// Split makes the document of an extracted page, without the lines that its site
// repeats. A page of which no chunk is left gives [extract.ErrNoText].
func (o Options) Split(e Extracted, repeated boilerplate.Set) (Document, error) {
	page, resp := e.Page, e.resp
	var taken []boilerplate.Taken
	if e.IsHTML && o.Strips() {
		taken = strip(&page, repeated)
	}
	page.Title = cut(page.Title, maxTitleRunes)
	page.Lang = languageOf(page)
	source := e.source
	if o.Source != "" {
		source = o.Source
	} else if source == "" {
		source = hostOf(resp.URL)
	}
	if len(resp.URL) > maxURLBytes {
		return Document{}, fmt.Errorf("ingest: the address has %d bytes, more than %d", len(resp.URL), maxURLBytes)
	}
	hash := index.ContentHash(page.Text)
	twin := edition.Of(resp.URL, page.Lang)
	if page.Twin != "" {
		twin = edition.Of(page.Twin, page.TwinLang)
	}
	chunks := chunksOf(page, o.chunking(), index.Chunk{
		URL: resp.URL, Title: page.Title, Source: source, Lang: page.Lang, Twin: twin.Key, ContentHash: hash, Modified: page.Modified, CrawledAt: resp.FetchedAt,
	})
	if len(chunks) == 0 {
		return Document{}, extract.ErrNoText
	}
	row := index.Page{
		URL: resp.URL, Title: page.Title, Source: source, Lang: page.Lang, Twin: twin.Key, Status: resp.Status, ETag: resp.ETag, LastModified: resp.LastModified,
		ContentHash: hash, ReaderHash: index.ContentHash(withoutLinkTargets(page.Text)), Chunks: len(chunks), TextRunes: utf8.RuneCountInString(page.Text), Canonical: page.Canonical, Decision: index.DecisionIndexed, CrawledAt: resp.FetchedAt,
	}
	doc := Document{Page: Storable(row), Title: page.Title, Text: page.Text, Content: page.Content, Chunks: chunks, Repeated: taken}
	doc.SetVersion(page.Version)
	return doc, nil
}

// SetVersion sets the version of the page, which its site or the page itself tells, unless
// its address has a number.
func (d *Document) SetVersion(told string) {
	version, others := edition.Resolve(d.Page.URL, told)
	d.Page.Version, d.Page.AlsoIn = version, index.JoinVersions(others)
	for i := range d.Chunks {
		d.Chunks[i].Version, d.Chunks[i].AlsoIn = d.Page.Version, d.Page.AlsoIn
	}
}

// strip takes the repeated lines out of a page, and returns them.
func strip(page *extract.Page, repeated boilerplate.Set) []boilerplate.Taken {
	if len(repeated) == 0 {
		return nil
	}
	out := repeated.Strip(page.Text)
	if out.Lines == 0 {
		return nil
	}
	var headings []extract.Heading
	for _, h := range page.Headings {
		if at, gone := out.Offset(h.StartRune); !gone {
			h.StartRune = at
			headings = append(headings, h)
		}
	}
	page.Text, page.Headings = out.Text, headings
	return out.Taken
}

// Storable returns a row with its reason on one line of bounded length, and
// without the values that a page or its server gave and that can't be stored and
// sent again.
func Storable(row index.Page) index.Page {
	row.ETag, row.LastModified, row.Canonical = header(row.ETag), header(row.LastModified), header(row.Canonical)
	row.Reason = cut(strings.Join(strings.Fields(row.Reason), " "), maxReasonRunes)
	return row
}

// header returns the value of a header, or "" if it can't be stored.
func header(value string) string {
	if len(value) > maxHeaderBytes || !utf8.ValidString(value) {
		return ""
	}
	return value
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
