package extract

import (
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/general"
)

// technical are the least code blocks, or headings with a permalink, that make
// the page of a landmark documentation.
const technical = 3

// maxTrees is how many times the size of a page its trees may be together while
// extractors look for its content, so that reading a page takes at most about 20
// times its size. Of 881 pages 7 are too dense for the extractor that needs most; to ask
// it all the same would raise F by 0.0006 (2026-11-22).
const maxTrees = 20

// mainContent returns the nodes that hold the content of a page that no
// generator of [generators] made, and whether they were found as those of an
// article. The page must be without hidden text.
//
// A page whose only main or article element has code blocks or headings with
// permalinks is documentation, and that element is its content: extractors
// that look for prose leave code, tables and short sections out. Without such an
// element it is the part of the page that the code and the terms are in. Of any
// other page the content is what [general.Reduce] finds; on 102 articles that
// reached F1 0.97, and the landmark 0.90 (2026-11-22).
func mainContent(doc *goquery.Document, base *url.URL, size int) (nodes []*html.Node, article bool) {
	dropAll(doc.Get(0), func(n *html.Node) bool { return neverShown[n.DataAtom] && n.DataAtom != atom.Head })
	landmark := landmarkOf(doc)
	if landmark != nil && isTechnical(landmark) {
		return title(doc, landmark), false
	}
	if landmark == nil {
		if nodes := technicalPart(doc); nodes != nil {
			return nodes, false
		}
	}
	if general.Reduce(doc.Get(0), base, max(maxTrees*size, smallTreeBytes)) {
		return doc.Find("body").Nodes, true
	}
	if landmark != nil {
		return title(doc, landmark), false
	}
	return doc.Find("body").Nodes, false
}

// landmarkOf returns the only main element of a page, or the only article in
// it or in the page.
func landmarkOf(doc *goquery.Document) *html.Node {
	for _, selector := range []string{"main", `[role="main"]`, "article"} {
		found := outermost(doc.Find(selector))
		if len(found) != 1 {
			continue // Several articles are a list of them, or teasers.
		}
		n := found[0]
		articles := outermost(goquery.NewDocumentFromNode(n).Find("article"))
		if len(articles) == 1 && float64(visible(articles[0])) >= minArticleShare*float64(visible(n)) {
			n = articles[0]
		}
		return n
	}
	return nil
}

// minArticleShare is how much of the text of a main element its only article must
// have.
const minArticleShare = 0.5

// isTechnical reports whether a landmark holds documentation.
func isTechnical(landmark *html.Node) bool {
	count := 0
	for m := range landmark.Descendants() {
		switch {
		case m.DataAtom == atom.Pre && visible(m) > 0, headingLevel(m) > 0 && hasPermalink(m):
			count++
		}
	}
	return count >= technical
}

// Marks of documentation in a page without landmarks: code blocks count twice, words
// in code and terms of definition lists once. On 881 pages of all kinds they raise
// recall and cost as much precision (2026-11-22).
const (
	minMarks  = 6
	markShare = 0.9 // of the marks that the part of the page with the documentation has at least,
	textShare = 0.6 // and of the text
)

// technicalPart returns the smallest part of a page that holds its documentation,
// and the page's only first-level heading; nil if the page has few marks.
func technicalPart(doc *goquery.Document) []*html.Node {
	bodies := doc.Find("body")
	if bodies.Length() == 0 {
		return nil // It has frames.
	}
	marks := map[*html.Node]int{} // in each element
	for n := range bodies.Get(0).Descendants() {
		weight := 0
		switch n.DataAtom {
		case atom.Pre:
			weight = 2
		case atom.Code, atom.Kbd, atom.Samp, atom.Tt, atom.Dt:
			weight = 1
		}
		for p := n; weight > 0 && p != nil; p = p.Parent {
			marks[p] += weight
		}
	}
	part := bodies.Get(0)
	if marks[part] < minMarks {
		return nil
	}
	all, text := float64(marks[part]), float64(visible(part))
	for c := part.FirstChild; c != nil; {
		if float64(marks[c]) >= markShare*all && float64(visible(c)) >= textShare*text && hasTitle(c) {
			part, c = c, c.FirstChild
		} else {
			c = c.NextSibling
		}
	}
	if h1 := doc.Find("h1"); h1.Length() == 1 {
		return topmost([]*html.Node{h1.Get(0), part})
	}
	return []*html.Node{part}
}

func hasPermalink(heading *html.Node) bool {
	for m := range heading.Descendants() {
		if isPermalink(m) {
			return true
		}
	}
	return false
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
