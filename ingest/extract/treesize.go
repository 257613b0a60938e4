package extract

import (
	"bytes"
	"hash/maphash"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
	"github.com/citewell/citewell/ingest/extract/general"
)

// A page is not parsed to a tree if the tree would be larger than maxTreeRatio times
// the page, and than smallTreeBytes. Of 1 181 pages of documentation and others the
// largest tree was 9.7 times its page (2026-11-22).
const (
	maxTreeRatio   = 11
	smallTreeBytes = 1 << 20
)

// treeTooLarge reports whether the tree of a page would be too large for the size
// of the page.
func treeTooLarge(source string) bool {
	return treeBytes(source) > max(maxTreeRatio*len(source), smallTreeBytes)
}

// maxNesting is the largest [nesting] of a page that is converted to Markdown, which
// takes about 3 s then. 10 MB of documentation have a fifth of that, articles
// a twentieth (2026-11-22).
const maxNesting = 300_000_000

// nesting returns how much work a tree causes, in bytes to read: extractors read a
// text once for each element around it, and the conversion several times for each
// list and quotation.
func nesting(n *html.Node, depth int) int {
	switch n.DataAtom {
	case atom.Ul, atom.Ol, atom.Blockquote:
		depth += 8
	}
	sum := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			sum += depth * len(c.Data)
		} else if c.Type == html.ElementNode && !neverShown[c.DataAtom] {
			sum += nesting(c, depth+1)
		}
	}
	return sum
}

// treeBytes estimates the memory of a page's tree, without its strings, and does
// not build the tree: a formatting element that stays open is repeated in each
// paragraph after it, so that a page of 80 kB can have a tree of 3 GB.
func treeBytes(source string) int {
	z := html.NewTokenizer(strings.NewReader(source))
	var s treeSize
	for {
		switch z.Next() {
		case html.ErrorToken:
			return s.bytes
		case html.StartTagToken, html.SelfClosingTagToken:
			s.start(z.Raw())
			if s.foreign > 0 {
				z.NextIsNotRawText()
			}
		case html.EndTagToken:
			s.end(tagOf(z.Raw()))
		default:
			s.bytes += general.NodeBytes
		}
	}
}

var tagSeed = maphash.MakeSeed()

// A treeSize adds up the size of a tree, tag by tag.
type treeSize struct {
	bytes   int
	foreign int                    // open elements in which a title or a style is like any other element
	formats map[atom.Atom][]uint64 // hashes of the open tags of formatting elements
	open    int                    // number of these tags
}

func (s *treeSize) start(raw []byte) {
	s.bytes += general.NodeBytes + general.AttributeBytes*countAttributes(raw)
	tag := tagOf(raw)
	if foreign[tag] {
		s.foreign++
	}
	if !formatting[tag] {
		s.reopen(tag)
		return
	}
	// The standard keeps three of the same open, and one link.
	open, most := s.formats[tag], 3
	if tag == atom.A || tag == atom.Nobr {
		most = 1
	}
	hash, same := maphash.Bytes(tagSeed, raw), 0
	for _, other := range open {
		if most == 1 || other == hash {
			same++
		}
	}
	if same < most {
		if s.formats == nil {
			s.formats = map[atom.Atom][]uint64{}
		}
		s.formats[tag] = append(open, hash)
		s.open++
	}
}

func (s *treeSize) end(tag atom.Atom) {
	if foreign[tag] && s.foreign > 0 {
		s.foreign--
	}
	if !formatting[tag] {
		s.reopen(tag)
	} else if n := len(s.formats[tag]); n > 0 {
		s.formats[tag] = s.formats[tag][:n-1]
		s.open--
	}
}

// fewFormats is how deeply formatting elements are nested on an ordinary page.
const fewFormats = 4

// reopen adds the formatting elements that are repeated after a tag. A span begins
// and ends inside of them, but on a page that is built to be large.
func (s *treeSize) reopen(tag atom.Atom) {
	if tag != atom.Span || s.open > fewFormats {
		s.bytes += s.open * (general.NodeBytes + general.AttributeBytes)
	}
}

// formatting are the elements that the standard repeats.
var formatting = dom.SetOf(atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U)

// foreign are the elements in which a title or a style is like any other.
var foreign = dom.SetOf(atom.Svg, atom.Math, atom.Select)

// tagOf returns the kind of element that a tag begins or ends; 0 if it is not in
// the standard.
func tagOf(raw []byte) atom.Atom {
	var name [16]byte // No element that matters here has a longer name.
	n := 0
	for _, c := range bytes.TrimLeft(raw, "</") {
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '/' || c == '>' || n == len(name) {
			break
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		name[n] = c
		n++
	}
	return atom.Lookup(name[:n])
}

// countAttributes returns how many attributes a tag has.
func countAttributes(tag []byte) int {
	count, quote, space := 0, byte(0), false
	for _, c := range tag {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == ' ', c == '\n', c == '\t', c == '\r', c == '\f', c == '/':
			space = true
		case space:
			count++
			space = false
		}
	}
	return count
}
