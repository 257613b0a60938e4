package chunker

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A mark is a place in the text: the number of bytes before it, and the size of the text
// before it, in runes or the unit of the caller's function. Sizes are comparable only
// between marks of one level of cutting.
type mark struct{ bytes, size int }

// A splitter is one call of [Split] or [SplitDocument].
type splitter struct {
	text          string
	size, overlap int
	count         func(string) int // nil for runes
	graphemes     *graphemes       // nil if graphemes may be cut
	chunks        []Chunk
	// marks is a stack: each level of split pushes the starts of its pieces and the
	// end of the last one.
	marks []mark
	// runeBytes and runes are the start of the last chunk, in bytes and in runes.
	runeBytes, runes int
}

// measure returns the size of text[from:to].
func (s *splitter) measure(from, to int) int {
	runes := utf8.RuneCountInString(s.text[from:to])
	if s.count == nil {
		return runes
	}
	return max(s.count(s.text[from:to]), (runes*s.size+maxRunes-1)/maxRunes)
}

// split adds the chunks of the text between two marks, cut at the first of seps
// that occurs there.
func (s *splitter) split(from, to mark, seps []string) {
	if to.size-from.size < s.size {
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
	if sep == "" && s.count == nil && (s.graphemes == nil || isASCII(text)) {
		s.slide(from, to)
		return
	}
	base := len(s.marks)
	if sep == "" {
		s.cutRunes(from, to)
	} else {
		s.cut(from, to, sep)
	}
	first := base // first of the short pieces that are not yet joined
	last := len(s.marks) - 1
	for i := base; i < last; i++ {
		a, b := s.marks[i], s.marks[i+1]
		if b.size-a.size < s.size {
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
			continue // The piece before the first separator is empty.
		}
		if s.graphemes != nil && !s.graphemes.at(i) && s.text[i-1] != '\r' {
			continue // Between '\r' and '\n' a cut is allowed: both are trimmed.
		}
		at = mark{i, at.size + s.measure(at.bytes, i)}
		s.marks = append(s.marks, at)
	}
	if s.count != nil {
		to.size = at.size + s.measure(at.bytes, to.bytes)
	}
	s.marks = append(s.marks, to)
}

// cutRunes pushes the starts of the runes, or of the graphemes if they must not be cut,
// and the end of the last. A grapheme longer than a chunk is cut.
func (s *splitter) cutRunes(from, to mark) {
	s.marks = append(s.marks, from)
	at, start := from, len(s.marks)-1 // start of the grapheme
	for at.bytes < to.bytes {
		_, width := utf8.DecodeRuneInString(s.text[at.bytes:])
		at = mark{at.bytes + width, at.size + s.measure(at.bytes, at.bytes+width)}
		s.marks = append(s.marks, at)
		if s.graphemes != nil && s.graphemes.at(at.bytes) {
			if at.size-s.marks[start].size <= s.size {
				s.marks = append(s.marks[:start+1], at)
			}
			start = len(s.marks) - 1
		}
	}
}

// join joins the pieces marks[first:end] to chunks up to the size. Each next chunk begins
// with as many of the last pieces as the overlap allows.
func (s *splitter) join(first, end int) {
	if first == end {
		return
	}
	for i := first; i < end; i++ {
		start, stop := s.marks[i].size, s.marks[i+1].size
		if stop-s.marks[first].size <= s.size {
			continue
		}
		s.emit(s.marks[first], s.marks[i])
		for first < i && (start-s.marks[first].size > s.overlap || stop-s.marks[first].size > s.size) {
			first++
		}
	}
	s.emit(s.marks[first], s.marks[end])
}

// slide adds chunks that are cut anywhere: what join does if every rune is a piece.
func (s *splitter) slide(from, to mark) {
	if s.size == 1 {
		for from.size < to.size {
			next := s.advance(from, 1)
			s.add(from, next)
			from = next
		}
		return
	}
	end := s.advance(from, s.size)
	for {
		s.emit(from, end)
		if end.size == to.size {
			return
		}
		from = s.advance(from, s.size-s.overlap)
		end = s.advance(end, min(s.size-s.overlap, to.size-end.size))
	}
}

// advance returns the mark n runes after m.
func (s *splitter) advance(m mark, n int) mark {
	at := m.bytes
	for range n {
		_, width := utf8.DecodeRuneInString(s.text[at:])
		at += width
	}
	return mark{at, m.size + n}
}

// emit adds the text between two marks as a chunk, without the white space around it. If
// nothing is left, it adds no chunk.
func (s *splitter) emit(from, to mark) {
	text := s.text[from.bytes:to.bytes]
	left := strings.TrimLeftFunc(text, isSpace)
	if left == "" {
		return
	}
	body := strings.TrimRightFunc(left, isSpace)
	start := to.bytes - len(left)
	end := start + len(body)
	if s.graphemes != nil {
		start, end = s.graphemes.back(start, from.bytes), s.graphemes.forward(end, to.bytes) // The marks are boundaries.
	}
	if s.count != nil {
		s.add(mark{bytes: start}, mark{bytes: end})
		return
	}
	s.chunks = append(s.chunks, Chunk{
		Text:  s.text[start:end],
		Start: from.size + utf8.RuneCountInString(s.text[from.bytes:start]),
		End:   to.size - utf8.RuneCountInString(s.text[end:to.bytes]),
	})
}

// add adds the text between two marks as a chunk, untrimmed.
func (s *splitter) add(from, to mark) {
	if s.count == nil {
		s.chunks = append(s.chunks, Chunk{s.text[from.bytes:to.bytes], from.size, to.size})
		return
	}
	s.runes += utf8.RuneCountInString(s.text[s.runeBytes:from.bytes])
	s.runeBytes = from.bytes
	text := s.text[from.bytes:to.bytes]
	s.chunks = append(s.chunks, Chunk{text, s.runes, s.runes + utf8.RuneCountInString(text)})
}

// isSpace reports whether Python's str.strip removes r. Unlike Unicode's White_Space,
// this includes the separators 1C to 1F.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
