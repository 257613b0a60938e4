package chunker

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// A filler makes the chunks of one section.
type filler struct {
	*document
	from, to         mark // the chunk so far
	used             int  // its size, with the prefix
	prefix           string
	ownFrom          int   // byte where the overlap with the previous chunk ends
	starts           []int // bytes after ownFrom where an overlap may begin: blocks, sentences, lines
	noOverlapBefore  int   // byte before which no overlap begins
	hasOwn           bool  // whether it has more than an overlap and headings
	hasHeading       bool  // whether it has headings
	trailingHeadings mark  // start of the headings at its end; zero if there are none
}

// fill makes chunks of sections [i, j), all but the last of which are bare and
// which together are longer than a chunk.
func (d *document) fill(i, j int) {
	f := filler{document: d}
	f.begin(unit{from: d.sections[i].mark})
	for k := i; k < j; k++ {
		at, end := d.sections[k].mark, d.sections[k+1].bytes
		if headEnd := min(d.sections[k].headEnd, end); headEnd > at.bytes {
			u := d.newUnit(at, headEnd, heading)
			f.add(u)
			at = u.to
		}
		d.blocks(at, end, f.add)
	}
	if f.hasOwn || f.hasHeading {
		f.close()
	}
}

// add adds a unit to the chunk, or closes the chunk and begins the next with the
// unit, or cuts the unit.
func (f *filler) add(u unit) {
	if f.addIfFits(u) {
		return
	}
	switch {
	case f.hasOwn && (u.size()-u.trailing <= f.size || 2*f.used >= f.size):
		if f.trailingHeadings.bytes > 0 {
			f.moveTrailingHeadings(u)
			break
		}
		f.close()
		f.repeat(u)
	case !f.hasOwn && !f.hasHeading:
		f.begin(u) // An overlap alone is no chunk.
	}
	if f.addIfFits(u) {
		return
	}
	if u.level < single {
		f.cut(u)
		return
	}
	if f.hasOwn || f.hasHeading {
		f.close()
	}
	f.begin(u)
	f.extend(u)
}

// addIfFits adds a unit to the chunk if it fits.
func (f *filler) addIfFits(u unit) bool {
	if f.used+u.size()-u.trailing > f.size {
		return false
	}
	f.extend(u)
	return true
}

func (f *filler) extend(u unit) {
	f.to = u.to
	f.used += u.size()
	if isBlank(f.text[u.from.bytes:u.to.bytes]) {
		return
	}
	switch u.level {
	case heading:
		if f.trailingHeadings.bytes == 0 && f.hasOwn {
			f.trailingHeadings = u.from
		}
		f.hasHeading, f.noOverlapBefore = true, u.to.bytes
		// So long a run of headings leaves no room for text.
		f.hasOwn = f.hasOwn || 2*f.used > f.size
		return
	case prose, sentence:
		f.starts = append(f.starts, u.from.bytes)
	case line:
		if u.head == 0 {
			f.starts = append(f.starts, u.from.bytes)
			break
		}
		f.noOverlapBefore = u.to.bytes
	default:
		f.noOverlapBefore = u.to.bytes
	}
	f.hasOwn, f.trailingHeadings = true, mark{}
}

// moveTrailingHeadings closes the chunk without the headings at its end, and begins the
// next chunk with them. u is the unit that follows.
func (f *filler) moveTrailingHeadings(u unit) {
	tail := f.newUnit(f.trailingHeadings, u.from.bytes, heading)
	f.to = f.trailingHeadings
	f.close()
	f.begin(tail)
	f.extend(tail)
}

// begin begins an empty chunk. u is the unit that follows.
func (f *filler) begin(u unit) {
	f.from, f.to, f.ownFrom, f.starts = u.from, u.from, u.from.bytes, f.starts[:0]
	f.used, f.prefix, f.noOverlapBefore, f.hasOwn, f.hasHeading, f.trailingHeadings = 0, "", 0, false, false, mark{}
	if u.head > 0 && u.from.bytes >= u.head {
		f.used, f.prefix = u.prefixSize, u.prefix
	}
}

// repeat begins a chunk with the end of the previous one. u is the unit that follows;
// unless it is longer than a chunk, the overlap leaves room for it.
func (f *filler) repeat(u unit) {
	window := f.overlap
	if n := u.size() - u.trailing; n <= f.size {
		window = min(window, f.size-n)
	}
	at := f.overlapStart(window)
	f.begin(u)
	if at < 0 || f.prefix != "" {
		return
	}
	f.used = f.measure(at, u.from.bytes)
	f.from = mark{at, u.from.size - f.used}
}

// overlapStart returns where the overlap begins: the longest end of the chunk that
// consists of whole sentences and has at most the size of window; -1 if there is none.
func (f *filler) overlapStart(window int) int {
	reach := window * utf8.UTFMax
	if f.count != nil {
		reach *= utf8.UTFMax // Tokens of more than four runes are left out of an overlap.
	}
	low := max(f.noOverlapBefore, f.ownFrom, f.from.bytes+1, f.to.bytes-reach)
	for i, at := range f.starts {
		end := f.to.bytes
		if i+1 < len(f.starts) {
			end = f.starts[i+1]
		}
		// Whether a sentence begins at low depends on the text before it.
		at = max(at, runeStart(f.text, min(low, end)-lookBackBytes))
		for at < end {
			if at >= low && f.measure(at, f.to.bytes) <= window {
				return at
			}
			at = f.graphemes.forward(nextSentence(f.text, at, end), end)
		}
	}
	return -1
}

// lastCut returns where the longest end of the chunk begins that has at most the size of
// window, cut between units of a level; -1 if there is none.
func (f *filler) lastCut(l level, window int) int {
	u := unit{from: f.from, to: f.to}
	for at := f.next(l, u, f.from.bytes); at < f.to.bytes; at = f.next(l, u, at) {
		if f.measure(at, f.to.bytes) <= window && !isBlank(f.text[at:f.to.bytes]) {
			return at
		}
	}
	return -1
}

// close adds the chunk to the document's.
func (f *filler) close() { f.chunk(f.from, f.to, f.prefix) }

// cut adds the pieces of u at the next finer level that has more than one.
func (f *filler) cut(u unit) {
	l := u.level.finer()
	end := f.next(l, u, u.from.bytes)
	for l < single && end == u.to.bytes {
		l++
		end = f.next(l, u, u.from.bytes)
	}
	for at := u.from; ; end = f.next(l, u, at.bytes) {
		piece := f.newUnit(at, end, l)
		piece.head, piece.prefix, piece.prefixSize = u.head, u.prefix, u.prefixSize
		f.add(piece)
		if at = piece.to; end == u.to.bytes {
			return
		}
	}
}

// next returns where the piece of u that begins at a byte ends.
func (f *filler) next(l level, u unit, at int) int {
	text, to := f.text, u.to.bytes
	end := to
	switch l {
	case sentence:
		end = nextSentence(text, at, to)
	case lines:
		end = linesEnd(text, u, at)
	case line:
		end = lineEnd(text, at, to)
	case space:
		end = wordEnd(text, at, to)
	case word:
		it := words.FromString(text[at:to])
		if it.Next() {
			end = at + it.End()
		}
	case character, single:
		_, width := utf8.DecodeRuneInString(text[at:])
		end = at + width
	}
	if l == single {
		return end
	}
	return f.graphemes.forward(end, to)
}

// wordEnd returns the end of the white space after the word at a byte.
func wordEnd(text string, at, to int) int {
	rest := strings.TrimLeftFunc(text[at:to], isSpace)
	i := strings.IndexFunc(rest, isSpace)
	if i < 0 {
		return to
	}
	return to - len(strings.TrimLeftFunc(rest[i:], isSpace))
}

// linesEnd returns the end of the lines of code or a table that begin at a byte and
// belong together: the head with the first line of the body, and the line that closes a
// fence with the line before it.
func linesEnd(text string, u unit, at int) int {
	to := u.to.bytes
	end := lineEnd(text, max(at, min(u.head, to)), to)
	if u.level != fence {
		return end
	}
	if closing, _ := fenceRun(unquote(text[end:to])); closing >= 3 && strings.TrimSpace(text[lineEnd(text, end, to):to]) == "" {
		return to
	}
	return end
}
