package cite

import "strings"

// passage returns shown[i:j], which starts in block b.
func (t *Text) passage(b, i, j int) Passage {
	raw := string(t.shown[i:j])
	p := Passage{
		Text:  strings.Join(strings.Fields(raw), " "),
		Start: t.from[i],
		End:   t.to[j-1],
		Kind:  t.blocks[b].kind,
		Block: b,
		First: i == t.blocks[b].start,
		of:    t,
		i:     i,
		j:     j,
	}
	p.Term, p.Under = t.term(b), t.under(b)
	for ; b >= 0; b-- {
		if t.blocks[b].kind == heading {
			p.Heading = string(t.shown[t.blocks[b].start:t.blocks[b].end])
			break
		}
	}
	return p
}

// maxAroundRunes is the maximum length of [Passage.Around].
const maxAroundRunes = 1000

// Around returns the whole sentences, code line or table row that p is part of.
// It returns p if they are very long, and the zero Passage if p is not part of
// a [Text].
func (p Passage) Around() Passage {
	t, i, j := p.of, p.i, p.j
	if t == nil {
		return Passage{}
	}
	for _, bl := range t.blocks {
		if bl.end <= p.i || bl.start >= p.j {
			continue
		}
		parts := [][2]int{{bl.start, bl.end}}
		if bl.kind == Prose {
			parts = t.split(bl)
		}
		for _, s := range parts {
			if s[0] < p.j && s[1] > p.i {
				i, j = min(i, s[0]), max(j, s[1])
			}
		}
	}
	if j-i > maxAroundRunes {
		return p
	}
	return t.passage(p.Block, i, j)
}

// A Title is a heading within a chunk.
type Title struct {
	Level int // 1–6
	Text  string
	First bool // the chunk starts with it
}

// Headings returns the number of headings in the chunk.
func (p Passage) Headings() int {
	n := 0
	if p.of != nil {
		for _, bl := range p.of.blocks {
			if bl.kind == heading {
				n++
			}
		}
	}
	return n
}

// Titles returns the headings of the chunk that p follows or starts with.
func (p Passage) Titles() []Title {
	t := p.of
	if t == nil {
		return nil
	}
	var out []Title
	for b, bl := range t.blocks {
		if bl.kind == heading && bl.start <= p.i {
			out = append(out, Title{bl.level, strings.Join(strings.Fields(string(t.shown[bl.start:bl.end])), " "), b == 0})
		}
	}
	return out
}
