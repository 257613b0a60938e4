package chunker

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// A filler makes the chunks of one section.
type filler struct {
	*document
	from, to mark // the chunk so far
	used     int  // its size, with the prefix
	prefix   string
	ownFrom  int   // byte where it leaves the chunk before
	starts   []int // bytes behind ownFrom where an overlap may begin: blocks, sentences, lines
	solid    int   // byte in front of which no overlap begins
	hasOwn   bool  // whether it has more than an overlap and headings
	isHead   bool  // whether it has headings and no more
	tail     mark  // where the headings begin that it ends with; zero if it does not
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
	if f.hasOwn || f.isHead {
		f.close()
	}
}

// add adds a unit to the chunk, or closes the chunk and begins the next with the
// unit, or cuts the unit.
func (f *filler) add(u unit) {
	if f.take(u) {
		return
	}
	switch {
	case f.hasOwn && (u.size()-u.trailing <= f.size || 2*f.used >= f.size):
		if f.tail.bytes > 0 {
			f.leaveTail(u)
			break
		}
		f.close()
		f.repeat(u)
	case !f.hasOwn && !f.isHead:
		f.begin(u) // An overlap alone is no chunk.
	}
	if f.take(u) {
		return
	}
	if u.level < single {
		f.cut(u)
		return
	}
	if f.hasOwn || f.isHead {
		f.close()
	}
	f.begin(u)
	f.force(u)
}

// take adds a unit to the chunk if it fits.
func (f *filler) take(u unit) bool {
	if f.used+u.size()-u.trailing > f.size {
		return false
	}
	f.force(u)
	return true
}

func (f *filler) force(u unit) {
	f.to = u.to
	f.used += u.size()
	if isBlank(f.text[u.from.bytes:u.to.bytes]) {
		return
	}
	switch u.level {
	case heading:
		if f.tail.bytes == 0 && f.hasOwn {
			f.tail = u.from
		}
		f.isHead, f.solid = true, u.to.bytes
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
		f.solid = u.to.bytes
	default:
		f.solid = u.to.bytes
	}
	f.hasOwn, f.tail = true, mark{}
}

// leaveTail makes the chunk without the headings that it ends with and begins the
// next with these, in front of a unit.
func (f *filler) leaveTail(u unit) {
	tail := f.newUnit(f.tail, u.from.bytes, heading)
	f.to = f.tail
	f.close()
	f.begin(tail)
	f.force(tail)
}

// begin begins a chunk with nothing, in front of a unit.
func (f *filler) begin(u unit) {
	f.from, f.to, f.ownFrom, f.starts = u.from, u.from, u.from.bytes, f.starts[:0]
	f.used, f.prefix, f.solid, f.hasOwn, f.isHead, f.tail = 0, "", 0, false, false, mark{}
	if u.head > 0 && u.from.bytes >= u.head {
		f.used, f.prefix = u.prefixSize, u.prefix
	}
}

// repeat begins a chunk with the end of the one before, in front of a unit that
// is to fit too, unless it is longer than a chunk.
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

// overlapStart returns where the longest end of the chunk begins that has at
// most the size of window and is made of whole sentences; -1 if there is none.
func (f *filler) overlapStart(window int) int {
	reach := window * utf8.UTFMax
	if f.count != nil {
		reach *= utf8.UTFMax // Tokens of more than four runes are left out of an overlap.
	}
	low := max(f.solid, f.ownFrom, f.from.bytes+1, f.to.bytes-reach)
	for i, at := range f.starts {
		end := f.to.bytes
		if i+1 < len(f.starts) {
			end = f.starts[i+1]
		}
		// To tell whether a sentence begins at low takes a look at what is before.
		at = max(at, runeStart(f.text, min(low, end)-lookBack))
		for at < end {
			if at >= low && f.measure(at, f.to.bytes) <= window {
				return at
			}
			at = f.whole.forward(nextSentence(f.text, at, end), end)
		}
	}
	return -1
}

// lastCut returns where the last piece of the chunk begins that ends with it and
// has at most the size of window, cut between units of a level; -1 if none.
func (f *filler) lastCut(l level, window int) int {
	u := unit{from: f.from, to: f.to}
	for at := f.next(l, u, f.from.bytes); at < f.to.bytes; at = f.next(l, u, at) {
		if f.measure(at, f.to.bytes) <= window && !isBlank(f.text[at:f.to.bytes]) {
			return at
		}
	}
	return -1
}

// close makes the chunk.
func (f *filler) close() { f.chunk(f.from, f.to, f.prefix) }

// cut adds the units of the next finer level that there are more than one of.
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

// next returns where the piece of u ends that begins at a byte.
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
	return f.whole.forward(end, to)
}

// wordEnd returns where the white space ends behind the word at a byte.
func wordEnd(text string, at, to int) int {
	rest := strings.TrimLeftFunc(text[at:to], isSpace)
	i := strings.IndexFunc(rest, isSpace)
	if i < 0 {
		return to
	}
	return to - len(strings.TrimLeftFunc(rest[i:], isSpace))
}

// linesEnd returns where the lines end that begin at a byte of code or a table
// and belong together: the head with the first line of the body, the line that
// closes a fence with the one in front of it.
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
