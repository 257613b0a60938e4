package pagelinks

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/ingest/media"
)

const page = "http://h/docs/a/page.html"

// find reads an HTML page with one header.
func find(t testing.TB, body, header, value string) Links {
	t.Helper()
	return Find([]byte(body), "text/html; charset=utf-8", parseURL(t, page), http.Header{header: {value}})
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"a", `<a href="b.html">b</a> <A HREF=c.html>`, []string{"http://h/docs/a/b.html", "http://h/docs/a/c.html"}},
		{"area", `<map><area href="/b"></map>`, []string{"http://h/b"}},
		{"frames", `<frameset><frame src="b"><noframes><a href="c">c</a></noframes></frameset><iframe src="d"></iframe>`,
			[]string{"http://h/docs/a/b", "http://h/docs/a/c", "http://h/docs/a/d"}},
		{"next and prev", `<link rel="NEXT" href="b"><link rel="prev" href="c"><link rel=stylesheet href=d><link rel="prefetch" href="e">`,
			[]string{"http://h/docs/a/b", "http://h/docs/a/c"}},
		{"without scripts", `<noscript><a href="b">b</a></noscript>`, []string{"http://h/docs/a/b"}},
		{"drawing", `<svg><a xlink:href="b"><text>b</text></a></svg>`, []string{"http://h/docs/a/b"}},
		{"order and once", `<a href=c><a href=b><a href="c#d"><a href="./c"><a href="b/../b?utm_source=x">`,
			[]string{"http://h/docs/a/c", "http://h/docs/a/b"}},
		{"itself", `<a href="#top"><a href="page.html#x"><a href="?utm_source=x"><a href=""><a>`, nil},
		{"itself with query", `<a href="?v=2">`, []string{page + "?v=2"}},
		{"index.html", `<a href="index.html"><a href="./"><a href=".">`, []string{"http://h/docs/a/"}},
		{"base", `<base href="/other/"><base href="/wrong/"><a href="b">`, []string{"http://h/other/b"}},
		{"base behind the link", `<a href="b"><base href="../x/">`, []string{"http://h/docs/x/b"}},
		{"base that is none", `<base href="data:x"><a href="b">`, []string{"http://h/docs/a/b"}},
		{"nofollow", `<a rel="noopener NoFollow" href="b"><a rel="noopener" href="c">`, []string{"http://h/docs/a/c"}},
		{"download", `<a download href="b"><a href="c">`, []string{"http://h/docs/a/c"}},
		{"not the web", `<a href="mailto:x@h"><a href="javascript:f()"><a href=" javascript:f()"><a href="data:text/html,x"><a href="tel:1"><a href="ftp://h/">`, nil},
		{"user", `<a href="http://u:p@h/b"><a href="//u@h/b">`, nil},
		{"malformed", `<a href="http://"><a href="http://[::1"><a href="//h:port/"><a href="100%"><a href="b c">`,
			[]string{"http://h/docs/a/100%25", "http://h/docs/a/b%20c"}},
		{"references of characters", `<a href="b?c=1&amp;d=2"><a href="&eacute;">`, []string{"http://h/docs/a/b?c=1&d=2", "http://h/docs/a/%C3%A9"}},
		{"assets", `<a href="a.PNG"><a href="b.css"><a href="c.zip"><a href="d.tar.gz?x"><a href="e.svg#f"><a href="feed.xml"><a href="objects.inv"><a href="_sources/a.rst.txt">`, nil},
		{"documents", `<a href="b"><a href="c.md"><a href="d.pdf"><a href="e.php?f=g.png"><a href="v1.2"><a href="package.json"><a href="node.js">`,
			[]string{"http://h/docs/a/b", "http://h/docs/a/c.md", "http://h/docs/a/d.pdf", "http://h/docs/a/e.php?f=g.png", "http://h/docs/a/v1.2",
				"http://h/docs/a/package.json", "http://h/docs/a/node.js"}},
		{"other hosts", `<a href="//other/b"><a href="https://h/c">`, []string{"http://other/b", "https://h/c"}},
		{"not a tag", `<!-- <a href="b"> --><script>"<a href='c'>"</script><title><a href="d"></title><textarea><a href="e"></textarea>`, nil},
		{"unclosed", `<p><a href="b"><div><a href="c`, []string{"http://h/docs/a/b"}},
		{"nothing", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := find(t, tt.body, "", "")
			if diff := cmp.Diff(tt.want, got.URLs); diff != "" {
				t.Errorf("URLs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindItself(t *testing.T) {
	none := Links{Base: page}
	with := func(change func(*Links)) Links {
		l := none
		change(&l)
		return l
	}
	b := []string{"http://h/docs/a/b"}
	for _, tt := range []struct {
		name, body, header, value string
		want                      Links
	}{
		{"nothing", "<p>", "", "", none},
		{"base", `<base href="../x/#y"><a href="b">`, "", "", Links{Base: "http://h/docs/x/", URLs: []string{"http://h/docs/x/b"}}},
		{"refresh", `<meta http-equiv="Refresh" content="0; URL='b'">`, "", "", with(func(l *Links) { l.Refresh, l.URLs = b[0], b })},
		{"refresh without quotes", `<meta http-equiv=refresh content="3,url=b">`, "", "", with(func(l *Links) { l.Refresh, l.URLs = b[0], b })},
		{"refresh without url=", `<meta http-equiv=refresh content="0 b">`, "", "", with(func(l *Links) { l.Refresh, l.URLs = b[0], b })},
		{"script that leads on", `<script>window.location.replace("b" + location.hash);</script><a href="b">b</a>`, "", "", with(func(l *Links) { l.Refresh, l.URLs = b[0], b })},
		{"script that leads on, without a link", `<script>location.href = 'b'</script>`, "", "", with(func(l *Links) { l.Refresh, l.URLs = b[0], b })},
		{"script that may lead elsewhere", `<script>if (location.href == "c") location.href = "c"</script><a href="b">b</a>`, "", "", with(func(l *Links) { l.URLs = b })},
		{"refresh of itself", `<meta http-equiv=refresh content="60"><meta http-equiv=refresh content="60; url=page.html">`, "", "", none},
		{"refresh to a script", `<meta http-equiv=refresh content="0; url=javascript:f()">`, "", "", none},
		{"canonical", `<link rel="canonical" href="b#c">`, "", "", with(func(l *Links) { l.Canonical = b[0] })},
		{"canonical on another host", `<link rel=canonical href="https://other/index.html">`, "", "", with(func(l *Links) { l.Canonical = "https://other/" })},
		{"canonical twice", `<link rel=canonical href=b><link rel=canonical href="./b">`, "", "", with(func(l *Links) { l.Canonical = b[0] })},
		{"two canonicals", `<link rel=canonical href=b><link rel=canonical href=c>`, "", "", none},
		{"canonical in the body", `<body><link rel=canonical href=b>`, "", "", none},
		{"empty canonical", `<link rel=canonical href="">`, "", "", none},
		{"canonical of the header", "", "Link", `<c>; rel="next", <b>; type="text/html, x"; rel="canonical"`, with(func(l *Links) { l.Canonical = b[0] })},
		{"translation of the header", "", "Link", `<b>; rel=alternate; hreflang="de", <c>; rel="alternate"; type="text/x"`, with(func(l *Links) { l.URLs = b })},
		{"header and page differ", `<link rel=canonical href=c>`, "Link", `<b>; rel=canonical`, none},
		{"noindex", `<meta name="Robots" content="NOINDEX, follow"><a href=b>`, "", "",
			with(func(l *Links) { l.NoIndex, l.URLs = "meta robots: noindex", b })},
		{"nofollow", `<a href=b><meta name=robots content="nofollow"><meta http-equiv=refresh content="0; b">`, "", "",
			with(func(l *Links) { l.NoFollow = "meta robots: nofollow" })},
		{"none", `<a href=b><meta name=robots content="none">`, "", "",
			with(func(l *Links) { l.NoIndex, l.NoFollow = "meta robots: none", "meta robots: none" })},
		{"by name", `<meta name=citewell content="noindex">`, "", "", with(func(l *Links) { l.NoIndex = "meta citewell: noindex" })},
		{"another's", `<meta name=googlebot content="noindex">`, "", "", none},
		{"other directives", `<meta name=robots content="index, max-snippet:-1, noarchive, nosnippet">`, "", "", none},
		{"header", "<a href=b>", "X-Robots-Tag", "noarchive, noindex", with(func(l *Links) { l.NoIndex, l.URLs = "X-Robots-Tag: noindex", b })},
		{"header for all", "", "X-Robots-Tag", "*: none", with(func(l *Links) { l.NoIndex, l.NoFollow = "X-Robots-Tag: none", "X-Robots-Tag: none" })},
		{"header by name", "", "X-Robots-Tag", "otherbot: nofollow, Citewell: noindex", with(func(l *Links) { l.NoIndex = "X-Robots-Tag: noindex" })},
		{"header for another", "", "X-Robots-Tag", "otherbot: noindex, nofollow", none},
		{"header with values", "", "X-Robots-Tag", "unavailable_after: 1 Jan 2100 00:00:00 GMT, nofollow", with(func(l *Links) { l.NoFollow = "X-Robots-Tag: nofollow" })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := find(t, tt.body, tt.header, tt.value)
			got.Content = 0
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindTypes(t *testing.T) {
	const html, xhtml = `<a href="ü">`, `<?xml version="1.0"?><html><head><script src="x"/><title/></head><a href="ü"/></html>`
	encode := func(text string, encode func(string) (string, error)) string {
		s, err := encode(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	latin := charmap.Windows1252.NewEncoder().String
	for _, tt := range []struct{ name, body, contentType, want string }{
		{"HTML", html, "text/html", "http://h/docs/a/%C3%BC"},
		{"XHTML", xhtml, "application/xhtml+xml; charset=utf-8", "http://h/docs/a/%C3%BC"},
		{"broken type", html, "Text/HTML; charset=utf-8; charset=utf-8", "http://h/docs/a/%C3%BC"},
		{"no type", "<!doctype html>" + html, "", "http://h/docs/a/%C3%BC"},
		{"type unknown to the server", "<!doctype html>" + html, "application/octet-stream", "http://h/docs/a/%C3%BC"},
		{"text", html, "text/plain", ""},
		{"Markdown", "[u](ü) `[c](c)`\n\n```\n[d](d)\n```\n<a href=\"e.md\">e</a>", "text/markdown", "http://h/docs/a/%C3%BC http://h/docs/a/e.md"},
		{"PDF", "%PDF-1.7 " + html, "", ""},
		{"header names the charset", encode(html, latin), "text/html; charset=ISO-8859-1", "http://h/docs/a/%C3%BC"},
		{"page names the charset", `<meta charset=latin1>` + encode(html, latin), "text/html", "http://h/docs/a/%C3%BC"},
		{"reference in another charset", encode(`<p>ö<a href="&uuml;">`, latin), "text/html; charset=ISO-8859-1", "http://h/docs/a/%C3%BC"},
		{"Japanese", encode(`<a href="表">`, japanese.ShiftJIS.NewEncoder().String), "text/html; charset=Shift_JIS", "http://h/docs/a/%E8%A1%A8"},
		{"Japanese with escapes", encode(`<a href="表">`, japanese.ISO2022JP.NewEncoder().String), "text/html; charset=ISO-2022-JP", "http://h/docs/a/%E8%A1%A8"},
		{"UTF-16", encode(html, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String), "text/html", "http://h/docs/a/%C3%BC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Find([]byte(tt.body), tt.contentType, parseURL(t, page), nil)
			if s := strings.Join(got.URLs, " "); s != tt.want {
				t.Errorf("URLs = %s, want %s", s, tt.want)
			}
		})
	}
}

// Every link is in normal form, distinct, not the page, on the web; and what
// stands in a comment changes nothing.
func FuzzFind(f *testing.F) {
	f.Add(`<base href="//x/y"><a href="b?utm_a#c"><link rel=canonical href=d><meta name=robots content=none>`, "text/html")
	f.Add("\xff\xfe<\x00a\x00", "application/xhtml+xml; charset=gbk")
	at := &url.URL{Scheme: "http", Host: "h", Path: "/docs/a/page.html"}
	f.Fuzz(func(t *testing.T, body, contentType string) {
		l := Find([]byte(body), contentType, at, nil)
		seen := map[string]bool{at.String(): true}
		for _, s := range l.URLs {
			u, err := url.Parse(s)
			if err != nil || seen[s] || urlnorm.Normalize(u).String() != s || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" {
				t.Errorf("link %q is twice, or in no normal form, or not on the web", s)
			}
			seen[s] = true
		}
		if l.NoFollow != "" && (l.URLs != nil || l.Refresh != "") || l.Refresh != "" && !seen[l.Refresh] {
			t.Errorf("refresh %q is no link of %v", l.Refresh, l.URLs)
		}
		if media.Type(contentType, at.String(), nil) != "text/html" || !utf8.ValidString(body) || strings.ContainsAny(body, "\x00\x1b") {
			return
		}
		more := Find([]byte("<!-- <a href=x> -->"+body), contentType, at, nil)
		if diff := cmp.Diff(l, more); diff != "" && !strings.Contains(body, "charset") && !strings.HasPrefix(body, "\ufeff") {
			t.Errorf("a comment changed what was found:\n%s", diff)
		}
	})
}

// BenchmarkFind reads a page of about 20 KB with 100 links, as the manuals
// of programs have.
func BenchmarkFind(b *testing.B) {
	var s strings.Builder
	s.WriteString(`<!doctype html><html><head><title>t</title><link rel=canonical href="page.html"><meta name=robots content=index></head><body>`)
	for i := range 100 {
		fmt.Fprintf(&s, `<li class="toctree-l1"><a class="reference internal" href="../section-%d/page.html#heading-%d">Section %d</a></li>`+
			`<p>Some words of the page, with <code>code</code> and <em>more</em> of it.</p>`, i%60, i, i)
	}
	body := []byte(s.String())
	at := parseURL(b, page)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if l := Find(body, "text/html; charset=utf-8", at, nil); len(l.URLs) != 60 {
			b.Fatal(len(l.URLs))
		}
	}
}

// parseURL reads an address; "" is the empty one.
func parseURL(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
