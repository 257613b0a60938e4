package fence

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Escape makes text that looks like a delimiter harmless but readable: its
// angle bracket becomes an entity. It allows for a careless reader, who takes
// other characters for the bracket, letters of other scripts and styles for
// those of the name, and overlooks spaces, accents and invisible characters.
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

// tagNames are the names of delimiters.
var tagNames = []string{"source", "question", "conversation", "said"}

// startsDelimiter reports whether s, the text after an angle bracket, starts
// with the name of a delimiter.
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

// isInvisible reports whether r is white space, an accent or not shown.
func isInvisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.M, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point)
}

// latinLetter returns the lower-case Latin letter that r looks like, or 0.
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

// lookalikes are characters that look like letters of the names but are not
// compatibility forms of them in Unicode: Cyrillic, Greek, Armenian, phonetic,
// digits.
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
