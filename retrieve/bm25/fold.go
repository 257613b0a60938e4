package bm25

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldMarks returns a word, in lower case, without what users leave out: accents,
// the tonos, the vowel signs of Arabic and Hebrew, and nuktas. Forms of one letter
// become equal: ß and ss, ı and i, final sigma, and the forms of alef, yeh and kaf.
// Other signs of Indic scripts are vowels, and stay.
func foldMarks(word string) string {
	if isASCII(word) {
		return word
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(word) {
		switch {
		case unicode.Is(unicode.Mn, r) && (r < 0x0900 || isNukta(r)):
		case r == 'ß':
			b.WriteString("ss")
		default:
			if to, ok := sameLetter[r]; ok {
				r = to
			}
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// spellings are what stemmers read otherwise: the small form of a Turkish capital I
// with its dot, a Russian letter whose dots are left out, and Romanian letters that
// have a cedilla where stemmers were made before their comma.
var spellings = strings.NewReplacer("i\u0307", "i", "ё", "е", "ș", "ş", "ț", "ţ")

// sameLetter are letters that [foldMarks] replaces, beside those that marks make.
var sameLetter = map[rune]rune{
	'ı': 'i', 'ł': 'l', 'đ': 'd', 'ø': 'o', 'ς': 'σ', 'ٱ': 'ا', 'ى': 'ی', 'ي': 'ی', 'ك': 'ک', 'ة': 'ه', 'ۀ': 'ه', 'ँ': 'ं',
}

// isNukta reports whether r is the dot that marks a sound of another language.
func isNukta(r rune) bool {
	switch r {
	case '\u093c', '\u09bc', '\u0a3c', '\u0abc', '\u0b3c':
		return true
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
