package reader

import "strings"

// A Part is a part of an answer that cites documents.
type Part struct {
	Text       string
	Document   int // that the text rests on, from 1; 0 if it cites none
	Start, End int // rune offsets of what it cites in the document
}

// Parts returns the answer as the parts that cite one document each, and what stands
// between them.
func (p Prompt) Parts() []Part {
	best := p.rank()
	if len(p.sources) == 0 || len(best) == 0 {
		return []Part{{Text: p.Answer()}}
	}
	var out []Part
	for i, f := range best {
		if i > 0 {
			out = append(out, Part{Text: " "})
		}
		out = append(out, Part{strings.TrimRight(f.text, "."), f.n, f.start, f.end}, Part{Text: "."})
	}
	return out
}
