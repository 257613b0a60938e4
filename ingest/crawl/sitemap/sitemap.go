// Package sitemap reads sitemaps and feeds. Call [Parse].
package sitemap

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// Limits of one sitemap, by the protocol. A larger site has an index of several
// sitemaps.
const (
	MaxBytes   = 50 << 20 // after decompression
	maxEntries = 50_000
)

// An Entry is a page that a sitemap names.
type Entry struct {
	Loc     string    // as written
	LastMod time.Time // zero if it is missing or unreadable
}

// Parse reads a sitemap and returns its pages, with those that it names as the same in
// other languages, or the addresses of nested sitemaps.
// A sitemap is XML, a text with one address per line, or an RSS or Atom feed, and
// may be gzipped; the first bytes decide. An HTML page is an error: some servers
// send one instead of 404.
//
// If it fails part way, Parse returns what it has read together with the error.
func Parse(r io.Reader, contentType string) (entries []Entry, nested []string, err error) {
	p := parser{maxBytes: MaxBytes}
	if err := p.read(r, strings.HasPrefix(strings.ToLower(contentType), "text/html")); err != nil {
		return p.all(), p.nested, fmt.Errorf("sitemap: read: %w", err)
	}
	return p.all(), p.nested, nil
}

// all returns the pages, and behind them those in other languages that have no entry.
func (p *parser) all() []Entry {
	if len(p.alternates) == 0 {
		return p.entries
	}
	seen := map[string]bool{}
	for _, e := range p.entries {
		seen[e.Loc] = true
	}
	for _, loc := range p.alternates {
		if loc != "" && !seen[loc] && len(p.entries) < maxEntries {
			seen[loc] = true
			p.entries = append(p.entries, Entry{Loc: loc})
		}
	}
	return p.entries
}

// read reads a sitemap. page means that the server declares it to be HTML.
func (p *parser) read(r io.Reader, page bool) error {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return err
		}
		r = z
	} else {
		r = b
	}
	limited := &io.LimitedReader{R: r, N: p.maxBytes + 1}
	b = bufio.NewReader(transform.NewReader(limited, unicode.BOMOverride(encoding.Nop.NewDecoder())))
	head, _ := b.Peek(512)
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) {
		err = p.readXML(b)
	} else {
		err = p.readText(b)
	}
	switch {
	case limited.N == 0 && !errors.Is(err, errEntries):
		return fmt.Errorf("it is larger than %d bytes: the rest is left out", p.maxBytes)
	case err == nil && page && len(p.entries)+len(p.nested) == 0:
		return errPage
	}
	return err
}

var errPage = errors.New("it is a page, not a sitemap")

var errEntries = fmt.Errorf("it names more than %d addresses: the rest is left out", maxEntries)

// A parser holds what was read so far.
type parser struct {
	maxBytes   int64
	entries    []Entry
	nested     []string
	entry      Entry    // being read
	alternates []string // pages in other languages, which may have entries of their own
}

// readText reads one address per line, and skips other lines.
func (p *parser) readText(r *bufio.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://") {
			p.entry.Loc = line
			if err := p.finish(&p.entries, nil); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// roots are the root elements of sitemaps and feeds.
var roots = map[string]bool{"urlset": true, "sitemapindex": true, "rss": true, "feed": true, "RDF": true}

// readXML reads the elements of a sitemap or a feed. It ignores prefixes and
// namespaces: extensions have elements of their own.
func (p *parser) readXML(r io.Reader) error {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil // decoded by its byte order mark
		}
		return charset.NewReaderLabel(label, in)
	}
	var open []string // names of the open elements
	var text strings.Builder
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			open = append(open, t.Name.Local)
			text.Reset()
			if len(open) == 1 && strings.EqualFold(open[0], "html") {
				return errPage
			}
			if len(open) == 1 && !roots[open[0]] {
				return errors.New("it is XML of another kind")
			}
			p.start(open, t)
		case xml.CharData:
			if text.Len()+len(t) <= urlnorm.MaxBytes+1024 {
				text.Write(t)
			}
		case xml.EndElement:
			if err := p.end(open, strings.TrimSpace(text.String())); err != nil {
				return err
			}
			open = open[:max(len(open)-1, 0)]
			text.Reset()
		}
	}
}

// start reads a start tag. The link of an Atom entry is in its attributes.
func (p *parser) start(open []string, t xml.StartElement) {
	switch name := open[len(open)-1]; name {
	case "url", "sitemap", "item", "entry":
		p.entry = Entry{}
	case "link":
		around := parent(open)
		if around != "entry" && around != "url" {
			return
		}
		rel, href := "alternate", ""
		for _, a := range t.Attr {
			switch a.Name.Local {
			case "rel":
				rel = a.Value
			case "href":
				href = a.Value
			}
		}
		switch {
		case rel != "alternate":
		case around == "url": // the page in another language
			p.alternates = append(p.alternates, strings.TrimSpace(href))
		case p.entry.Loc == "":
			p.entry.Loc = strings.TrimSpace(href)
		}
	}
}

// end reads an end tag with the text of its element.
func (p *parser) end(open []string, text string) error {
	if len(open) == 0 {
		return nil
	}
	switch parent(open) + "/" + open[len(open)-1] {
	case "url/loc", "sitemap/loc", "item/link":
		p.entry.Loc = text
	case "url/lastmod", "item/pubDate", "entry/updated":
		p.entry.LastMod = parseLastMod(text)
	case "urlset/url", "channel/item", "feed/entry", "RDF/item":
		return p.finish(&p.entries, nil)
	case "sitemapindex/sitemap":
		return p.finish(nil, &p.nested)
	}
	return nil
}

// parent returns the name of the element around the innermost one.
func parent(open []string) string {
	if len(open) < 2 {
		return ""
	}
	return open[len(open)-2]
}

// finish adds the entry that was read to one of the lists.
func (p *parser) finish(entries *[]Entry, nested *[]string) error {
	e := p.entry
	p.entry = Entry{}
	if e.Loc == "" {
		return nil
	}
	if len(p.entries)+len(p.nested) >= maxEntries {
		return errEntries
	}
	if nested != nil {
		*nested = append(*nested, e.Loc)
	} else {
		*entries = append(*entries, e)
	}
	return nil
}

// lastMods are the date formats of sitemaps and feeds: those of W3C's profile, and
// others that generators write.
var lastMods = []string{
	time.RFC3339, "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01", "2006",
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
}

// parseLastMod reads a date; without a zone, it is in UTC.
func parseLastMod(text string) time.Time {
	for _, layout := range lastMods {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
