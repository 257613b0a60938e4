package crawl

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
)

// Bounds of one sitemap: its protocol sets them, and asks for an index of
// several sitemaps beyond.
const (
	MaxSitemapBytes   = 50 << 20 // after decompression
	maxSitemapEntries = 50_000
)

// A SitemapEntry is a page that a sitemap names.
type SitemapEntry struct {
	Loc     string    // as written
	LastMod time.Time // zero if it is not said, or not so that it can be read
}

// ParseSitemap reads a sitemap: pages, or the addresses of nested sitemaps. It
// may be XML, a text with one address a line, an RSS or Atom feed, and any of
// them gzipped; what it is shows in its first bytes, whatever its type. HTML,
// which servers send instead of saying that there is none, is an error.
//
// If it fails part way, it returns what came before the fault together with
// the error.
func ParseSitemap(r io.Reader, contentType string) (entries []SitemapEntry, nested []string, err error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, nil, fmt.Errorf("crawl: read sitemap: %w", err)
		}
		b = bufio.NewReader(z)
	}
	limited := &io.LimitedReader{R: b, N: MaxSitemapBytes}
	b = bufio.NewReader(limited)
	head, _ := b.Peek(512)
	text := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	s := sitemap{contentType: contentType}
	switch {
	case isHTMLHead(text):
		err = errors.New("it is a page, not a sitemap")
	case bytes.HasPrefix(text, []byte("<")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.HasPrefix(head, []byte("\xff\xfe")):
		err = s.readXML(b)
	default:
		err = s.readText(b)
	}
	if limited.N == 0 && !errors.Is(err, errEntries) {
		err = fmt.Errorf("it is larger than %d bytes: the rest is left out", MaxSitemapBytes)
	}
	if err != nil {
		err = fmt.Errorf("crawl: read sitemap: %w", err)
	}
	return s.entries, s.nested, err
}

var errEntries = fmt.Errorf("it names more than %d addresses: the rest is left out", maxSitemapEntries)

// isHTMLHead says whether a text begins as a page does.
func isHTMLHead(text []byte) bool {
	head := strings.ToLower(string(text))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html") ||
		strings.HasPrefix(head, "<?xml") && strings.Contains(head, "<html")
}

// A sitemap is what was read so far.
type sitemap struct {
	contentType string
	entries     []SitemapEntry
	nested      []string
	entry       SitemapEntry // that is being read
}

// readText reads one address a line. Other lines are passed over.
func (s *sitemap) readText(r *bufio.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://") {
			s.entry.Loc = line
			if err := s.finish(&s.entries, nil); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// readXML reads the elements of a sitemap or a feed. Prefixes and namespaces
// don't matter, but those of extensions: an image's loc is no page.
func (s *sitemap) readXML(r io.Reader) error {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) { return charset.NewReaderLabel(label, in) }
	var open []string // names of the open elements
	var text strings.Builder
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			open = append(open, elementName(t.Name))
			text.Reset()
			s.start(open, t)
		case xml.CharData:
			if text.Len()+len(t) <= maxURLBytes+1024 {
				text.Write(t)
			}
		case xml.EndElement:
			if err := s.end(open, strings.TrimSpace(text.String())); err != nil {
				return err
			}
			open = open[:max(len(open)-1, 0)]
			text.Reset()
		}
	}
}

// elementName returns an element's name, marked if it belongs to an extension.
func elementName(n xml.Name) string {
	for _, extension := range []string{"image", "video", "news", "mobile", "pagemap", "media", "itunes"} {
		if strings.Contains(n.Space, extension) {
			return extension + ":" + n.Local
		}
	}
	return n.Local
}

// start reads a beginning element: an Atom entry's link is in its attributes.
func (s *sitemap) start(open []string, t xml.StartElement) {
	switch name := open[len(open)-1]; name {
	case "url", "sitemap", "item", "entry":
		s.entry = SitemapEntry{}
	case "link":
		if parent(open) != "entry" {
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
		if rel == "alternate" && s.entry.Loc == "" {
			s.entry.Loc = strings.TrimSpace(href)
		}
	}
}

// end reads an ended element with its text.
func (s *sitemap) end(open []string, text string) error {
	if len(open) == 0 {
		return nil
	}
	switch parent(open) + "/" + open[len(open)-1] {
	case "url/loc", "sitemap/loc", "item/link":
		s.entry.Loc = text
	case "url/lastmod", "item/pubDate", "entry/updated":
		s.entry.LastMod = parseLastMod(text)
	case "urlset/url", "channel/item", "feed/entry", "RDF/item":
		return s.finish(&s.entries, nil)
	case "sitemapindex/sitemap":
		return s.finish(nil, &s.nested)
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
func (s *sitemap) finish(entries *[]SitemapEntry, nested *[]string) error {
	e := s.entry
	s.entry = SitemapEntry{}
	if e.Loc == "" {
		return nil
	}
	if len(s.entries)+len(s.nested) >= maxSitemapEntries {
		return errEntries
	}
	if nested != nil {
		*nested = append(*nested, e.Loc)
	} else {
		*entries = append(*entries, e)
	}
	return nil
}

// lastMods are the forms of a date in sitemaps and feeds: those of W3C's
// profile, and what generators write besides.
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
