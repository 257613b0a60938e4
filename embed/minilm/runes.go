package minilm

import "unicode"

// A class tells how the tokenizer treats a rune.
type class uint8

const (
	letter      class = iota // part of a word; digits and symbols too
	dropped                  // ignored
	space                    // ends a word
	punctuation              // a word of its own
	chinese                  // a word of its own
	accent                   // dropped once text is in normal form D
)

func classOf(r rune) class {
	switch {
	case r < 128:
		return ascii[r]
	case r == unicode.ReplacementChar:
		return dropped
	case r == 0x166d, r == 0x111c9:
		return punctuation // its category has changed in Unicode
	case r == 0x1734:
		return accent // likewise
	case unicode.Is(newer, r):
		return letter
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
		return dropped
	case unicode.IsSpace(r):
		return space
	case unicode.Is(unicode.P, r):
		return punctuation
	case isChinese(r):
		return chinese
	case unicode.Is(unicode.Mn, r):
		return accent
	}
	return letter
}

var ascii = asciiClasses()

func asciiClasses() (c [128]class) {
	for r := range c {
		switch {
		case r == '\t', r == '\n', r == '\r', r == ' ':
			c[r] = space
		case r < ' ', r == 0x7f:
			c[r] = dropped
		case r < '0', '9' < r && r < 'A', 'Z' < r && r < 'a', 'z' < r:
			c[r] = punctuation
		}
	}
	return c
}

// isChinese reports whether r lies in a block that BERT takes for Chinese, the
// one for Japanese and Korean syllables not among them.
func isChinese(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF ||
		r >= 0x2A700 && r <= 0x2B73F || r >= 0x2B740 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF ||
		r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}

// newer covers the marks, format characters and punctuation that the reference
// takes for letters, because they came after its Unicode 9. What lies between
// two of them in a range is a letter anyway.
var newer = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x061d, 0x061d, 1}, {0x07fd, 0x07fd, 1}, {0x0890, 0x08e2, 1}, {0x09fd, 0x09fe, 1},
		{0x0a76, 0x0a76, 1}, {0x0afa, 0x0aff, 1}, {0x0b55, 0x0b55, 1}, {0x0c04, 0x0c3c, 1},
		{0x0c77, 0x0c77, 1}, {0x0c84, 0x0c84, 1}, {0x0d00, 0x0d00, 1}, {0x0d3b, 0x0d3c, 1},
		{0x0d81, 0x0d81, 1}, {0x0eba, 0x0eba, 1}, {0x0ece, 0x0ece, 1}, {0x180f, 0x1886, 1},
		{0x1abf, 0x1ace, 1}, {0x1b7d, 0x1b7e, 1}, {0x1df6, 0x1dfb, 1}, {0x2e43, 0x2e5d, 1},
		{0xa82c, 0xa82c, 1}, {0xa8c5, 0xa8c5, 1}, {0xa8ff, 0xa8ff, 1}, {0xa9bd, 0xa9bd, 1},
	},
	R32: []unicode.Range32{
		{0x10d24, 0x10f89, 1}, {0x11070, 0x11074, 1}, {0x110c2, 0x110cd, 1}, {0x111cf, 0x111cf, 1},
		{0x1123e, 0x11241, 1}, {0x1133b, 0x1133b, 1}, {0x11438, 0x1145e, 1}, {0x11660, 0x1166c, 1},
		{0x116b9, 0x116b9, 1}, {0x1182f, 0x11fff, 1}, {0x12ff1, 0x13455, 1}, {0x16e97, 0x16f4f, 1},
		{0x16fe2, 0x16fe4, 1}, {0x1cf00, 0x1cf46, 1}, {0x1e000, 0x1e4ef, 1}, {0x1e944, 0x1e95f, 1},
	},
}
