package cite

// Sentences returns what can be quoted, in order: sentences of prose, lines of
// code and rows of tables, but no headings and table headers.
func (t *Text) Sentences() []Passage {
	var out []Passage
	for b, bl := range t.blocks {
		switch bl.kind {
		case heading, headerRow:
		case Code, Row:
			out = append(out, t.passage(b, bl.start, bl.end))
		default:
			for _, s := range t.split(bl) {
				p := t.passage(b, s[0], s[1])
				p.Whole = EndsSentence(p.Text) && !(t.cut && len(out) == 0 && p.First)
				if rowLine(p.Text) {
					p.Kind, p.Whole = Row, false
				}
				out = append(out, p)
			}
		}
	}
	return out
}
