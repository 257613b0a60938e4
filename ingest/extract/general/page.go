package general

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// A page is its text, cut into blocks.
type page struct {
	nodes    int      // of the tree
	bytes    int      // of a [clone] of the tree, without its strings
	words    []uint64 // a hash of each word, in order
	blocks   []block
	name     []uint64        // the words of the title element
	sections map[uint64]bool // hashes of the headings
}

// A block is a unit of text: a paragraph, an item, a heading, a cell, or a whole
// code block or table.
type block struct {
	nodes      []*html.Node // its text nodes
	start, end int          // its words
	linked     int          // how many of its words are links
	holder     *html.Node   // the block element that it stands in
	heading    int          // 1–6, or 0
	score      float64      // share of its words that the extractors take, each weighed
	keep       bool
}

func (b *block) size() int { return b.end - b.start }

// newPage cuts the text of a page into blocks.
func newPage(root *html.Node) *page {
	p := &page{name: titleOf(root)}
	s := splitter{page: p, holder: root}
	s.walk(root)
	s.flush()
	p.sections = map[uint64]bool{}
	for _, b := range p.blocks {
		if b.heading > 0 {
			p.sections[gram(p.words[b.start:b.end])] = true
		}
	}
	return p
}

// titleOf returns the words of the title element.
func titleOf(root *html.Node) []uint64 {
	for n := range root.Descendants() {
		if n.DataAtom == atom.Title && n.FirstChild != nil {
			return appendWords(nil, n.FirstChild.Data)
		}
	}
	return nil
}

// Bytes of a tree for each node and each attribute, in golang.org/x/net/html v0.62.
const (
	NodeBytes      = 112
	AttributeBytes = 48
)

// A splitter cuts a tree into blocks.
type splitter struct {
	page   *page
	open   block
	holder *html.Node
	links  int // open links
	atomic int // open elements whose text is one block
}

func (s *splitter) walk(n *html.Node) {
	s.page.nodes++
	s.page.bytes += NodeBytes
	for _, a := range n.Attr {
		if telling[a.Key] {
			s.page.bytes += AttributeBytes
		}
	}
	switch n.Type {
	case html.TextNode:
		s.text(n)
		return
	case html.CommentNode:
		return
	}
	if ignored[n.DataAtom] {
		return
	}
	outer := s.holder
	isBlock, isAtomic := blockTags[n.DataAtom], n.DataAtom == atom.Pre || n.DataAtom == atom.Table && isData(n)
	if isBlock && s.atomic == 0 {
		s.flush()
		s.holder = n
	}
	if isAtomic {
		s.atomic++
	}
	if n.DataAtom == atom.A {
		s.links++
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.walk(c)
	}
	if n.DataAtom == atom.A {
		s.links--
	}
	if isAtomic {
		s.atomic--
	}
	if isBlock && s.atomic == 0 {
		s.flush()
		s.holder = outer
	}
}

func (s *splitter) text(n *html.Node) {
	p, before := s.page, len(s.page.words)
	p.words = appendWords(p.words, n.Data)
	if len(s.open.nodes) == 0 {
		s.open.start = before
	}
	s.open.nodes = append(s.open.nodes, n)
	if s.links > 0 {
		s.open.linked += len(p.words) - before
	}
}

// flush ends the open block.
func (s *splitter) flush() {
	if len(s.open.nodes) > 0 {
		b := s.open
		b.end, b.holder = len(s.page.words), s.holder
		b.heading = dom.HeadingLevel(s.holder)
		s.page.blocks = append(s.page.blocks, b)
	}
	s.open = block{}
}

// appendWords appends a hash of each word in s. In scripts without spaces between
// words, each letter is a word.
func appendWords(words []uint64, s string) []uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h, open := uint64(offset), false
	for i, r := range s {
		word := inWord(r)
		alone := word && r > firstUnspaced && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		if open && (!word || alone) {
			words, h, open = append(words, h), offset, false
		}
		if !word {
			continue
		}
		for _, c := range []byte(s[i : i+utf8.RuneLen(r)]) {
			h = (h ^ uint64(c)) * prime
		}
		open = true
		if alone {
			words, h, open = append(words, h), offset, false
		}
	}
	if open {
		words = append(words, h)
	}
	return words
}

// firstUnspaced comes before all letters of scripts without spaces between words.
const firstUnspaced = 0x0e00

// inWord reports whether r is part of a word.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// maxCellWords is the most words that a cell of a table of data has on average. A
// table with more words per cell is one of layout.
const maxCellWords = 40

// isData reports whether a table is one of data, not of layout.
func isData(table *html.Node) bool {
	cells, words := 0, 0
	for m := range table.Descendants() {
		switch {
		case m.DataAtom == atom.Table, m.DataAtom == atom.Article, m.DataAtom == atom.H1:
			return false
		case m.DataAtom == atom.Td, m.DataAtom == atom.Th:
			cells++
		case m.Type == html.TextNode:
			words += len(appendWords(nil, m.Data))
		}
	}
	return cells > 1 && words <= cells*maxCellWords
}
