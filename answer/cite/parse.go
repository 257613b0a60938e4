package cite

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser()

// Parse parses a chunk. Inside means that the chunk does not start its page.
//
// Ingestion writes the text of a page into Markdown without escaping it, so
// what looks like a mark may be text: a tag unknown to HTML, __init__, a
// backslash before most characters. Parse keeps these.
func Parse(chunk string, inside bool) *Text {
	chunk = strings.ToValidUTF8(chunk, "\uFFFD")
	prefix := ""
	if inside {
		prefix = missingOpening(chunk)
	}
	src := []byte(prefix + chunk)
	w := &writer{src: src, t: newText(utf8.RuneCount(src)), runeAt: runeOffsets(src, utf8.RuneCountInString(prefix))}
	w.blocks(markdown.Parse(text.NewReader(src)))
	w.t.cut = inside && prefix == "" && startsMidSentence(chunk)
	return w.t
}

// blocks writes the leaf blocks of n.
func (w *writer) blocks(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		before := len(w.t.blocks)
		w.block(heading, func() { w.inlines(n) })
		for i := range w.t.blocks[before:] {
			w.t.blocks[before+i].level = n.Level
		}
	case *ast.Paragraph, *ast.TextBlock:
		w.paragraph(n)
	case *ast.List:
		w.group(func() {
			w.at.depth++
			w.children(n)
			w.at.depth--
		})
	case *ast.ListItem:
		before := len(w.t.blocks)
		if w.at.depth == 1 {
			w.at.item++
		}
		w.children(n)
		if len(w.t.blocks) > before {
			w.t.blocks[before].ordinal, w.t.blocks[before].starts = w.ordinal(n), true
		}
	case *ast.FencedCodeBlock:
		w.group(func() { w.lines(Code, n.Lines()) })
	case *ast.CodeBlock:
		w.group(func() { w.lines(Code, n.Lines()) })
	case *east.Table:
		w.group(func() { w.children(n) })
	case *ast.HTMLBlock:
		w.lines(Prose, n.Lines())
	case *east.TableHeader:
		w.row(headerRow, n)
	case *east.TableRow:
		w.row(Row, n)
	default:
		w.children(n)
	}
}

// group calls write for a list, a table or a code block. One within another belongs
// to that.
func (w *writer) group(write func()) {
	if w.at.group > 0 {
		write()
		return
	}
	w.groups++
	w.at = place{group: w.groups}
	write()
	w.at = place{}
}

func (w *writer) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.blocks(c)
	}
}

var ordinal = regexp.MustCompile(`(\d{1,9})[.)][ \t]*$`)

// ordinal returns the number of a list item, or "".
func (w *writer) ordinal(n *ast.ListItem) string {
	c := n.FirstChild()
	if c == nil || c.Lines().Len() == 0 {
		return ""
	}
	start := c.Lines().At(0).Start
	line := w.src[bytes.LastIndexByte(w.src[:start], '\n')+1 : start]
	if m := ordinal.FindSubmatch(line); m != nil {
		return string(m[1])
	}
	return ""
}

// block writes a block by calling write. A blank block is dropped.
func (w *writer) block(kind Kind, write func()) {
	t := w.t
	mark := len(t.shown)
	write()
	start, end := mark, len(t.shown)
	for start < end && unicode.IsSpace(t.shown[start]) {
		start++
	}
	for end > start && unicode.IsSpace(t.shown[end-1]) {
		end--
	}
	if start == end {
		t.shown, t.from, t.to, t.breaks, t.code, t.link = t.shown[:mark], t.from[:mark], t.to[:mark], t.breaks[:mark], t.code[:mark], t.link[:mark]
		return
	}
	t.blocks = append(t.blocks, block{kind: kind, start: start, end: end, place: w.at})
	w.add('\n', t.to[end-1], t.to[end-1], false)
}

// row writes the cells of a row.
func (w *writer) row(kind Kind, n ast.Node) {
	w.block(kind, func() {
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			w.inlines(c)
			w.add('\t', w.runeAt[w.last], w.runeAt[w.last], false)
		}
	})
}

// lines writes each line as a block, prose without its tags.
func (w *writer) lines(kind Kind, ls *text.Segments) {
	for i := range ls.Len() {
		seg := ls.At(i)
		w.block(kind, func() {
			if kind == Code {
				w.asCode(func() { w.raw(seg.Start, seg.Stop) })
				return
			}
			at := seg.Start
			for _, m := range htmlTag.FindAllIndex(w.src[seg.Start:seg.Stop], -1) {
				w.text(at, seg.Start+m[0])
				w.gap()
				at = seg.Start + m[1]
			}
			w.text(at, seg.Stop)
		})
	}
}

// inlines writes the text of n's children.
func (w *writer) inlines(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.inline(c)
	}
}

func (w *writer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		if n.IsRaw() {
			w.raw(n.Segment.Start, n.Segment.Stop)
		} else {
			w.text(n.Segment.Start, n.Segment.Stop)
		}
		if n.HardLineBreak() {
			w.gap()
		}
		if n.SoftLineBreak() || n.HardLineBreak() {
			w.add(' ', w.runeAt[w.last], w.runeAt[w.last], true)
		}
	case *ast.CodeSpan:
		w.asCode(func() {
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if seg, ok := c.(*ast.Text); ok {
					w.raw(seg.Segment.Start, seg.Segment.Stop)
				}
			}
		})
	case *ast.Link:
		w.link = true
		w.inlines(n)
		w.link = false
	case *ast.AutoLink:
		if i := bytes.Index(w.src[w.last:], n.Label(w.src)); i >= 0 {
			w.link = true
			w.raw(w.last+i, w.last+i+len(n.Label(w.src)))
			w.link = false
		}
	case *ast.RawHTML:
		for i := range n.Segments.Len() {
			seg := n.Segments.At(i)
			if htmlTag.Match(w.src[seg.Start:seg.Stop]) {
				w.gap()
			} else {
				w.raw(seg.Start, seg.Stop)
			}
			w.last = max(w.last, seg.Stop)
		}
	case *ast.Image: // its alternative text is not shown
		w.gap()
	case *ast.Emphasis:
		w.emphasis(n)
	default:
		w.inlines(n)
	}
}

// emphasis writes n without its marks, unless it is a name such as __init__.
func (w *writer) emphasis(n *ast.Emphasis) {
	child, ok := n.FirstChild().(*ast.Text)
	if ok && n.Level == 2 && n.ChildCount() == 1 {
		from, to := child.Segment.Start, child.Segment.Stop
		if from >= 2 && to+2 <= len(w.src) && w.src[from-1] == '_' && !bytes.ContainsAny(w.src[from:to], " \n") {
			w.raw(from-2, to+2)
			return
		}
	}
	w.inlines(n)
}

// maxTermRunes is more than the names and signatures that manuals explain have.
const maxTermRunes = 100

// paragraph writes a paragraph. If all of it is strong and it is not a
// sentence, it is a term.
func (w *writer) paragraph(n ast.Node) {
	before := len(w.t.blocks)
	w.block(Prose, func() { w.inlines(n) })
	strong, ok := n.FirstChild().(*ast.Emphasis)
	if !ok || strong.Level != 2 || n.ChildCount() != 1 || len(w.t.blocks) == before {
		return
	}
	bl := &w.t.blocks[before]
	bl.isTerm = bl.end-bl.start <= maxTermRunes && !EndsSentence(string(w.t.shown[bl.start:bl.end]))
}
