package extract

import (
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// What makes a page documentation. In a landmark, which the page marks as its
// content, a few marks are enough. Without one they must be more, and of more
// kinds, and they also tell where the content is. On 881 pages of all kinds, the
// rule for pages without a landmark raises recall and costs as much precision
// (2026-11-22).
const (
	// minLandmarkMarks is how many code blocks, and headings with a permalink, the
	// landmark of documentation has at least.
	minLandmarkMarks = 3
	// minPageMarks is the same for a page without a landmark, where a code block
	// counts twice, and words in code and terms of definition lists count once.
	minPageMarks = 6
	// The part of that page with the documentation has at least these shares of the
	// page's marks and of its text.
	minMarkShare = 0.9
	minTextShare = 0.6
)

// documentation returns the nodes with the content of a page of documentation; nil
// if the page is not documentation. landmark may be nil.
func documentation(doc *goquery.Document, landmark *html.Node) []*html.Node {
	switch {
	case landmark == nil:
		return documentedPart(doc)
	case landmarkMarks(landmark) >= minLandmarkMarks:
		return withTitle(doc, landmark)
	}
	return nil
}

// landmarkMarks returns how many marks of documentation a landmark has.
func landmarkMarks(landmark *html.Node) int {
	count := 0
	for m := range landmark.Descendants() {
		switch {
		case m.DataAtom == atom.Pre && dom.TextBytes(m) > 0, dom.HeadingLevel(m) > 0 && hasPermalink(m):
			count++
		}
	}
	return count
}

func hasPermalink(heading *html.Node) bool {
	for m := range heading.Descendants() {
		if isPermalink(m) {
			return true
		}
	}
	return false
}

// documentedPart returns the smallest part of a page that contains its
// documentation, and the page's only first-level heading; nil if the page has too
// few marks.
func documentedPart(doc *goquery.Document) []*html.Node {
	bodies := find(doc.Selection, "body")
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
	if marks[part] < minPageMarks {
		return nil
	}
	all, text := float64(marks[part]), float64(dom.TextBytes(part))
	for c := part.FirstChild; c != nil; {
		if float64(marks[c]) >= minMarkShare*all && float64(dom.TextBytes(c)) >= minTextShare*text && hasTitle(c) {
			part, c = c, c.FirstChild
		} else {
			c = c.NextSibling
		}
	}
	if h1 := find(doc.Selection, "h1"); h1.Length() == 1 {
		return dom.Outermost([]*html.Node{h1.Get(0), part})
	}
	return []*html.Node{part}
}
