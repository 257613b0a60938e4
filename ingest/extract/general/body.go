package general

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Numbers of [page.voteBody], found on 55 of 102 articles; on the other 47 the vote
// with it reached F1 0.968, and with go-trafilatura in its place 0.965 (2026-11-28).
const (
	maxBeside    = 0.4 // largest share of the page's words in an element beside the text
	maxLinked    = 0.8 // largest share of links in a block of the text
	minNamed     = 0.3 // smallest share of the words outside of links in a named body
	minNamedSize = 50  // smallest size of a named body, in words
	innerShare   = 0.8 // share of the words of an outer body that makes an inner one the body
	runShare     = 0.8 // share of the words of the run in the element around it
	blockCost    = 10  // words that a block must have to lengthen the run
	linkCost     = 3   // words that each word of a link takes from the run
)

// voteBody adds one to the score of each block in the body of the page. It reports
// whether it found a body.
//
// The body is what the names of elements call so, such as articleBody or
// entry-content. If no names do, it is the smallest element around the run of blocks
// that has most words when each block and each link in it costs some. Blocks of
// links, and those in elements with names of [furniture], are not in the body.
func (p *page) voteBody() bool {
	beside := p.besides()
	in := p.named(beside)
	if in == nil {
		in = p.aroundRun(beside)
	}
	if in == nil {
		return false
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.size() > 0 && !beside[i] && float64(b.linked) < maxLinked*float64(b.size()) && in(b) {
			b.score++
		}
	}
	return true
}

// plain returns the number of words outside of links.
func (b *block) plain() int { return b.size() - b.linked }

// besides reports for each block whether it stands beside the text: in an element
// with a name of furniture that does not hold much of the page.
func (p *page) besides() []bool {
	total, words := 0, map[*html.Node]int{}
	for i := range p.blocks {
		b := &p.blocks[i]
		total += b.plain()
		for n := b.holder; n != nil; n = n.Parent {
			words[n] += b.plain()
		}
	}
	known := map[*html.Node]bool{nil: false}
	var isBeside func(n *html.Node) bool
	isBeside = func(n *html.Node) bool {
		is, ok := known[n]
		if !ok {
			is = float64(words[n]) <= maxBeside*float64(total) &&
				(n.DataAtom == atom.Aside || n.DataAtom == atom.Form || furnitureName(n) != "" || isBeside(n.Parent))
			known[n] = is
		}
		return is
	}
	beside := make([]bool, len(p.blocks))
	for i := range p.blocks {
		beside[i] = isBeside(p.blocks[i].holder)
	}
	return beside
}

// bodyName matches names of elements with the text of an article.
var bodyName = regexp.MustCompile(`(?i)(article|entry|post|story|blog|news)[-_]{0,2}(body|content|text|copy|main)|(body|content|text|copy)[-_]{0,2}(article|entry|post|story)|^e-content$`)

// named returns what reports whether a block is in the named body, or nil if the
// page has none.
func (p *page) named(beside []bool) func(*block) bool {
	names := bodyNames{nil: nil}
	total, words := 0, map[string]int{}
	for i := range p.blocks {
		if b := &p.blocks[i]; !beside[i] {
			total += b.plain()
			for _, name := range names.around(b.holder) {
				words[name] += b.plain()
			}
		}
	}
	most := 0
	for _, count := range words {
		most = max(most, count)
	}
	if most < minNamedSize || float64(most) < minNamed*float64(total) {
		return nil
	}
	body, size := "", most+1
	for name, count := range words {
		if float64(count) >= innerShare*float64(most) && (count < size || count == size && name < body) {
			body, size = name, count
		}
	}
	return func(b *block) bool { return slices.Contains(names.around(b.holder), body) }
}

// bodyNames are the names of bodies that elements and those around them have.
type bodyNames map[*html.Node][]string

// around returns the names of n and of the elements around it, each once.
func (names bodyNames) around(n *html.Node) []string {
	if found, ok := names[n]; ok {
		return found
	}
	found := slices.Clip(names.around(n.Parent))
	for _, a := range n.Attr {
		if a.Key != "class" && a.Key != "id" && a.Key != "itemprop" || n.DataAtom == atom.Body {
			continue
		}
		for name := range strings.FieldsSeq(a.Val) {
			if bodyName.MatchString(name) && !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	names[n] = found
	return found
}

// aroundRun returns what reports whether a block is in the element around the
// longest run of text, or nil if there is no text.
func (p *page) aroundRun(beside []bool) func(*block) bool {
	first, last := p.longestRun(beside)
	total, words := 0, map[*html.Node]int{}
	for i := first; i < last; i++ {
		if b := &p.blocks[i]; !beside[i] {
			total += b.plain()
			for n := b.holder; n != nil; n = n.Parent {
				words[n] += b.plain()
			}
		}
	}
	var around *html.Node
	for n, count := range words {
		if float64(count) >= runShare*float64(total) && (around == nil || inside(n, around)) {
			around = n
		}
	}
	if around == nil {
		return nil
	}
	return func(b *block) bool { return inside(b.holder, around) }
}

// longestRun returns the run of blocks that has most words when each block and each
// link costs some: the maximum subsequence.
func (p *page) longestRun(beside []bool) (first, last int) {
	sum, best, start := 0, 0, 0
	for i := range p.blocks {
		b := &p.blocks[i]
		value := b.size() - linkCost*b.linked - blockCost
		switch {
		case b.size() == 0:
			continue
		case beside[i]:
			value = -max(b.size(), blockCost)
		case b.heading > 0:
			value = max(value, 0)
		}
		if sum <= 0 {
			sum, start = 0, i
		}
		if sum += value; sum > best {
			best, first, last = sum, start, i+1
		}
	}
	return first, last
}
