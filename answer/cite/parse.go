package cite

import (
	"bytes"
	"html"
	"regexp"
	"slices"
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
	w := &writer{src: src, t: &Text{}, runeAt: runeOffsets(src, utf8.RuneCountInString(prefix))}
	w.blocks(markdown.Parse(text.NewReader(src)))
	w.t.cut = inside && prefix == "" && startsMidSentence(chunk)
	return w.t
}

// runeOffsets returns the number of the rune at each byte of src and at its
// end, minus skip.
func runeOffsets(src []byte, skip int) []int {
	at := make([]int, len(src)+1)
	n := -1
	for i, b := range src {
		if utf8.RuneStart(b) {
			n++
		}
		at[i] = n - skip
	}
	at[len(src)] = n + 1 - skip
	return at
}

// A writer turns the blocks of a parsed chunk into a Text.
type writer struct {
	src    []byte
	runeAt []int
	t      *Text
	last   int  // end of the last written bytes of src
	code   bool // code is being written
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
	case *ast.ListItem:
		before := len(w.t.blocks)
		w.children(n)
		if len(w.t.blocks) > before {
			w.t.blocks[before].ordinal = w.ordinal(n)
		}
	case *ast.FencedCodeBlock:
		w.lines(Code, n.Lines())
	case *ast.CodeBlock:
		w.lines(Code, n.Lines())
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
		t.shown, t.from, t.to, t.breaks, t.code = t.shown[:mark], t.from[:mark], t.to[:mark], t.breaks[:mark], t.code[:mark]
		return
	}
	t.blocks = append(t.blocks, block{kind: kind, start: start, end: end})
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
	case *ast.AutoLink:
		if i := bytes.Index(w.src[w.last:], n.Label(w.src)); i >= 0 {
			w.raw(w.last+i, w.last+i+len(n.Label(w.src)))
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

// gap records that the page may show something here: an image, or a tag that is
// text.
func (w *writer) gap() { w.t.gaps = append(w.t.gaps, len(w.t.shown)) }

// asCode marks the text that write writes as code.
func (w *writer) asCode(write func()) {
	w.code = true
	write()
	w.code = false
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

// raw writes the bytes [from, to) of the source unchanged.
func (w *writer) raw(from, to int) {
	for i := from; i < to; {
		r, size := utf8.DecodeRune(w.src[i:to])
		w.add(r, w.runeAt[i], w.runeAt[i]+1, r == '\n')
		i += size
	}
	w.last = max(w.last, to)
}

// escapable are the characters that a backslash escapes. Before any other
// character a backslash is text, as in an expression, a formula or a path.
const escapable = "_*#`<>|"

// text writes the bytes [from, to) with escapes and entities resolved.
func (w *writer) text(from, to int) {
	for i := from; i < to; {
		if w.src[i] == '\\' && i+1 < to && strings.IndexByte(escapable, w.src[i+1]) >= 0 {
			i++
			w.raw(i, i+1)
			i++
			continue
		}
		if m := entity.Find(w.src[i:to]); m != nil {
			if s := html.UnescapeString(string(m)); s != string(m) {
				for _, r := range s {
					w.add(r, w.runeAt[i], w.runeAt[i+len(m)], false)
				}
				i += len(m)
				continue
			}
		}
		_, size := utf8.DecodeRune(w.src[i:to])
		w.raw(i, i+size)
		i += size
	}
	w.last = max(w.last, to)
}

// add writes one rune, which represents the runes [from, to) of the chunk.
func (w *writer) add(r rune, from, to int, lineEnd bool) {
	if r == '\n' && lineEnd {
		r = ' '
	}
	w.t.shown = append(w.t.shown, r)
	w.t.from = append(w.t.from, from)
	w.t.to = append(w.t.to, to)
	w.t.breaks = append(w.t.breaks, lineEnd)
	w.t.code = append(w.t.code, w.code)
}

var (
	entity  = regexp.MustCompile(`^&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	htmlTag = regexp.MustCompile(`(?is)<!--.*?-->|</?(?:` + strings.Join(slices.Concat(blockTags, inlineTags), "|") + `)(?:\s[^<>]*)?/?>`)

	blockTags  = strings.Fields("article aside blockquote body br center details dd div dl dt figcaption figure footer h[1-6] header hr html iframe li main nav ol p pre section style summary table tbody td th thead tr ul video")
	inlineTags = strings.Fields("a abbr b cite code del em font i img input ins kbd label mark q s samp small span strike strong sub sup time tt u var")
)
