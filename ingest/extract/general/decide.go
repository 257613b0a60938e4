package general

import (
	"slices"

	"golang.org/x/net/html"
)

// smooth decides by the scores which blocks stay: those that most extractors took.
func (p *page) smooth(voters int) {
	for i := range p.blocks {
		b := &p.blocks[i]
		b.keep = b.size() > 0 && 2*b.score > float64(voters)
	}
}

// sole is about the score of a block that one extractor took.
const sole = 0.9

// join keeps a paragraph, code or a table that one extractor took, if the blocks
// around it are kept and have the same parent: extractors that look for prose leave
// out what is between prose.
func (p *page) join() {
	type span struct{ first, last, words int }
	spans := map[*html.Node]span{}
	for i := range p.blocks {
		b := &p.blocks[i]
		if !b.keep {
			continue
		}
		s, ok := spans[b.holder.Parent]
		if !ok {
			s.first = i
		}
		s.last, s.words = i, s.words+b.size()
		spans[b.holder.Parent] = s
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.keep || b.score < sole || b.size() == 0 {
			continue
		}
		if p.between(i) && b.linked*2 < b.size() {
			b.keep = true
			continue
		}
		s, ok := spans[b.holder.Parent]
		prose := b.size() >= longBlock && b.linked*3 < b.size()
		if ok && s.words >= 2*longBlock && (prose || b.isCode()) && (s.first < i && i < s.last || i < s.first && i >= s.first-3) {
			b.keep = true
		}
	}
}

// between reports whether the blocks with text before and after block i are kept,
// at least one of them of the same parent.
func (p *page) between(i int) bool {
	parent, related := p.blocks[i].holder.Parent, false
	for _, step := range []int{-1, 1} {
		j := i + step
		for j >= 0 && j < len(p.blocks) && p.blocks[j].size() == 0 {
			j += step
		}
		if j < 0 || j >= len(p.blocks) || !p.blocks[j].keep {
			return false
		}
		related = related || p.blocks[j].holder.Parent == parent
	}
	return related
}

// maxLead is how far below the title, in words, a lead ends.
const maxLead = 150

// lead keeps the sentences between the title and the first kept paragraph, if any
// extractor took some of them: an extractor that looks for the container of the
// text misses the text before it.
func (p *page) lead() {
	title := p.titleBlock()
	if title == nil {
		return
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		switch {
		case b.start < title.end:
		case b.start > title.end+maxLead, b.keep && b.heading == 0 && b.size() >= longBlock:
			return
		case b.size() >= shortLine && b.linked*3 < b.size() && b.score > 0.05 && !b.isCode() && sentence.MatchString(b.text()):
			b.keep = true
		}
	}
}

// headings keeps the headings of the paragraphs that are kept: what stands below a
// heading is understood by it.
func (p *page) headings() {
	open := -1 // a heading that is not kept, and after which nothing is kept yet
	for i := range p.blocks {
		b := &p.blocks[i]
		switch {
		case b.size() == 0:
		case b.heading > 0:
			open = -1
			if !b.keep && b.heading > 1 && !related.MatchString(b.text()) && b.linked*2 < b.size() {
				open = i
			}
		case b.keep && open >= 0:
			p.blocks[open].keep = b.holder.Parent == p.blocks[open].holder.Parent && !b.isCode()
			open = -1
		case b.size() >= longBlock:
			open = -1 // Of what is left out.
		}
	}
}

// title keeps the title of the page and drops headings that repeat it.
func (p *page) title() {
	best := p.titleBlock()
	if best == nil {
		return
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.heading > 0 && slices.Equal(p.words[b.start:b.end], p.words[best.start:best.end]) {
			b.keep = false
		}
	}
	best.keep = true
}

// titleBlock returns the only first-level heading, or the first one that the title
// element contains; nil if there is neither.
func (p *page) titleBlock() *block {
	var best *block
	count := 0
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.heading != 1 || b.size() == 0 {
			continue
		}
		count++
		if best == nil || !p.titled(best) && p.titled(b) {
			best = b
		}
	}
	if best == nil || count > 1 && !p.titled(best) {
		return nil
	}
	return best
}

// titled reports whether the title element contains the words of a block.
func (p *page) titled(b *block) bool {
	words, n := p.words[b.start:b.end], b.size()
	for i := n; i <= len(p.name); i++ {
		if slices.Equal(p.name[i-n:i], words) {
			return true
		}
	}
	return false
}
