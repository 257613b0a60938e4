package general

import (
	"net/url"
	"slices"
	"strings"

	"codeberg.org/readeck/go-readability"
	distiller "github.com/markusmobius/go-domdistiller"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// extractors are those of other modules that vote. Each may change the page that it
// gets, and returns the content that it found, or nil. needs is the most trees of the page that it has
// at once, with the one that it gets: measured on those of 1 034 pages that have the
// most markup (2026-11-22).
var extractors = []struct {
	needs   int
	extract func(root *html.Node, base *url.URL) *html.Node
}{
	{2, func(root *html.Node, base *url.URL) *html.Node {
		p := readability.NewParser()
		p.DisableJSONLD = true
		article, err := p.ParseAndMutate(root, base)
		if err != nil {
			return nil
		}
		return article.Node
	}},
	{3, func(root *html.Node, base *url.URL) *html.Node {
		result, err := distiller.Apply(root, &distiller.Options{OriginalURL: base, SkipPagination: true})
		if err != nil {
			return nil
		}
		return result.Node
	}},
}

// Sizes of pages, in nodes. The time that go-domdistiller takes grows with the square
// of the page. From manyNodes on go-readability decides alone; from tooManyNodes on
// none is used (2026-11-22).
const (
	manyNodes    = 12_000
	tooManyNodes = 200_000
)

// vote sets the score of each block, and returns how many extractors voted. Where
// go-readability decides alone, [page.voteBody] does not vote: two voters must agree
// on each block, so they leave out more.
func (p *page) vote(root *html.Node, base *url.URL, treesBytes int) (voters int) {
	asked := extractors
	switch {
	case p.nodes > manyNodes:
		asked = asked[:1]
	case p.voteBody():
		voters++
	}
	for _, e := range asked {
		if (1+e.needs)*p.bytes > treesBytes {
			continue
		}
		if taken := run(e.extract, clone(root), base); taken != nil {
			p.count(taken)
			voters++
		}
	}
	return voters
}

// run calls an extractor. A panic counts as nothing found: extractors are not
// tested with every page.
func run(extract func(*html.Node, *url.URL) *html.Node, root *html.Node, base *url.URL) (taken *html.Node) {
	defer func() {
		if recover() != nil {
			taken = nil
		}
	}()
	return extract(root, base)
}

// count adds to the score of each block the share of its words that an extractor
// took. A word was taken if three words in a row that contain it are in the
// extractor's text.
func (p *page) count(taken *html.Node) {
	var words []uint64
	for n := range taken.Descendants() {
		if n.Type == html.TextNode && !ignored[n.Parent.DataAtom] {
			words = appendWords(words, n.Data)
		}
	}
	n := min(3, len(p.words), max(len(words), 1))
	grams := make([]uint64, 0, len(words))
	for i := n; i <= len(words); i++ {
		grams = append(grams, gram(words[i-n:i]))
	}
	slices.Sort(grams)
	in := make([]bool, len(p.words))
	for i := n; i <= len(p.words); i++ {
		if _, ok := slices.BinarySearch(grams, gram(p.words[i-n:i])); ok {
			for j := i - n; j < i; j++ {
				in[j] = true
			}
		}
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.size() == 0 {
			continue
		}
		count := 0
		for _, w := range in[b.start:b.end] {
			if w {
				count++
			}
		}
		b.score += float64(count) / float64(b.size())
	}
}

// gram returns a hash of some words in their order.
func gram(words []uint64) uint64 {
	h := uint64(0)
	for _, w := range words {
		h = h*0x9e3779b97f4a7c15 + w
	}
	return h
}

// dropIndents removes the nodes that [isIndent] reports.
func dropIndents(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if isIndent(c) {
			n.RemoveChild(c)
		} else {
			dropIndents(c)
		}
		c = next
	}
}

// isIndent reports whether n is white space around blocks, which is not shown. On
// many pages it is a third of the nodes.
func isIndent(n *html.Node) bool {
	return n.Type == html.TextNode && n.Parent.DataAtom != atom.Pre && strings.TrimSpace(n.Data) == "" &&
		(n.PrevSibling == nil || n.NextSibling == nil || blockTags[n.PrevSibling.DataAtom] || blockTags[n.NextSibling.DataAtom]) &&
		blockTags[n.Parent.DataAtom]
}

// clone copies the parts of a tree that extractors use. Of the head it copies only
// the title: extractors would search the rest for data that nobody needs.
func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace}
	for _, a := range n.Attr {
		if telling[a.Key] {
			c.Attr = append(c.Attr, a)
		}
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		switch {
		case k.Type == html.CommentNode, k.Type == html.ElementNode && skipped[k.DataAtom],
			n.DataAtom == atom.Head && k.DataAtom != atom.Title:
		default:
			c.AppendChild(clone(k))
		}
	}
	return c
}
