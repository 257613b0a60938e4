package extract

import (
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
	"github.com/citewell/citewell/ingest/extract/general"
)

// maxTrees limits the trees of a page, while extractors look for its content, to so
// many times its size together: reading a page takes at most about 20 times its
// size. A page with more markup is left to the extractors that need fewer trees.
const maxTrees = 20

// A tree is a page whose content is to be chosen.
type tree struct {
	doc     *goquery.Document
	base    *url.URL    // of relative addresses; nil if the page is a file
	made    *recognised // the generator that made it, or nil
	article string      // why it is plainly an article; "" if it may be documentation
	size    int         // of its source, in bytes
}

// A choice is the part of a page that is its content.
type choice struct {
	nodes  []*html.Node
	kind   contentKind
	made   *recognised // or nil
	reason string      // why it was chosen, for users
}

type contentKind int

const (
	manual   contentKind = iota // documentation: all but its frame is text
	article                     // an article: what is beside it is gone
	selected                    // what selectors matched
)

// choose decides what of a page is its content. It is the one place that does.
// The page must be without hidden text, and loses what browsers never show.
//
//   - What selectors match is the content.
//   - Else the content element of a known generator is.
//   - A page that is plainly an article, without the marks of documentation, is read
//     by package general: extractors that look for prose, and rules for what stands
//     beside it. On 102 articles that reached F1 0.97, and the landmark
//     0.90 (2026-11-22).
//   - Any other page may be documentation. Its content is the landmark, or the whole
//     page, without the [frame]: extractors that look for prose leave out code,
//     tables, short sections and values.
func choose(t *tree, selectors []string) choice {
	if len(selectors) > 0 {
		return choice{nodes: outermost(t.doc.Find(strings.Join(selectors, ", "))), kind: selected, reason: "what the selectors match"}
	}
	if t.made != nil {
		if found := t.made.find(t.doc.Get(0)); len(found) > 0 {
			return choice{nodes: found, made: t.made, reason: "the element in which " + t.made.name + " writes the content"}
		}
	}
	dom.RemoveAll(t.doc.Get(0), func(n *html.Node) bool {
		return neverShown[n.DataAtom] && n.DataAtom != atom.Head && n.DataAtom != atom.Svg
	})
	landmark := landmarkOf(t.doc)
	if t.article != "" {
		if nodes := documentation(t.doc, landmark); nodes != nil {
			return choice{nodes: nodes, reason: "an article with code, read like documentation"}
		}
		dom.RemoveAll(t.doc.Get(0), func(n *html.Node) bool { return n.DataAtom == atom.Svg })
		if general.Reduce(t.doc.Get(0), t.base, max(maxTrees*t.size, smallTreeBytes)) {
			return choice{nodes: t.doc.Find("body").Nodes, kind: article, reason: "an article: " + t.article}
		}
	}
	if landmark != nil {
		return choice{nodes: withTitle(t.doc, landmark), reason: "it may be documentation: its " + landmark.Data + " element without navigation"}
	}
	return choice{nodes: t.doc.Find("body").Nodes, reason: "it may be documentation: the whole page without navigation"}
}

// clean returns a new element with the content. title is the text of the title element.
func (c choice) clean(title string, f Format) *html.Node {
	switch c.kind {
	case selected:
		return wrap(c.nodes, cleanSelected)
	case article:
		// Elements beside the text are gone. Names that mean chrome in documentation
		// can be those of a whole article.
		n := wrap(c.nodes, cleanSelected)
		if f == Plain {
			dropTitle(n)
		}
		return n
	}
	return wrap(c.nodes, func(s *goquery.Selection) {
		if c.made != nil {
			c.made.clean(s.Get(0))
		}
		cleanMain(s, len(c.nodes) == 1 && c.nodes[0].DataAtom == atom.Body, title)
	})
}

// landmarkOf returns the landmark of a page: its only main element, or the only
// article in that or in the page. It returns nil if there is none.
func landmarkOf(doc *goquery.Document) *html.Node {
	for _, selector := range []string{"main", `[role="main"]`, "article"} {
		found := outermost(doc.Find(selector))
		if len(found) != 1 {
			continue // Several articles are a list of them, or teasers.
		}
		n := found[0]
		if selector == "article" && float64(plainBytes(n)) < minArticleShare*float64(plainBytes(doc.Get(0))) {
			continue // It is a part of the text.
		}
		articles := outermost(goquery.NewDocumentFromNode(n).Find("article"))
		if len(articles) == 1 && float64(dom.TextBytes(articles[0])) >= minArticleShare*float64(dom.TextBytes(n)) {
			n = articles[0]
		}
		return n
	}
	return nil
}

// minArticleShare is the share of the text of a main element, or of the page outside of
// links, that its only article must have to be the landmark.
const minArticleShare = 0.5

// plainBytes returns the size of the text in n outside of links and navigation.
func plainBytes(n *html.Node) int {
	size := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			size += textBytes(c.Data)
		case c.Type == html.ElementNode && c.DataAtom != atom.A && c.DataAtom != atom.Nav && c.DataAtom != atom.Head && c.DataAtom != atom.Footer && c.DataAtom != atom.Header:
			size += plainBytes(c)
		}
	}
	return size
}

// withTitle returns n, and before it the page's only first-level heading if
// that stands before n in the same main element.
func withTitle(doc *goquery.Document, n *html.Node) []*html.Node {
	h1 := find(doc.Selection, "main h1, [role=main] h1")
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
