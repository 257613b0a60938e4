package media

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// minConfidence is the confidence, of 100, that a guessed charset needs. By the
// standard, a page that declares no charset and is not UTF-8 is windows-1252.
const minConfidence = 50

// metaCharset finds the charset that a page declares, in
// either form of the meta element or in an XML declaration.
var metaCharset = regexp.MustCompile(`(?i)(?:<meta\s[^>]*charset|<\?xml\s[^>]*encoding)\s*=\s*["']?\s*([\w.:-]+)`)

// metaBytes is how much of a page is searched for its charset. The standard looks ahead
// for 1024 bytes, but browsers obey a later declaration, too, and some pages
// have long styles and scripts before it.
const metaBytes = 1 << 20

// Decode returns a body as UTF-8. In this order:
//
//   - a byte order mark decides;
//   - a body that is UTF-8 is UTF-8, whatever is declared: text in another
//     charset is almost never UTF-8 by chance;
//   - the first declared charset, of the header and of the page, that decodes
//     the body without errors; but a charset of Latin letters, which decodes
//     everything and which servers send by default, yields to the other;
//   - the first declared charset, unless it is UTF-8 and most of the body's
//     letters beyond ASCII are not;
//   - what the bytes look like, if clear; else windows-1252.
func Decode(body []byte, contentType string) string {
	if hasBOM(body) {
		enc, _, _ := charset.DetermineEncoding(body, "")
		return convert(enc, body)
	}
	if isASCII(body) || utf8.Valid(body) && !bytes.ContainsAny(body, "\x00\x1b") {
		return string(body)
	}
	first, latin := "", ""
	for _, label := range declared(body, contentType) {
		enc, name := charset.Lookup(label)
		if enc == nil {
			continue
		}
		text := convert(enc, body)
		if first == "" && (name != "utf-8" || mostlyUTF8(body)) {
			first = text
		}
		switch {
		case strings.ContainsRune(text, utf8.RuneError):
		case name == "windows-1252":
			latin = text
		default:
			return text
		}
	}
	switch {
	case latin != "":
		return latin
	case first != "":
		return first
	case utf8.Valid(body):
		return string(body)
	}
	return convert(guess(body), body)
}

// declared returns the charsets that the header and the page name.
func declared(body []byte, contentType string) []string {
	_, charset := Parse(contentType)
	names := []string{charset}
	if m := metaCharset.FindSubmatch(body[:min(len(body), metaBytes)]); m != nil {
		names = append(names, string(m[1]))
	}
	return names
}

// mostlyUTF8 reports whether a body has at least as many valid runes beyond ASCII as
// bytes that are invalid in UTF-8.
func mostlyUTF8(body []byte) bool {
	right, wrong := 0, 0
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && n == 1:
			wrong++
		case n > 1:
			right++
		}
		body = body[n:]
	}
	return right >= wrong
}

// guess returns the encoding that the bytes of an undeclared body look like.
func guess(body []byte) encoding.Encoding {
	latin, _ := charset.Lookup("windows-1252")
	best, err := chardet.NewHtmlDetector().DetectBest(body)
	if err != nil || best.Confidence < minConfidence {
		return latin
	}
	enc, _ := charset.Lookup(best.Charset)
	if enc == nil || strings.ContainsRune(convert(enc, body), utf8.RuneError) {
		return latin
	}
	return enc
}

// convert decodes body. What can't be decoded becomes U+FFFD.
func convert(enc encoding.Encoding, body []byte) string {
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		// Unreachable: the decoders of the standard's encodings replace what is wrong.
		return strings.ToValidUTF8(string(body), string(utf8.RuneError))
	}
	return strings.ToValidUTF8(strings.TrimPrefix(string(text), "\ufeff"), string(utf8.RuneError))
}

func hasBOM(body []byte) bool {
	return bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) ||
		bytes.HasPrefix(body, []byte("\xfe\xff")) || bytes.HasPrefix(body, []byte("\xff\xfe"))
}

// isASCII reports whether body is ASCII and nothing else: ISO-2022-JP is ASCII with
// escapes, and UTF-16 is ASCII with zeros.
func isASCII(body []byte) bool {
	for _, b := range body {
		if b >= utf8.RuneSelf || b == 0x1b || b == 0 {
			return false
		}
	}
	return true
}
