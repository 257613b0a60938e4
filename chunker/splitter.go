package chunker

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A mark is a place in the text.
type mark struct{ bytes, runes int }

// A splitter is one call of [Split].
type splitter struct {
	text          string
	size, overlap int
	chunks        []Chunk
	// marks is a stack: each level of split has on it the starts of its pieces
	// and the end of the last one.
	marks []mark
}

// split adds the chunks of the text between two marks, cut at the first of seps
// that occurs there.
func (s *splitter) split(from, to mark, seps []string) {
	if to.runes-from.runes < s.size {
		s.emit(from, to) // Its pieces would all be joined again.
		return
	}
	text := s.text[from.bytes:to.bytes]
	sep, finer := seps[len(seps)-1], []string(nil)
	for i, p := range seps {
		if p == "" {
			sep = ""
			break
		}
		if strings.Contains(text, p) {
			sep, finer = p, seps[i+1:]
			break
		}
	}
	if sep == "" {
		s.slide(from, to)
		return
	}
	base := len(s.marks)
	s.cut(from, to, sep)
	first := base // of the short pieces that wait to be joined
	last := len(s.marks) - 1
	for i := base; i < last; i++ {
		a, b := s.marks[i], s.marks[i+1]
		if b.runes-a.runes < s.size {
			continue
		}
		s.join(first, i)
		first = i + 1
		if len(finer) == 0 {
			s.add(a, b)
		} else {
			s.split(a, b, finer)
		}
	}
	s.join(first, last)
	s.marks = s.marks[:base]
}

// cut pushes the starts of the pieces, each of which but perhaps the first
// begins with sep, and the end of the last.
func (s *splitter) cut(from, to mark, sep string) {
	s.marks = append(s.marks, from)
	at := from
	next := from.bytes // where to look for sep
	for {
		i := strings.Index(s.text[next:to.bytes], sep)
		if i < 0 {
			break
		}
		i += next
		next = i + len(sep)
		if i == from.bytes {
			continue // The piece in front of the first separator is empty.
		}
		at = mark{i, at.runes + utf8.RuneCountInString(s.text[at.bytes:i])}
		s.marks = append(s.marks, at)
	}
	s.marks = append(s.marks, to)
}

// join adds chunks of whole pieces, marks[first:end], as long as the size
// allows. The next chunk begins with as many of the last pieces as the overlap
// allows.
func (s *splitter) join(first, end int) {
	if first == end {
		return
	}
	for i := first; i < end; i++ {
		start, stop := s.marks[i].runes, s.marks[i+1].runes
		if stop-s.marks[first].runes <= s.size {
			continue
		}
		s.emit(s.marks[first], s.marks[i])
		for first < i && (start-s.marks[first].runes > s.overlap || stop-s.marks[first].runes > s.size) {
			first++
		}
	}
	s.emit(s.marks[first], s.marks[end])
}

// slide adds chunks cut anywhere: join, if every rune were a piece.
func (s *splitter) slide(from, to mark) {
	if s.size == 1 {
		for from.runes < to.runes {
			next := s.advance(from, 1)
			s.add(from, next)
			from = next
		}
		return
	}
	end := s.advance(from, s.size)
	for {
		s.emit(from, end)
		if end.runes == to.runes {
			return
		}
		from = s.advance(from, s.size-s.overlap)
		end = s.advance(end, min(s.size-s.overlap, to.runes-end.runes))
	}
}

// advance returns the mark n runes behind m.
func (s *splitter) advance(m mark, n int) mark {
	at := m.bytes
	for range n {
		_, width := utf8.DecodeRuneInString(s.text[at:])
		at += width
	}
	return mark{at, m.runes + n}
}

// emit adds the text between two marks as a chunk, without the white space
// around it; if nothing is left, there is no chunk.
func (s *splitter) emit(from, to mark) {
	text := s.text[from.bytes:to.bytes]
	left := strings.TrimLeftFunc(text, isSpace)
	if left == "" {
		return
	}
	body := strings.TrimRightFunc(left, isSpace)
	before, after := text[:len(text)-len(left)], left[len(body):]
	s.chunks = append(s.chunks, Chunk{
		Text:  body,
		Start: from.runes + utf8.RuneCountInString(before),
		End:   to.runes - utf8.RuneCountInString(after),
	})
}

// add adds the text between two marks as a chunk, as it is.
func (s *splitter) add(from, to mark) {
	s.chunks = append(s.chunks, Chunk{s.text[from.bytes:to.bytes], from.runes, to.runes})
}

// isSpace says whether Python's str.strip takes r for white space: the separators
// 1C to 1F are, which Unicode's White_Space leaves out.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}
