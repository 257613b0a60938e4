package general

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Sizes of blocks in words, found on two sets of pages (2026-11-22).
const (
	longBlock   = 20 // at least a paragraph
	shortLine   = 14 // at most a line
	captionSize = 80 // at most a caption, or an invitation
)

// prune drops the kept blocks that are not text of the article.
func (p *page) prune() {
	p.join()
	p.lead()
	p.otherArticles()
	p.furniture()
	p.lines()
	p.relatedLists()
	p.repeats()
}

// keptWords returns how many words stay.
func (p *page) keptWords() int {
	n := 0
	for i := range p.blocks {
		if p.blocks[i].keep {
			n += p.blocks[i].size()
		}
	}
	return n
}

// otherArticles drops the blocks in article elements other than the main one.
func (p *page) otherArticles() {
	main := p.mainArticle()
	if main == nil {
		return
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if a := enclosing(b.holder, atom.Article); a != nil && a != main && !inside(a, main) {
			b.keep = false
		}
	}
}

// mainArticle returns the article element around the only kept first-level heading,
// or around the page's only one if most of the kept text is in it too; nil if there
// is neither.
func (p *page) mainArticle() *html.Node {
	var titles, kept []*block
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.heading != 1 || b.size() == 0 {
			continue
		}
		titles = append(titles, b)
		if b.keep {
			kept = append(kept, b)
		}
	}
	switch {
	case len(kept) == 1:
		return enclosing(kept[0].holder, atom.Article)
	case len(kept) > 1 || len(titles) != 1:
		return nil
	}
	main := enclosing(titles[0].holder, atom.Article)
	if main == nil {
		return nil
	}
	words := 0
	for i := range p.blocks {
		if b := &p.blocks[i]; b.keep && inside(b.holder, main) {
			words += b.size()
		}
	}
	if 2*words < p.keptWords() {
		return nil
	}
	return main
}

// maxFurniture is the largest share of the kept text that an element with a class of
// furniture can have.
const maxFurniture = 0.3

// furniture drops the blocks in elements whose class or id names [furniture].
func (p *page) furniture() {
	total := float64(p.keptWords())
	words := map[*html.Node]int{}
	for i := range p.blocks {
		b := &p.blocks[i]
		for n := b.holder; b.keep && n != nil; n = n.Parent {
			words[n] += b.size()
		}
	}
	names := map[*html.Node]string{}
	for n, count := range words {
		if float64(count) <= maxFurniture*total {
			names[n] = furnitureName(n)
		}
	}
	var called []string // the name of the outermost such element around each block
	sum := map[string]int{}
	for i := range p.blocks {
		b, name := &p.blocks[i], ""
		for n := b.holder; b.keep && n != nil; n = n.Parent {
			if names[n] != "" {
				name = names[n]
			}
		}
		called = append(called, name)
		sum[name] += b.size()
	}
	for i, name := range called {
		if b := &p.blocks[i]; name != "" && float64(sum[name]) <= maxFurniture*total && !numbered.MatchString(b.text()) {
			b.keep = false
		}
	}
}

// furnitureName returns the word of [furniture] in the class or id of an element, or
// "".
func furnitureName(n *html.Node) string {
	switch n.DataAtom {
	case atom.Figcaption, atom.Nav, atom.Footer:
		if n.Parent == nil || n.Parent.DataAtom != atom.Blockquote {
			return n.Data
		}
		return ""
	case atom.Body, atom.Html, atom.Main, atom.Article, atom.Table, atom.Pre:
		return ""
	}
	for _, a := range n.Attr {
		if a.Key != "class" && a.Key != "id" {
			continue
		}
		for name := range strings.FieldsSeq(a.Val) {
			if word := furnitureWord(name); word != "" {
				return word
			}
		}
	}
	return ""
}

// furnitureWord returns the first word of [furniture] in a name such as
// "post-author" or "relatedLinks", or "".
func furnitureWord(name string) string {
	start, lower := 0, false
	for i, r := range name + "-" {
		if letter := unicode.IsLetter(r); !letter || unicode.IsUpper(r) && lower {
			if word := strings.ToLower(name[start:i]); furniture[word] {
				return word
			}
			start = i
			if !letter {
				start = i + utf8.RuneLen(r)
			}
		}
		lower = unicode.IsLower(r)
	}
	return ""
}

// lines drops the lines with the date, the author and the credits of the article,
// and invitations.
func (p *page) lines() {
	first, last := p.body()
	for i := range p.blocks {
		b := &p.blocks[i]
		if !b.keep || b.isCode() || b.heading > 0 || b.size() > captionSize {
			continue
		}
		text := b.text()
		outside := i < first || i > last
		switch {
		case b.size() <= shortLine && (dated.MatchString(text) || notice.MatchString(text) || outside && (byline.MatchString(text) || onlyDate.MatchString(text))),
			credit.MatchString(text),
			!strings.HasSuffix(text, ".") && credited.MatchString(text),
			invites(text, b.size()):
			b.keep = false
		}
	}
}

// body returns the first and the last kept block that are paragraphs.
func (p *page) body() (first, last int) {
	first, last = len(p.blocks), -1
	for i := range p.blocks {
		if b := &p.blocks[i]; b.keep && b.size() >= longBlock && b.linked*2 < b.size() {
			first, last = min(first, i), i
		}
	}
	return first, last
}

// relatedLists drops lines that lead to other articles, and the links below a
// heading of such links.
func (p *page) relatedLists() {
	list := false
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.size() == 0 {
			continue
		}
		isLink := b.linked*10 >= b.size()*9
		announces := b.size() <= 2*shortLine && related.MatchString(b.text())
		switch {
		case announces && (b.heading > 0 || b.linked*3 >= b.size() || b.size() <= 5):
			b.keep, list = false, true
		case list && isLink && b.heading == 0:
			b.keep = false
		case list && isLink:
			b.keep = false
		default:
			list = false
		}
	}
}

// repeats drops links with the text of an earlier block, such as the title of the
// page in a list of links, and links to the page's own sections.
func (p *page) repeats() {
	seen := map[uint64]bool{}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.size() == 0 || b.isCode() {
			continue
		}
		h := gram(p.words[b.start:b.end])
		if b.keep && b.heading == 0 && b.linked*10 >= b.size()*9 && (seen[h] || p.sections[h]) {
			b.keep = false
		}
		seen[h] = true
	}
}

// text returns the text of a block, on one line.
func (b *block) text() string {
	var s strings.Builder
	for _, n := range b.nodes {
		s.WriteString(n.Data)
	}
	return strings.Join(strings.Fields(s.String()), " ")
}

// isCode reports whether a block is code or a table.
func (b *block) isCode() bool {
	return b.holder.DataAtom == atom.Pre || b.holder.DataAtom == atom.Table
}

// enclosing returns n or the nearest element around it of that kind.
func enclosing(n *html.Node, kind atom.Atom) *html.Node {
	for ; n != nil && n.DataAtom != kind; n = n.Parent {
	}
	return n
}

// inside reports whether n stands in outer.
func inside(n, outer *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}
