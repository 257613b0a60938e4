package minilm

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	roomPieces    = maxPieces - 2 // without [CLS] and [SEP]
	headingPieces = 64            // of the heading that a window of several keeps
	overlapPieces = 32            // that a window shares with the one before
)

// Windows returns pieces of text that together cover it, white space between
// two of them aside, each with heading in front and at most 256 word pieces
// long. They begin and end between words, and one repeats the last 32 or so
// word pieces of the one before.
//
// If heading and text fit as they are, that is the only window. Else the
// heading is cut to at most 64 word pieces. Where the model can't be loaded, there
// is one window, and [Model.Embed] says why.
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

// cover gathers units into windows of at most free pieces. Free is enough for a
// unit of any size and what is repeated of the window before.
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

// A unit is a part of a text that is not divided: a word or, where that is long,
// such as a line of Chinese or a path, what stands between punctuation. Units
// become word pieces independently of each other, so that a text has the pieces
// of its units. A unit has at most maxWordRunes.
type unit struct {
	start, end int // in bytes
	pieces     int
}

// undividedPieces is how many word pieces a word may have and stay whole.
const undividedPieces = overlapPieces

// units returns the units of text and the number of their pieces.
func (t *tokenizer) units(text string) (units []unit, total int) {
	word, size := 0, 0 // where the current word begins in units; its pieces
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

// nextPart returns where the part of text that begins at start ends: a rune
// that stands alone, a special piece, or a run of others.
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

// standsAlone reports whether r ends the word before it and is one itself, or
// becomes so in normal form D, as ≠ does, which is an = there.
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
