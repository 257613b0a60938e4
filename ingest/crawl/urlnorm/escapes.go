package urlnorm

import "strings"

// pathEscapes and queryEscapes are the escapes of paths and queries. The
// delimiters of RFC 3986 stay as they are, escaped or not.
var pathEscapes, queryEscapes = NewEscapes(":@$&+,;=/", ""), NewEscapes(":@$&+,;=/?", "")

// Escapes normalizes the escapes in one part of an address.
type Escapes struct{ classes [256]uint8 }

// Classes of bytes in an address.
const (
	escaped    = iota // always escaped
	reserved          // means something else when escaped
	unreserved        // never escaped
)

// NewEscapes returns Escapes that leave delimiters as they are, escape the bytes in
// always, and unescape unreserved bytes: letters, digits and -._~, and !*'(), which
// an earlier standard did not reserve and which many programs escape. All other
// bytes are escaped.
func NewEscapes(delimiters, always string) *Escapes {
	var e Escapes
	for c := range e.classes {
		switch {
		case strings.IndexByte(always, byte(c)) >= 0:
		case strings.IndexByte(delimiters, byte(c)) >= 0:
			e.classes[c] = reserved
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~!*'()", byte(c)) >= 0:
			e.classes[c] = unreserved
		}
	}
	return &e
}

// Normalize returns s with its escapes in normal form.
func (e *Escapes) Normalize(s string) string {
	i := 0
	for i < len(s) && e.classes[s[i]] != escaped {
		i++
	}
	if i == len(s) {
		return s
	}
	out := make([]byte, i, len(s)+16)
	copy(out, s)
	for ; i < len(s); i++ {
		c, coded := unescape(s[i:])
		if coded {
			i += 2
		}
		if k := e.classes[c]; k == unreserved || k == reserved && !coded {
			out = append(out, c)
		} else {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(out)
}

const upperHex = "0123456789ABCDEF"

// unescape returns the first byte of s, or the byte that the escape at its
// beginning stands for.
func unescape(s string) (c byte, coded bool) {
	if s[0] == '%' && len(s) >= 3 {
		if hi, lo := hexDigit(s[1]), hexDigit(s[2]); hi < 16 && lo < 16 {
			return hi<<4 | lo, true
		}
	}
	return s[0], false
}

// hexDigit returns the value of a hexadecimal digit; 16 for another byte.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
