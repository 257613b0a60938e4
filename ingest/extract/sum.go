package extract

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// A sum is what is in an element. Sizes are those of [textBytes].
type sum struct {
	text, linked         int // all of it, and what is in links
	links, named, near   int // links; those with the text of a heading; those within the page
	languages            int // links to the page in another language
	current              int // links to the page itself, as a menu marks the one that is open
	neighbours, ways     int // links to the pages before, after and above, and others that stand beside those
	numbers              int // links with the number of another page or chapter, or a letter of the alphabet
	hasTitle, hasHeading bool
}

// dense reports whether at least a share of the text is in links, in tenths.
func (s sum) dense(tenths int) bool { return s.links > 0 && s.linked*10 >= s.text*tenths }

// add sums up an element and those in it.
func (f *frame) add(n *html.Node, linked bool) sum {
	var s sum
	switch {
	case n.Type == html.TextNode:
		s.text = textBytes(n.Data)
		if linked {
			s.linked = s.text
		}
		return s
	case n.Type != html.ElementNode && n.Type != html.DocumentNode || neverTags[n.DataAtom] && n.DataAtom != atom.Button:
		return s
	}
	isLink := false
	if n.DataAtom == atom.A {
		href, ok := dom.Attr(n, "href")
		if isLink = ok && !isPermalink(n); isLink {
			s = f.sumOfLink(n, href)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		in := f.add(c, linked || isLink)
		s.text += in.text
		s.linked += in.linked
		s.links += in.links
		s.named += in.named
		s.near += in.near
		s.languages += in.languages
		s.current += in.current
		s.neighbours += in.neighbours
		s.ways += in.ways
		s.numbers += in.numbers
		s.hasTitle = s.hasTitle || in.hasTitle
		s.hasHeading = s.hasHeading || in.hasHeading
	}
	s.hasTitle = s.hasTitle || n == f.title
	s.hasHeading = s.hasHeading || dom.HeadingLevel(n) > 0
	if !inline[n.DataAtom] {
		f.index[n] = int32(len(f.all))
		f.all = append(f.all, s)
	}
	return s
}

// sumOfLink returns what kind of link an element is, without its text.
func (f *frame) sumOfLink(n *html.Node, href string) sum {
	s := sum{links: 1}
	text := strings.ToLower(line(dom.Text(n)))
	if strings.HasPrefix(href, "#") {
		s.near = 1
	}
	if f.sections[text] {
		s.named = 1
	}
	if isJump(text) && (href == "" || href[0] != '#' || !isDigit(text[0])) {
		s.numbers = 1
	}
	if mark, _ := dom.Attr(n, "aria-current"); href == "" || mark == "page" || mark == "true" {
		s.current = 1
	}
	if _, has := dom.Attr(n, "hreflang"); has {
		s.languages = 1
	}
	if rel, _ := dom.Attr(n, "rel"); isNeighbour(text) || rel == "prev" || rel == "next" {
		s.neighbours = 1
	} else if ways[text] {
		s.ways = 1
	}
	return s
}

// inline are elements within a line.
var inline = dom.SetOf(atom.A, atom.Span, atom.B, atom.I, atom.Em, atom.Strong, atom.Code, atom.Kbd, atom.Samp, atom.Tt, atom.Var, atom.Font, atom.Sup, atom.Sub, atom.Br, atom.Img, atom.Small, atom.Wbr)

// textBytes returns the length of a text without white space and punctuation.
func textBytes(s string) int {
	n := 0
	for i := range len(s) {
		if c := s[i] | 0x20; 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || s[i] >= 0xc3 {
			n++
		}
	}
	return n
}

// sumOf returns what is in a block; false for another node.
func (f *frame) sumOf(n *html.Node) (sum, bool) {
	if i, ok := f.index[n]; ok {
		return f.all[i], true
	}
	return sum{}, false
}

// ways are the texts of links that stand beside those to the neighbours of a page.
var ways = dom.SetOf("home", "back", "top", "contents", "index", "start", "source", "search", "table of contents")

var (
	// neighbour matches the text, in lower case, of a link to the page before, after or
	// above; neighbourWords are the words that it begins with.
	neighbour      = regexp.MustCompile(`^(prev(ious)?|next|up|zurück|weiter|suivante?|précédente?|anterior|siguiente|前へ|次へ|上一页|下一页)(( |:|-).{0,2}(page|chapter|section|topic))?$`)
	neighbourWords = dom.SetOf("prev", "previous", "next", "up", "zurück", "weiter", "suivant", "suivante", "précédent", "précédente", "anterior", "siguiente", "前へ", "次へ", "上一页", "下一页")
)

// isJump reports whether a text in lower case is a number of up to three digits, or a letter.
func isJump(text string) bool {
	switch len(text) {
	case 1:
		return isDigit(text[0]) || 'a' <= text[0] && text[0] <= 'z'
	case 2, 3:
		return strings.Trim(text, "0123456789") == ""
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isNeighbour reports whether a text in lower case is that of a link to a neighbour of the
// page.
func isNeighbour(text string) bool {
	const signs, longest = " «»‹›<>←→[](|)", 60
	if len(text) > longest {
		return false
	}
	text = strings.Trim(text, signs)
	end := strings.IndexAny(text, " :-")
	if end < 0 {
		end = len(text)
	}
	return neighbourWords[text[:end]] && neighbour.MatchString(text)
}
