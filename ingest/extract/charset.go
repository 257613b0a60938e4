package extract

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// minConfidence is the least confidence, of 100, at which a guessed charset is
// believed. Pages that declare none and are not UTF-8 are windows-1252 by the
// standard, which the guess must beat.
const minConfidence = 50

// decode returns the body as UTF-8. In this order:
//
//   - a byte order mark decides;
//   - a body that is UTF-8 and more than ASCII is UTF-8, whatever is declared:
//     text in another charset is hardly ever UTF-8 by chance;
//   - the first declared charset, of the header and of the page, that decodes
//     the body without fault; but one of Latin letters, which decodes
//     everything and which servers send by default, yields to the other;
//   - the first declared charset;
//   - what the bytes look like, if clear; else windows-1252.
func decode(body []byte, contentType string) string {
	if enc, _, certain := charset.DetermineEncoding(body, ""); certain && hasBOM(body) {
		return convert(enc, body)
	}
	if !isASCII(body) && utf8.Valid(body) {
		return string(body)
	}
	var declared []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		declared = append(declared, params["charset"])
	}
	if _, name, certain := charset.DetermineEncoding(body, ""); certain {
		declared = append(declared, name)
	}
	first, latin := "", ""
	for _, label := range declared {
		enc, name := charset.Lookup(label)
		if enc == nil {
			continue
		}
		if first == "" {
			first = convert(enc, body)
		}
		text := convert(enc, body)
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
	case isASCII(body):
		return string(body)
	}
	return convert(guess(body), body)
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

func isASCII(body []byte) bool {
	for _, b := range body {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	// ISO-2022-JP is ASCII with escapes.
	return !bytes.ContainsRune(body, '\x1b')
}
