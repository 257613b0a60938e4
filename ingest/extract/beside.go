package extract

import (
	"golang.org/x/net/html"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// isRepeated reports whether an element has the text of one that stood before the
// title: a page can have its navigation twice.
func (f *frame) isRepeated(n *html.Node, s sum) bool {
	const fewBytes, manyBytes = 20, 2000
	return len(f.gone) > 0 && s.text > fewBytes && s.text < manyBytes && !s.hasHeading && f.gone[line(dom.Text(n))]
}

// isColumn reports whether an element stands beside the column with the title and
// is a list of links.
func (f *frame) isColumn(n *html.Node, s sum) bool {
	if s.links < fewLinks || !s.dense(7) || n.Parent == nil {
		return false
	}
	for c := n.Parent.FirstChild; c != nil; c = c.NextSibling {
		beside, _ := f.sumOf(c)
		isMain := beside.hasTitle && c != f.title || f.isBesideText(n, s, c)
		if isMain && beside.text-beside.linked > s.text-s.linked && beside.text > someText {
			return true
		}
	}
	return false
}

// isBesideText reports whether an element with links within the page stands beside c, which
// has nearly all of the text, in a row of columns below the title.
func (f *frame) isBesideText(n *html.Node, s sum, c *html.Node) bool {
	const mainTenths, mostColumns = 6, 4
	beside, _ := f.sumOf(c)
	if c == n || c.DataAtom != n.DataAtom || s.hasHeading || s.near*10 < s.links*6 || (beside.text-beside.linked)*10 <= f.plain*mainTenths {
		return false
	}
	columns := 0
	for m := n.Parent.FirstChild; m != nil; m = m.NextSibling {
		if dom.HeadingLevel(m) > 0 {
			return false
		}
		if m.Type == html.ElementNode {
			columns++
		}
	}
	return columns <= mostColumns
}

// isMenu reports whether an element leads to the pages of the site, with a mark at the
// one that is open, and more than a line of text stands elsewhere.
func (f *frame) isMenu(s sum) bool {
	const fewOther = 30
	return f.whole && s.current > 0 && s.neighbours == 0 && s.links >= fewLinks && s.near*2 < s.links && s.dense(7) && f.all[len(f.all)-1].text-s.text >= fewOther
}

// isLanguages reports whether an element leads to the page in other languages, and does
// nothing else.
func isLanguages(s sum) bool {
	return s.languages > 0 && s.languages >= s.links-1 && s.text <= maxNamed && !s.hasHeading
}
