package pdf

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Fonts that TeX draws as pictures (Type 3) have no names, so that a typewriter font shows by
// its characters alone: each is as wide as the others.
const (
	evenShare   = 0.03 // by which the width of a character may differ from the others
	evenLetters = 4    // different letters that a line must have to show the width
)

// markEven marks the lines whose characters are of one width, and those of the same width
// beside them that are too short to show it themselves.
func markEven(lines []line) {
	width := 0.0
	for i := range lines {
		if w := evenWidth(lines[i].glyphs, evenLetters); w > 0 && !isItem(lines[i].text) {
			lines[i].mono, lines[i].bold, width = true, false, w
		}
	}
	for i := range lines {
		l := &lines[i]
		if width == 0 || l.mono || isItem(l.text) {
			continue
		}
		before, after := i > 0 && lines[i-1].mono, i+1 < len(lines) && lines[i+1].mono
		if w := evenWidth(l.glyphs, 0); w > 0 {
			l.mono = (before || after) && math.Abs(w-width) <= evenShare*width
		} else if len(l.glyphs) == 1 && strings.ContainsAny(l.text, "{}()[]<>;#") {
			l.mono = before
		}
	}
	for i := range lines {
		if !lines[i].mono {
			lines[i].glyphs = nil
		}
	}
}

// evenWidth returns the width of the characters of a line; 0 if they differ, or fewer than
// some letters show it.
func evenWidth(glyphs []glyph, letters int) float64 {
	width, seen := 0.0, map[rune]bool{}
	for i := 1; i < len(glyphs); i++ {
		g, next := glyphs[i-1], glyphs[i]
		if g.char == ' ' || next.char == ' ' {
			continue
		}
		w := next.x - g.x
		switch {
		case width == 0:
			width = w
		case math.Abs(w-width) > evenShare*width:
			return 0
		}
		if g.char < 0x80 && (g.char|0x20) >= 'a' && (g.char|0x20) <= 'z' {
			seen[g.char] = true
		}
	}
	if len(seen) < letters || width <= 0 {
		return 0
	}
	return width
}

// isItem reports whether a line begins with the sign of an item of a list.
func isItem(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune("•◦▪●○■∙‣", r)
}
