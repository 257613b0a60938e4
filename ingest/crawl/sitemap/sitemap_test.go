package sitemap

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

const urlset = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url><loc> http://h/a?b=1&amp;c=2
</loc><lastmod>2024-05-06</lastmod><priority>0.5</priority><image:image><image:loc>http://h/a.png</image:loc></image:image></url>
<url><xhtml:link rel="alternate" hreflang="de" href="http://h/de"/><xhtml:link rel="alternate" hreflang="en" href="http://h/b"/><loc><![CDATA[http://h/b]]></loc></url>
<url><lastmod>2024-05-06</lastmod></url>
</urlset>`

func zip(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	// A buffer takes everything.
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func TestParse(t *testing.T) {
	day := time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)
	two := []Entry{{Loc: "http://h/a?b=1&c=2", LastMod: day}, {Loc: "http://h/b"}, {Loc: "http://h/de"}}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.Replace(urlset, "UTF-8", "UTF-16", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, body, contentType string
		want                    []Entry
		nested                  []string
	}{
		{"pages", urlset, "application/xml", two, nil},
		{"pages called a page", urlset, "text/html", two, nil},
		{"gzip", zip(urlset), "application/gzip", two, nil},
		{"byte order mark", "\ufeff" + urlset, "", two, nil},
		{"UTF-16", wide, "", two, nil},
		{"latin1", `<?xml version="1.0" encoding="ISO-8859-1"?><urlset><url><loc>http://h/` + "\xfc</loc></url></urlset>", "", []Entry{{Loc: "http://h/ü"}}, nil},
		{"ampersand", `<urlset><url><loc>http://h/?a=1&b=2</loc></url></urlset>`, "", []Entry{{Loc: "http://h/?a=1&b=2"}}, nil},
		{"prefix", `<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>http://h/</s:loc></s:url></s:urlset>`, "", []Entry{{Loc: "http://h/"}}, nil},
		{"empty", "<urlset></urlset>", "", nil, nil},
		{"index", `<sitemapindex><sitemap><loc>http://h/1.xml</loc><lastmod>2024-05-06</lastmod></sitemap><sitemap><loc>http://h/2.xml.gz</loc></sitemap></sitemapindex>`, "",
			nil, []string{"http://h/1.xml", "http://h/2.xml.gz"}},
		{"text", "\ufeffhttp://h/a\r\n\r\n# comment\r\n  https://h/b", "text/plain", []Entry{{Loc: "http://h/a"}, {Loc: "https://h/b"}}, nil},
		{"RSS", `<rss><channel><link>http://h/</link><item><title>a</title><link>http://h/a</link><pubDate>Mon, 06 May 2024 00:00:00 GMT</pubDate></item></channel></rss>`, "",
			[]Entry{{Loc: "http://h/a", LastMod: day}}, nil},
		{"Atom", `<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://h/"/><entry><link rel="self" href="http://h/x"/><link href="http://h/a"/><updated>2024-05-06T02:00:00+02:00</updated></entry></feed>`,
			"", []Entry{{Loc: "http://h/a", LastMod: day}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, nested, err := Parse(strings.NewReader(tt.body), tt.contentType)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.nested, nested); diff != "" {
				t.Errorf("nested (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	one := `<urlset><url><loc>http://h/a</loc></url>`
	many := strings.Repeat("http://h/a\n", maxEntries+1)
	for _, tt := range []struct {
		name, body, contentType, want string
		entries                       int
	}{
		{"page", "<!DOCTYPE html>\n<html><body>Not found</body></html>", "text/html", "it is a page, not a sitemap", 0},
		{"text called a page", "Not found", "text/html; charset=utf-8", "it is a page, not a sitemap", 0},
		{"XHTML", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>`, "application/xml", "it is a page, not a sitemap", 0},
		{"other XML", "<svg></svg>", "", "it is XML of another kind", 0},
		{"cut", one + "<url><loc>http://h/", "", "unexpected EOF", 1},
		{"cut gzip", zip(one + strings.Repeat(" ", 999) + "</urlset>")[:60], "", "unexpected EOF", 1},
		{"gzip that is none", "\x1f\x8bx", "", "EOF", 0},
		{"wrong nesting", one + "</sitemapindex>", "", "unexpected end element", 1},
		{"too many", many, "text/plain", "more than 50000 addresses", maxEntries},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := Parse(strings.NewReader(tt.body), tt.contentType)
			if err == nil || !strings.HasPrefix(err.Error(), "sitemap: read: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse = %v, want %q", err, tt.want)
			}
			if len(got) != tt.entries {
				t.Errorf("Parse = %d entries, want %d", len(got), tt.entries)
			}
		})
	}
}

// What is behind the limit is left out, also if it was a few bytes gzipped.
func TestSitemapLimit(t *testing.T) {
	head := "<urlset><url><loc>http://h/a</loc></url>"
	for _, tt := range []struct {
		name string
		fill int
		want string
	}{
		{"at the limit", 1000 - len(head) - len("</urlset>"), ""},
		{"beyond", 1000, "larger than 1000 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parser{maxBytes: 1000}
			err := s.read(strings.NewReader(zip(head+strings.Repeat(" ", tt.fill)+"</urlset>")), false)
			if len(s.entries) != 1 || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("read = %d entries, %v, want 1, %q", len(s.entries), err, tt.want)
			}
		})
	}
}

func TestParseLastMod(t *testing.T) {
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2024-05-06T07:08:09Z": at, "2024-05-06T09:08:09+02:00": at, "2024-05-06T07:08:09.000+00:00": at, "2024-05-06T07:08:09+0000": at,
		"2024-05-06 07:08:09": at, "2024-05-06T07:08:09": at, "Mon, 06 May 2024 07:08:09 +0000": at, "Mon, 6 May 2024 07:08:09 GMT": at,
		"2024-05-06T07:08Z": at.Truncate(time.Minute), "2024-05-06": at.Truncate(24 * time.Hour),
		"2024-05": time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), "2024": time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
		"yesterday": {}, "": {}, "06/05/2024": {},
	} {
		if got := parseLastMod(text); !got.Equal(want) {
			t.Errorf("parseLastMod(%q) = %v, want %v", text, got, want)
		}
	}
}

// What is read plain is read gzipped, and a page that is added is one more.
func FuzzParse(f *testing.F) {
	f.Add(urlset)
	f.Add("http://h/a\nhttp://h/b")
	f.Add("<sitemapindex><sitemap><loc>http://h/1.xml</loc></sitemap></sitemapindex>")
	f.Fuzz(func(t *testing.T, body string) {
		entries, nested, err := Parse(strings.NewReader(body), "")
		for _, e := range entries {
			if e.Loc == "" || e.Loc != strings.TrimSpace(e.Loc) {
				t.Errorf("entry %q", e.Loc)
			}
		}
		if strings.HasPrefix(body, "\x1f\x8b") {
			return
		}
		zipped, zippedNested, zippedErr := Parse(strings.NewReader(zip(body)), "")
		if diff := cmp.Diff(entries, zipped) + cmp.Diff(nested, zippedNested) + cmp.Diff(fmt.Sprint(err), fmt.Sprint(zippedErr)); diff != "" {
			t.Errorf("gzipped (-plain +gzipped):\n%s", diff)
		}
		if head, ok := strings.CutPrefix(body, "<urlset>"); ok && err == nil {
			more, _, err := Parse(strings.NewReader("<urlset><url><loc>http://h/more</loc></url>"+head), "")
			if err != nil || len(more) != len(entries)+1 || more[0].Loc != "http://h/more" {
				t.Errorf("with one more: %d entries, %v, want %d", len(more), err, len(entries)+1)
			}
		}
	})
}
