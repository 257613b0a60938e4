package extract

import (
	"errors"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
	"github.com/citewell/citewell/ingest/media"
)

// firstNewline matches a newline at the beginning of preformatted text: HTML drops
// it, and BeautifulSoup keeps it.
var firstNewline = regexp.MustCompile(`(?i)(<(?:pre|textarea)(?:\s[^>]*)?>)\r?\n`)

// extractHTML returns the text of an HTML page.
func extractHTML(body []byte, contentType, pageURL string, o Options) (Page, error) {
	source := media.Decode(body, contentType)
	if len(o.Selectors) > 0 && o.Format == Plain {
		source = firstNewline.ReplaceAllString(source, "$1\n\n")
	}
	if treeTooLarge(source) {
		return withoutTree(source, o)
	}
	root, err := html.Parse(strings.NewReader(source))
	if err != nil || nesting(root, 0) > maxNesting {
		return withoutTree(source, o) // The parser refuses only pages that are nested too deeply.
	}
	if strings.Contains(source, "shadowroot") {
		openShadowRoots(root)
	}
	doc := goquery.NewDocumentFromNode(root)
	base := baseURL(doc, pageURL)
	if own := path.Base(media.Path(pageURL)) + "#"; len(own) > 2 && strings.Contains(source, own) && !strings.Contains(source, "<base") {
		shortenOwnLinks(root, own)
	}
	page := meta(doc, base)
	made := recognise(root)
	article := articleReason(root, base, page.Title)
	if made != nil {
		page.Generator = made.name
	}
	if len(o.Selectors) > 0 && o.Format == Plain {
		page.Text, page.Headings = getText(outermost(doc.Find(strings.Join(o.Selectors, ", "))))
	} else {
		if mayHoldMath(root) {
			cleanMath(doc.Selection)
		}
		hidden := hiddenText{shown: controlled(root)}
		hidden.removeBelow(root)
		page.Hidden, page.HiddenText = hidden.runes, hidden.text.String()
		c := choose(&tree{doc, base, made, article, len(source)}, o.Selectors)
		page.Content = c.reason
		page.Text, page.Headings, err = write(c.clean(page.Title, o.Format), base, o.Format)
	}
	if err != nil {
		return Page{}, err
	}
	if t := titleOf(page.Headings, page.Title); t != "" {
		page.Title = t
	}
	return page, nil
}

// shortenOwnLinks removes the name of the page from its links to its own parts: who looks
// for those asks whether a link begins with a fragment.
func shortenOwnLinks(root *html.Node, own string) {
	for n := range root.Descendants() {
		if n.DataAtom != atom.A {
			continue
		}
		for i, a := range n.Attr {
			if a.Key == "href" && strings.HasPrefix(strings.TrimPrefix(a.Val, "./"), own) {
				n.Attr[i].Val = a.Val[strings.IndexByte(a.Val, '#'):]
			}
		}
	}
}

// withoutTree returns the text of a page whose tree would be too large.
func withoutTree(source string, o Options) (Page, error) {
	if len(o.Selectors) > 0 {
		return Page{}, errors.New("extract: the page has too many elements for its size, or nests them too deeply, to select some: leave the selectors out")
	}
	return skim(source, o.Format), nil
}

// dropTitle removes the only first-level heading: the plain text of an article is
// its body alone. The title is in [Page].
func dropTitle(n *html.Node) {
	if h1 := goquery.NewDocumentFromNode(n).Find("h1"); h1.Length() == 1 {
		h1.Remove()
	}
}

// write writes a cleaned node in a format.
func write(n *html.Node, base *url.URL, f Format) (string, []Heading, error) {
	if f == Plain {
		text, headings := readable(n)
		return text, headings, nil
	}
	return toMarkdown(n, base)
}

// outermost returns the nodes of a selection, in document order, that no other one
// of them contains.
func outermost(s *goquery.Selection) []*html.Node { return dom.Outermost(s.Nodes) }

// wrap moves the nodes into a div of their own, cleans it and returns it.
func wrap(nodes []*html.Node, clean func(*goquery.Selection)) *html.Node {
	div := &html.Node{Type: html.ElementNode, Data: "div"}
	dom.Append(div, nodes)
	clean(goquery.NewDocumentFromNode(div).Selection)
	return div
}

// baseURL returns the base of the page's relative addresses; nil if the page is a
// file.
func baseURL(doc *goquery.Document, pageURL string) *url.URL {
	u, err := url.Parse(pageURL)
	if err != nil || u.Host == "" {
		return nil
	}
	if href, ok := find(doc.Selection, "head").First().Find("base[href]").First().Attr("href"); ok {
		if b, err := u.Parse(strings.TrimSpace(href)); err == nil {
			return b
		}
	}
	return u
}

// titleOf returns the text of the first first-level heading that the page's title
// repeats, or of the only one; "" if there is neither.
func titleOf(headings []Heading, title string) string {
	only, count := "", 0
	for _, h := range headings {
		if h.Level != 1 {
			continue
		}
		if strings.Contains(title, h.Text) {
			return h.Text
		}
		only = h.Text
		count++
	}
	if count == 1 {
		return only
	}
	return ""
}
