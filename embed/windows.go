package embed

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// reservedTokens is kept free of an embedder's input for the tokens it adds
// itself, such as a start, an end and a query prefix.
const reservedTokens = 16

// Windows returns the pieces of text, each with heading in front, that together
// cover it and each fit the input of e. It returns at least one; a text that
// fits has exactly one, which is heading, an empty line and text.
//
// If e is a [Windower], it decides. Else text is cut by a rule that holds for
// every tokenizer whose tokens cover at least one byte each: a window has no
// more bytes than e takes tokens. It begins and ends between words where that
// is possible, and between runes always; an eighth of it repeats the end of the
// one before. The heading is cut to a quarter of the input.
func Windows(e Embedder, heading, text string) []string {
	if w, ok := e.(Windower); ok {
		return w.Windows(heading, text)
	}
	return windows(heading, text, e.MaxTokens()-reservedTokens, countBytes)
}

// windows cuts text into windows of at most limit tokens, heading included.
func windows(heading, text string, limit int, count counter) []string {
	limit = max(limit, utf8.UTFMax) // any rune fits
	whole := withHeading(heading, text)
	if n, _ := count(whole, limit); n == len(whole) {
		return []string{whole}
	}
	heading = heading[:cut(heading, limit/4, count)]
	_, used := count(withHeading(heading, ""), limit)
	ws := split(text, max(limit-used, utf8.UTFMax), count)
	for i, w := range ws {
		ws[i] = withHeading(heading, w)
	}
	return ws
}

// split returns parts of text of at most limit tokens that overlap.
func split(text string, limit int, count counter) []string {
	text = strings.TrimSpace(text)
	var parts []string
	for {
		end := cut(text, limit, count)
		parts = append(parts, text[:end])
		if end == len(text) {
			return parts
		}
		n, _ := count(text, limit)
		text = strings.TrimLeftFunc(text[repeatFrom(text[:end], n/8):], unicode.IsSpace)
	}
}

// withHeading puts heading in front of text.
func withHeading(heading, text string) string {
	if heading == "" {
		return text
	}
	return heading + "\n\n" + text
}

// cut returns the length of the longest beginning of s that has at most limit
// tokens and ends between words; where a word is very long, between runes.
func cut(s string, limit int, count counter) int {
	n, _ := count(s, limit)
	if n == len(s) {
		return n
	}
	// White space right behind the limit ends a word too. A cut that leaves
	// less than half is not worth it.
	for i := n; i > n/2; i-- {
		if !utf8.RuneStart(s[i]) {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
			return i
		}
	}
	for i := n; i >= 0 && i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return n // not UTF-8
}

// repeatFrom returns where the last words of s begin that together have at most
// limit bytes, len(s) if the last one alone is longer.
func repeatFrom(s string, limit int) int {
	for i := max(len(s)-limit, 1); i < len(s); i++ {
		if r, _ := utf8.DecodeLastRuneInString(s[:i]); unicode.IsSpace(r) && utf8.RuneStart(s[i]) {
			return i
		}
	}
	return len(s)
}
