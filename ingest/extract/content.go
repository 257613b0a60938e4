package extract

import (
	"net/url"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
	"github.com/citewell/citewell/ingest/extract/general"
)

// maxTrees limits the trees of a page, while extractors look for its content, to so
// many times its size together: reading a page takes at most about 20 times its
// size. Of 881 pages 7 are too dense for the extractor that needs most; with it, F
// would be higher by 0.0006 (2026-11-22).
const maxTrees = 20

// mainContent returns the nodes with the content of a page that no generator of
// [generators] made, and whether they were found as those of an article. The page
// must be without hidden text.
//
// The content of documentation is what [documentation] finds: extractors that look
// for prose leave out code, tables and short sections. The content of any other
// page is what [general.Reduce] finds; on 102 articles that reached F1 0.97, and
// the landmark 0.90 (2026-11-22).
func mainContent(doc *goquery.Document, base *url.URL, size int) (nodes []*html.Node, article bool) {
	dom.RemoveAll(doc.Get(0), func(n *html.Node) bool { return neverShown[n.DataAtom] && n.DataAtom != atom.Head })
	landmark := landmarkOf(doc)
	if nodes := documentation(doc, landmark); nodes != nil {
		return nodes, false
	}
	if general.Reduce(doc.Get(0), base, max(maxTrees*size, smallTreeBytes)) {
		return doc.Find("body").Nodes, true
	}
	if landmark != nil {
		return withTitle(doc, landmark), false
	}
	return doc.Find("body").Nodes, false
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
		articles := outermost(goquery.NewDocumentFromNode(n).Find("article"))
		if len(articles) == 1 && float64(dom.TextBytes(articles[0])) >= minArticleShare*float64(dom.TextBytes(n)) {
			n = articles[0]
		}
		return n
	}
	return nil
}

// minArticleShare is the share of the text of a main element that its only article
// must have to be the landmark.
const minArticleShare = 0.5

// withTitle returns n, and before it the page's only first-level heading if
// that stands before n in the same main element.
func withTitle(doc *goquery.Document, n *html.Node) []*html.Node {
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
