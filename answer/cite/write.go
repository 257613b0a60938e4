package cite

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A writer turns the blocks of a parsed chunk into a Text.
type writer struct {
	src    []byte
	runeAt []int
	t      *Text
	last   int   // end of the last written bytes of src
	code   bool  // code is being written
	link   bool  // the text of a link is being written
	groups int   // number of groups so far
	at     place // of the next block
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

// gap records that the page may show something here: an image, or a tag that is
// text.
func (w *writer) gap() { w.t.gaps = append(w.t.gaps, len(w.t.shown)) }

// asCode marks the text that write writes as code.
func (w *writer) asCode(write func()) {
	w.code = true
	write()
	w.code = false
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
		if w.src[i] == '&' {
			m := entity.Find(w.src[i:to])
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
	w.t.link = append(w.t.link, w.link)
}

var (
	entity  = regexp.MustCompile(`^&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	htmlTag = regexp.MustCompile(`(?is)<!--.*?-->|</?(?:` + strings.Join(slices.Concat(blockTags, inlineTags), "|") + `)(?:\s[^<>]*)?/?>`)

	blockTags  = strings.Fields("article aside blockquote body br center details dd div dl dt figcaption figure footer h[1-6] header hr html iframe li main nav ol p pre section style summary table tbody td th thead tr ul video")
	inlineTags = strings.Fields("a abbr b cite code del em font i img input ins kbd label mark q s samp small span strike strong sub sup time tt u var")
)
