package extract

import (
	"net/url"
	"strings"

	"codeberg.org/readeck/go-readability"
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// landmarks are where documentation generators put the content of a page, the
// most telling first.
var landmarks = []string{
	"article.md-content__inner",             // MkDocs Material
	".theme-doc-markdown",                   // Docusaurus
	".vp-doc",                               // VitePress
	".theme-default-content",                // VuePress
	".sl-markdown-content",                  // Starlight
	".td-content",                           // Docsy
	`.rst-content [itemprop="articleBody"]`, // Read the Docs
	`div.body[role="main"], .document .body, article.bd-article`, // Sphinx
	".markdown-body, .markdown-section",                          // GitHub, docsify, HonKit
	".contentContainer",                                          // Javadoc
	"main", `[role="main"]`,
	"article",
}

// The least text that a landmark must have to be taken for the content, in bytes, and how
// much of the text of a main element its only article must have.
const (
	minLandmark     = 1
	minArticleShare = 0.5
)

// mainContent returns the nodes that hold the content of a page.
func mainContent(doc *goquery.Document, base *url.URL) []*html.Node {
	for _, selector := range landmarks {
		found := outermost(doc.Find(selector))
		if len(found) != 1 || visible(found[0]) < minLandmark {
			continue // Several articles are a list of them, or teasers.
		}
		n := found[0]
		articles := outermost(goquery.NewDocumentFromNode(n).Find("article"))
		if len(articles) == 1 && float64(visible(articles[0])) >= minArticleShare*float64(visible(n)) {
			n = articles[0]
		}
		return title(doc, n)
	}
	if base == nil {
		base = &url.URL{}
	}
	parser := readability.NewParser()
	parser.KeepClasses = true
	article, err := parser.ParseDocument(doc.Get(0), base)
	if err == nil && article.Node != nil && visible(article.Node) >= minLandmark {
		return []*html.Node{article.Node}
	}
	return doc.Find("body").Nodes
}

// title returns n, and in front of it the page's only first-level heading if
// that stands before n in the same main element.
func title(doc *goquery.Document, n *html.Node) []*html.Node {
	h1 := doc.Find("main h1, [role=main] h1")
	if h1.Length() != 1 || n.Data == "main" {
		return []*html.Node{n}
	}
	for p := h1.Get(0).Parent; p != nil; p = p.Parent {
		if p == n {
			return []*html.Node{n}
		}
	}
	return []*html.Node{h1.Get(0), n}
}

// visible returns the length of the text in n, in bytes, without white space at the
// ends of its strings.
func visible(n *html.Node) int {
	count := 0
	for m := range n.Descendants() {
		if m.Type != html.TextNode {
			continue
		}
		switch m.Parent.Data {
		case "script", "style", "noscript", "template":
		default:
			count += len(strings.TrimSpace(m.Data))
		}
	}
	return count
}
