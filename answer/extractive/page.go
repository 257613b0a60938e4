package extractive

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A page is a source with what scoring needs of its blocks.
type page struct {
	*cite.Source
	number  int  // of the source, the best is 0
	isStart bool // it is the start page of a site
	text    *cite.Text
	blocks  []block
}

// A block is a block of a source.
type block struct {
	cite.Block
	mask  mask // the question's terms in it
	fresh int  // distinct terms that neither the question nor the headings above hold
	head  int  // the nearest heading above it; -1 if that is above the source
	path  mask // the question's terms in the headings above it
}

// newPage prepares a source.
func newPage(number int, src *cite.Source, q *query) *page {
	p := &page{Source: src, number: number, isStart: isStart(src.URL), text: src.Parsed()}
	above := bm25.TermSet(src.Section+" "+src.Title, src.Lang)
	path := q.maskOf(above, src.Lang)
	var open headings
	head := -1
	said := above
	for i, b := range p.text.Blocks() {
		terms := bm25.Terms(b.Text, src.Lang)
		bl := block{Block: b, mask: q.mask(terms, src.Lang)}
		if b.IsHeading {
			head, path = i, open.add(b.Level, path, bl.mask)
			said = map[string]bool{}
			for _, t := range terms {
				said[t] = true
			}
		}
		bl.head, bl.path = head, path
		bl.fresh = fresh(terms, said, above, q.bit[src.Lang])
		p.blocks = append(p.blocks, bl)
	}
	return p
}

// headings are those that a place in a page stands below, outermost first.
type headings []struct {
	level int
	above mask // the question's terms in those above it
}

// add adds a heading that stands below path, and returns the terms in it and in
// those above it.
func (h *headings) add(level int, path, own mask) mask {
	for len(*h) > 0 && (*h)[len(*h)-1].level >= level {
		path = (*h)[len(*h)-1].above
		*h = (*h)[:len(*h)-1]
	}
	*h = append(*h, struct {
		level int
		above mask
	}{level, path})
	return path | own
}

// isStart reports whether an address is that of a site's start page: its path is
// empty, or of one part that names no page.
func isStart(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	dir, file := path.Split(strings.TrimSuffix(u.Path, "/"))
	if name, _, _ := strings.Cut(file, "."); slices.Contains(startNames, strings.ToLower(name)) {
		dir = strings.TrimSuffix(dir, "/")
		return strings.Count(dir, "/") <= 1
	}
	return dir == "" || u.Path == "/"
}

// startNames are the names of files that a server sends for a folder, and of pages
// that introduce a site.
var startNames = []string{"index", "readme", "home", "intro", "introduction", "overview", "about"}

// maskOf is [query.mask] of a set.
func (q *query) maskOf(terms map[string]bool, lang string) mask {
	var m mask
	for t, b := range q.bit[lang] {
		if terms[t] {
			m |= 1 << b
		}
	}
	return m
}

// enoughFresh is how many new terms make a statement that is no sentence: with fewer, it
// only repeats its heading, or the question.
const enoughFresh = 2

// fresh counts the terms that stand neither in the heading, nor in the headings
// above the source, nor in the question, up to enoughFresh. A number is enough by
// itself.
func fresh(terms []string, heading, above map[string]bool, asked map[string]int) int {
	var seen [enoughFresh]string
	n := 0
	for _, t := range terms {
		if _, ok := asked[t]; ok || heading[t] || above[t] || n > 0 && seen[0] == t {
			continue
		}
		if strings.ContainsAny(t, "0123456789") {
			return enoughFresh
		}
		if seen[n] = t; n+1 == enoughFresh {
			return enoughFresh
		}
		n++
	}
	return n
}

// heading returns the text of the nearest heading above a block.
func (p *page) heading(b int) string {
	if h := p.blocks[b].head; h >= 0 {
		return p.blocks[h].Text
	}
	return p.Section[max(0, strings.LastIndex(p.Section, " > ")):]
}
