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
	free := max(e.MaxTokens()-reservedTokens, utf8.UTFMax)
	if whole := join(heading, text); len(whole) <= free {
		return []string{whole}
	}
	heading = heading[:cut(heading, free/4)]
	free = max(free-len(join(heading, "")), utf8.UTFMax)
	ws := split(text, free)
	for i, w := range ws {
		ws[i] = join(heading, w)
	}
	return ws
}

// split returns parts of text of at most limit bytes that overlap.
func split(text string, limit int) []string {
	text = strings.TrimSpace(text)
	var parts []string
	for {
		end := cut(text, limit)
		parts = append(parts, text[:end])
		if end == len(text) {
			return parts
		}
		text = strings.TrimLeftFunc(text[repeatFrom(text[:end], limit/8):], unicode.IsSpace)
	}
}

// join puts heading in front of text.
func join(heading, text string) string {
	if heading == "" {
		return text
	}
	return heading + "\n\n" + text
}

// cut returns the length of the longest beginning of s that has at most limit
// bytes and ends between words; where a word is very long, between runes.
func cut(s string, limit int) int {
	if len(s) <= limit {
		return len(s)
	}
	// White space right behind the limit ends a word too. A cut that leaves
	// less than half is not worth it.
	for i := limit; i > limit/2; i-- {
		if !utf8.RuneStart(s[i]) {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
			return i
		}
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return limit
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
