package render

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/text"
)

// A Stream renders a text that is being written. The zero value, with Options, is at
// the begin of the text.
//
// Its work and what it sends are about linear in the length of the text: blocks that
// are complete are rendered once, and of a long block, only every so many bytes.
type Stream struct {
	Options Options

	text string // since the last complete block
	seen int    // bytes of text that were rendered
	html string // of the rendered part of text
	done int    // length of the HTML of the complete blocks, in UTF-16 code units
}

// A Change tells how the HTML of a text changes: after its first Keep UTF-16 code units,
// which is how JavaScript counts, comes HTML. The first Done of the result are complete
// blocks, which stay as they are until the text has ended.
type Change struct {
	Keep int    `json:"keep"`
	HTML string `json:"html"`
	Done int    `json:"done"`
}

// maxShare limits the work on a long block: it is rendered when this part of it is new.
const maxShare = 25

// Add adds text and returns the change, or nil if there is none yet.
func (s *Stream) Add(piece string) *Change {
	s.text += piece
	if len(s.text)-s.seen < len(s.text)/maxShare {
		return nil
	}
	o := s.Options
	o.open = true
	whole, tail := splitLast(s.text)
	fresh := part(whole, s.Options)
	html := fresh + part(closed(tail), o)
	same := commonPrefix(s.html, html)
	c := &Change{Keep: s.done + utf16Len(s.html[:same]), HTML: html[same:]}
	unchanged := len(s.html) == same && len(html) == same
	s.text, s.seen, s.html, s.done = tail, len(tail), html[len(fresh):], s.done+utf16Len(fresh)
	if unchanged {
		return nil
	}
	c.Done = s.done
	return c
}

var (
	footnoteMark  = regexp.MustCompile(`\[\^([^\]\s]{1,40})\]`)
	footnoteBlock = "<div class=\"footnotes\">"
)

// part renders a part of a text. Its footnotes may stand elsewhere: their numbers are
// shown, so that nothing moves when the footnotes come at the end.
func part(markdown string, o Options) string {
	for _, m := range footnoteMark.FindAllStringSubmatch(markdown, maxFootnotes) {
		if !strings.Contains(markdown, m[0]+":") {
			markdown += "\n\n" + m[0] + ": -"
		}
	}
	html, _, _ := strings.Cut(HTML(markdown, o), footnoteBlock)
	return html
}

// maxFootnotes limits the work on a part that is full of them.
const maxFootnotes = 50

// splitLast splits a text at the begin of its last block, if more than the first line
// of that has arrived: until then, it may belong to the block before.
func splitLast(markdown string) (whole, last string) {
	doc := markup.Parser().Parse(text.NewReader([]byte(markdown)))
	n := doc.LastChild()
	for n != nil && n.PreviousSibling() != nil && n.Pos() <= 0 {
		n = n.PreviousSibling() // such as the list of footnotes, which stands nowhere
	}
	if n == nil || n.PreviousSibling() == nil || n.Pos() <= 0 {
		return "", markdown
	}
	at := strings.LastIndexByte(markdown[:n.Pos()], '\n') + 1
	if !strings.Contains(markdown[at:], "\n") {
		return "", markdown
	}
	return markdown[:at], markdown[at:]
}

// commonPrefix returns the length of what two texts begin with, in bytes. It does not
// end inside of a rune.
func commonPrefix(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && i < len(b) && !utf8.RuneStart(b[i]) {
		i--
	}
	for i > 0 && i < len(a) && !utf8.RuneStart(a[i]) {
		i--
	}
	return i
}

// utf16Len returns the length of a text in UTF-16 code units.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
