package cite

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown returns blocks of the text, in order, as Markdown that shows what the
// page shows: lists with their marks, tables with their lines, code in a fence. prose
// is called for each run of text outside of code and returns what may stand there.
func (t *Text) Markdown(blocks []int, prose func(string) string) string {
	m := markdownWriter{t: t, prose: prose}
	for k, b := range blocks {
		if k == 0 {
			m.block(t.blocks[b], nil)
			continue
		}
		m.block(t.blocks[b], &t.blocks[blocks[k-1]])
	}
	m.closeFence()
	return m.out.String()
}

// EndsProse reports whether the last of the blocks is a paragraph.
func (t *Text) EndsProse(blocks []int) bool {
	bl := t.blocks[blocks[len(blocks)-1]]
	return bl.kind == Prose && bl.group == 0
}

// A markdownWriter is one call of [Text.Markdown].
type markdownWriter struct {
	t     *Text
	prose func(string) string
	out   strings.Builder
	code  []string // lines of the open fence
	end   int      // rune offset in the chunk where they end
}

// block writes a block that follows another, nil for the first.
func (m *markdownWriter) block(bl block, before *block) {
	if bl.kind == Code {
		if before != nil && len(m.code) == 0 {
			m.out.WriteString("\n\n")
		} else if len(m.code) > 0 && before.group != bl.group {
			m.closeFence()
			m.out.WriteString("\n\n")
		}
		m.line(bl)
		return
	}
	m.closeFence()
	isRow := bl.kind >= Row
	switch {
	case before == nil:
	case isRow && before.kind >= Row && bl.group == before.group, bl.starts && bl.group == before.group:
		m.out.WriteString("\n")
	case bl.isTerm && before.isTerm:
		m.out.WriteString(", ")
	case before.isTerm && !isRow && bl.depth == 0:
		m.out.WriteString(": ")
	default:
		m.out.WriteString("\n\n")
	}
	switch {
	case isRow:
		m.row(bl)
	case bl.isTerm:
		m.out.WriteString("**" + strings.TrimRight(m.inline(bl.start, bl.end), ":") + "**")
	default:
		m.out.WriteString(itemMark(bl) + m.inline(m.t.uncut(bl)))
	}
}

// uncut returns the range of a block of prose without a sentence that the chunk cuts,
// unless that is all.
func (t *Text) uncut(bl block) (start, end int) {
	isFirst, isLast := t.cut && bl.start == t.blocks[0].start, bl.end == t.blocks[len(t.blocks)-1].end
	if !isFirst && (!isLast || EndsSentence(string(t.shown[bl.start:bl.end]))) {
		return bl.start, bl.end
	}
	all := t.split(bl)
	if isFirst && len(all) > 1 {
		all = all[1:]
	}
	if last := all[len(all)-1]; isLast && len(all) > 1 && !EndsSentence(string(t.shown[last[0]:last[1]])) {
		all = all[:len(all)-1]
	}
	return all[0][0], all[len(all)-1][1]
}

// itemMark returns what stands in front of a block in a list.
func itemMark(bl block) string {
	if bl.depth == 0 {
		return ""
	}
	indent := strings.Repeat("  ", bl.depth-1)
	switch {
	case !bl.starts:
		return indent + "  "
	case bl.ordinal != "":
		return indent + bl.ordinal + ". "
	}
	return indent + "- "
}

// inline returns shown[i:j] with code in backticks.
func (m *markdownWriter) inline(i, j int) string {
	var b strings.Builder
	for i < j {
		k := i
		for k < j && m.t.code[k] == m.t.code[i] {
			k++
		}
		s := string(m.t.shown[i:k])
		if m.t.code[i] && !strings.ContainsAny(s, "`\t") {
			b.WriteString("`" + strings.Join(strings.Fields(s), " ") + "`")
		} else {
			b.WriteString(m.run(s))
		}
		i = k
	}
	return b.String()
}

// run returns a run of text outside of code, on one line, with the space around it.
func (m *markdownWriter) run(s string) string {
	text := strings.Join(strings.Fields(s), " ")
	if text == "" {
		return " "
	}
	first, last := rune(s[0]), rune(s[len(s)-1])
	text = m.prose(text)
	if unicode.IsSpace(first) {
		text = " " + text
	}
	if unicode.IsSpace(last) {
		text += " "
	}
	return text
}

// row writes a row of a table. A header is followed by a line.
func (m *markdownWriter) row(bl block) {
	at, end := m.t.lineAround(bl)
	cells := strings.Split(strings.TrimSuffix(string(m.t.shown[at:end]), "\t"), "\t")
	for _, c := range cells {
		n := utf8.RuneCountInString(c)
		i, j := m.t.trim(at, at+n)
		m.out.WriteString("| " + strings.ReplaceAll(m.inline(i, j), "|", `\|`) + " ")
		at += n + 1
	}
	m.out.WriteString("|")
	if bl.kind == headerRow {
		m.out.WriteString("\n" + strings.Repeat("|---", len(cells)) + "|")
	}
}

// lineAround returns the range of a block with the white space around it.
func (t *Text) lineAround(bl block) (start, end int) {
	start, end = bl.start, bl.end
	for start > 0 && t.shown[start-1] != '\n' {
		start--
	}
	for end < len(t.shown) && t.shown[end] != '\n' {
		end++
	}
	return start, end
}

// line adds a line of code, after an empty one if the chunk has one there.
func (m *markdownWriter) line(bl block) {
	start, end := m.t.lineAround(bl)
	if len(m.code) > 0 && m.t.from[start] > m.end {
		m.code = append(m.code, "")
	}
	m.code = append(m.code, string(m.t.shown[start:bl.end]))
	m.end = m.t.to[end-1]
}

// closeFence writes the lines of code, without the indentation that all have, in
// a fence that none of them closes.
func (m *markdownWriter) closeFence() {
	if len(m.code) == 0 {
		return
	}
	indent, fence := -1, "```"
	for _, l := range m.code {
		if n := len(l) - len(strings.TrimLeft(l, " \t")); l != "" && (indent < 0 || n < indent) {
			indent = n
		}
		for strings.HasPrefix(strings.TrimSpace(l), fence) {
			fence += "`"
		}
	}
	m.out.WriteString(fence + "\n")
	for _, l := range m.code {
		m.out.WriteString(l[min(len(l), max(indent, 0)):] + "\n")
	}
	m.out.WriteString(fence)
	m.code = nil
}
