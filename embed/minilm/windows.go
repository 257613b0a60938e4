package minilm

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	roomPieces    = maxPieces - 2 // without [CLS] and [SEP]
	headingPieces = 64            // of the heading, if there are several windows
	overlapPieces = 32            // shared with the previous window
)

// Windows returns pieces that together cover text, except white space between them.
// Each starts with heading and has at most 256 word pieces. A piece starts and ends
// between words and repeats about the last 32 word pieces of the previous one.
//
// If heading and text fit, there is only one window. Else the heading is cut to at
// most 64 word pieces. If the model cannot be loaded, there is one window, and
// [Model.Embed] returns the error.
func (m *Model) Windows(heading, text string) []string {
	if m.ready() != nil {
		return []string{join(heading, text)}
	}
	free := roomPieces - m.tok.count(heading)
	units, total := m.tok.units(text)
	if total <= free {
		return []string{join(heading, text)}
	}
	heading = m.tok.cut(heading, headingPieces)
	free = roomPieces - m.tok.count(heading)
	if total <= free {
		return []string{join(heading, text)}
	}
	var ws []string
	for _, w := range cover(units, free) {
		ws = append(ws, join(heading, text[w.start:w.end]))
	}
	return ws
}

// cover groups units into windows of at most free pieces, which is enough for a unit
// of any size and the repeated end of the previous window.
func cover(units []unit, free int) []unit {
	var ws []unit
	for first := 0; ; {
		end, size := first, 0
		for ; end < len(units) && size+units[end].pieces <= free; end++ {
			size += units[end].pieces
		}
		ws = append(ws, unit{units[first].start, units[end-1].end, size})
		if end == len(units) {
			return ws
		}
		size = units[end-1].pieces
		for first = end; size <= overlapPieces; size += units[first-1].pieces {
			first--
		}
	}
}

func join(heading, text string) string {
	if heading == "" {
		return text
	}
	return heading + "\n\n" + text
}

// A unit is an undivided part of a text: a word or, if the word is long, such as a
// line of Chinese or a path, the part between two punctuation marks. Units are
// tokenized independently of each other, so that a text has the pieces of its units.
// A unit has at most maxWordRunes.
type unit struct {
	start, end int // in bytes
	pieces     int
}

// undividedPieces is the maximum of word pieces of an undivided word.
const undividedPieces = overlapPieces

// units returns the units of text and the number of their pieces.
func (t *tokenizer) units(text string) (units []unit, total int) {
	word, size := 0, 0 // index in units where the current word starts; its pieces
	endWord := func() {
		if n := len(units); n > word && size <= undividedPieces {
			units[word] = unit{units[word].start, units[n-1].end, size}
			units = units[:word+1]
		}
		total += size
		word, size = len(units), 0
	}
	for start := 0; start < len(text); {
		end, isSpace := nextPart(text, start)
		if isSpace {
			endWord()
		} else {
			n := t.count(text[start:end])
			units = append(units, unit{start, end, n})
			size += n
		}
		start = end
	}
	endWord()
	return units, total
}

// nextPart returns the end of the part of text that starts at start: a rune that
// stands alone, a special piece, or a run of other runes.
func nextPart(text string, start int) (end int, isSpace bool) {
	for i, r := range text[start:] {
		at := start + i
		alone := standsAlone(r)
		if i > 0 && (alone || classOf(r) == space) {
			return at, false
		}
		if r == '[' {
			for s := range specials {
				if strings.HasPrefix(text[at:], s) {
					return at + len(s), false
				}
			}
		}
		if alone || classOf(r) == space {
			_, n := utf8.DecodeRuneInString(text[at:])
			return at + n, !alone
		}
	}
	return len(text), false
}

// standsAlone reports whether r is a word by itself, or is one in normal form D, as
// ≠ is, whose form D contains =.
func standsAlone(r rune) bool {
	c := classOf(r)
	if c == letter && r >= utf8.RuneSelf {
		if d := norm.NFD.PropertiesString(string(r)).Decomposition(); len(d) > 0 {
			first, _ := utf8.DecodeRune(d)
			c = classOf(first)
		}
	}
	return c == punctuation || c == chinese
}

// cut returns the beginning of text with at most limit pieces.
func (t *tokenizer) cut(text string, limit int) string {
	units, _ := t.units(text)
	end := 0
	for _, u := range units {
		if limit -= u.pieces; limit < 0 {
			break
		}
		end = u.end
	}
	return text[:end]
}
