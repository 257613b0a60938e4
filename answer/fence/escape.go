package fence

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Escape makes what looks like a delimiter readable but none: its angle becomes
// an entity. A reader may take other signs for the angle, letters of other
// scripts and styles for those of the name, and may overlook spaces, accents and
// what is not shown.
func Escape(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsAny(s, angles) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		if strings.ContainsRune(angles, r) && startsDelimiter(s[i+len(string(r)):]) {
			b.WriteString("&lt;")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

const (
	angles  = "<＜﹤‹〈⟨《«≪˂ᐸ❮❰⟪〈⧼⦑❬⋖˱"
	slashes = "/／\\＼⁄∕⧸⧵﹨"
)

// tagNames are what delimiters are called.
var tagNames = []string{"source", "question", "conversation", "said"}

// startsDelimiter reports whether s, which stands behind an angle, begins with the name of a
// delimiter.
func startsDelimiter(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return isInvisible(r) || strings.ContainsRune(slashes, r) })
	for _, name := range tagNames {
		at := 0
		for _, r := range s {
			if isInvisible(r) {
				continue
			}
			if latinLetter(r) != name[at] {
				break
			}
			if at++; at == len(name) {
				return true
			}
		}
	}
	return false
}

// isInvisible reports whether r is white space, an accent, or shown by nothing.
func isInvisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.M, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point)
}

// latinLetter returns the small Latin letter that r is read as, or 0.
func latinLetter(r rune) byte {
	if r > unicode.MaxASCII {
		r, _ = firstRune(norm.NFKD.String(string(r)))
	}
	if c, ok := lookalikes[unicode.ToLower(r)]; ok {
		return c
	}
	if r = unicode.ToLower(r); r < unicode.MaxASCII {
		return byte(r)
	}
	return 0
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}

// lookalikes are the signs that look like the letters of the names, and are no form of
// these by Unicode: Cyrillic, Greek, Armenian, phonetic, and digits.
var lookalikes = func() map[rune]byte {
	m := map[rune]byte{}
	for letter, signs := range map[byte]string{
		's': "ѕꜱʂƨ5$ꓢѕ", 'o': "оοօ0ᴏσөøꓳ", 'u': "υսᴜʋцꓴ", 'r': "гʀᴦꭇ", 'c': "сᴄϲ¢ꓚ", 'e': "еєεᴇ3ҽꓰ", 'q': "ԛգզǫɋ", 't': "тτᴛ7ƫ", 'i': "іιɪı1lӏ|!ꓲ", 'n': "пηոɴռոn",
	} {
		for _, r := range signs {
			m[r] = letter
		}
	}
	return m
}()
