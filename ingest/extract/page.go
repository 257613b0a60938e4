package extract

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// firstNewline matches a newline at the beginning of preformatted text, which
// HTML leaves out and BeautifulSoup keeps.
var firstNewline = regexp.MustCompile(`(?i)(<(?:pre|textarea)(?:\s[^>]*)?>)\r?\n`)

// extractHTML returns the text of an HTML page.
func extractHTML(body []byte, contentType, pageURL string, o Options) (Page, error) {
	source := decode(body, contentType)
	if len(o.Selectors) > 0 && o.Format == Plain {
		source = firstNewline.ReplaceAllString(source, "$1\n\n")
	}
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return Page{}, fmt.Errorf("extract: parse page: %w", err)
	}
	doc := goquery.NewDocumentFromNode(root)
	base := baseURL(doc, pageURL)
	page := meta(doc, base)
	if len(o.Selectors) > 0 {
		chosen := outermost(doc.Find(strings.Join(o.Selectors, ", ")))
		if o.Format == Plain {
			page.Text, page.Headings = getText(chosen)
		} else {
			page.Text, page.Headings, err = toMarkdown(wrap(chosen, cleanSelected), base)
		}
	} else {
		node := wrap(mainContent(doc, base), cleanMain)
		if o.Format == Plain {
			page.Text, page.Headings = readable(node)
		} else {
			page.Text, page.Headings, err = toMarkdown(node, base)
		}
	}
	if err != nil {
		return Page{}, err
	}
	if t := titleOf(page.Headings, page.Title); t != "" {
		page.Title = t
	}
	return page, nil
}

// outermost returns the nodes of a selection, in document order, that no other
// one of them contains.
func outermost(s *goquery.Selection) []*html.Node {
	chosen := make(map[*html.Node]bool, len(s.Nodes))
	for _, n := range s.Nodes {
		chosen[n] = true
	}
	var out []*html.Node
	for _, n := range s.Nodes {
		inside := false
		for p := n.Parent; p != nil && !inside; p = p.Parent {
			inside = chosen[p]
		}
		if !inside {
			out = append(out, n)
		}
	}
	return out
}

// wrap moves the nodes into a div of their own, cleans it and returns it.
func wrap(nodes []*html.Node, clean func(*goquery.Selection)) *html.Node {
	div := &html.Node{Type: html.ElementNode, Data: "div"}
	for _, n := range nodes {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
		div.AppendChild(n)
	}
	clean(goquery.NewDocumentFromNode(div).Selection)
	return div
}

// baseURL returns what the page's relative addresses are relative to; nil if the
// page is a file.
func baseURL(doc *goquery.Document, pageURL string) *url.URL {
	u, err := url.Parse(pageURL)
	if err != nil || u.Host == "" {
		return nil
	}
	if href, ok := doc.Find("head").First().Find("base[href]").First().Attr("href"); ok {
		if b, err := u.Parse(strings.TrimSpace(href)); err == nil {
			return b
		}
	}
	return u
}

// titleOf returns the text of the first-level heading if there is just one, or
// of the first one that the page's title repeats; else "".
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
