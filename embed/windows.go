package embed

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// reservedTokens of an embedder's input are reserved for the tokens that it adds, such
// as start, end and a query prefix.
const reservedTokens = 16

// Windows returns pieces that together cover text. Each starts with heading and fits
// the input of e. It returns at least one; a text that fits has exactly one, which
// is heading, an empty line and text.
//
// If e is a [Windower], its Windows is called. Else a window has at most as many bytes
// as e accepts tokens, which fits every tokenizer whose tokens have at least one
// byte. A window starts and ends between words if possible, and always between runes;
// an eighth of it repeats the end of the previous one. The heading is cut to a
// quarter of the input.
func Windows(e Embedder, heading, text string) []string {
	if w, ok := e.(Windower); ok {
		return w.Windows(heading, text)
	}
	return Divide(heading, text, e.MaxTokens()-reservedTokens, CountBytes)
}

// Divide divides text into windows of at most limit tokens by count, heading included.
// It is for a [Windower] that counts its tokens; what else holds is as for [Windows].
func Divide(heading, text string, limit int, count Counter) []string {
	limit = max(limit, utf8.UTFMax) // any rune fits
	whole := withHeading(heading, text)
	if n, _ := count(whole, limit); n == len(whole) {
		return []string{whole}
	}
	heading = heading[:Cut(heading, limit/4, count)]
	_, used := count(withHeading(heading, ""), limit)
	ws := split(text, max(limit-used, utf8.UTFMax), count)
	for i, w := range ws {
		ws[i] = withHeading(heading, w)
	}
	return ws
}

// split returns overlapping parts of text of at most limit tokens.
func split(text string, limit int, count Counter) []string {
	text = strings.TrimSpace(text)
	var parts []string
	for {
		end := Cut(text, limit, count)
		parts = append(parts, text[:end])
		if end == len(text) {
			return parts
		}
		n, _ := count(text, limit)
		text = strings.TrimLeftFunc(text[repeatFrom(text[:end], n/8):], unicode.IsSpace)
	}
}

// withHeading returns heading, an empty line and text.
func withHeading(heading, text string) string {
	if heading == "" {
		return text
	}
	return heading + "\n\n" + text
}

// Cut returns the length of the longest beginning of s that has at most limit tokens
// and ends between words, or between runes if a word is very long.
func Cut(s string, limit int, count Counter) int {
	n, _ := count(s, limit)
	if n == len(s) {
		return n
	}
	// White space right after the limit ends a word, too. A cut in the first half
	// would waste too much.
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

// repeatFrom returns the start of the last words of s that have at most limit bytes
// together, or len(s) if the last word alone is longer.
func repeatFrom(s string, limit int) int {
	for i := max(len(s)-limit, 1); i < len(s); i++ {
		if r, _ := utf8.DecodeLastRuneInString(s[:i]); unicode.IsSpace(r) && utf8.RuneStart(s[i]) {
			return i
		}
	}
	return len(s)
}
