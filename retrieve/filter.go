package retrieve

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFilterBytes is the longest value of a filter: longer URLs are not in use.
const maxFilterBytes = 2048

// Validate checks that the values can be put to any store. The error is an
// [ErrQuery]:
//
//   - every value is valid UTF-8 of at most 2048 bytes, made of graphic
//     characters, without '"' and '\', which no URL in normal form holds;
//   - Lang holds letters, digits, '-' and '_' only.
//
// '%', '_' and '*' mean themselves.
func (f Filter) Validate() error {
	for _, v := range []struct{ name, value string }{
		{"source", f.Source}, {"url_prefix", f.URLPrefix}, {"lang", f.Lang},
	} {
		if !plain(v.value) {
			return fmt.Errorf("%w: the filter %s holds a character that it can't have, or is longer than %d bytes",
				ErrQuery, v.name, maxFilterBytes)
		}
	}
	if strings.ContainsFunc(f.Lang, notInTag) {
		return fmt.Errorf("%w: the filter lang is not a language tag, such as en or pt-BR", ErrQuery)
	}
	return nil
}

// Match reports whether a chunk of that page passes.
func (f Filter) Match(source, url, lang string) bool {
	return (f.Source == "" || f.Source == source) &&
		strings.HasPrefix(url, f.URLPrefix) &&
		(f.Lang == "" || f.Lang == lang)
}

func plain(s string) bool {
	if len(s) > maxFilterBytes || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '"' || r == '\\' || !unicode.IsGraphic(r) })
}

func notInTag(r rune) bool {
	return r > unicode.MaxASCII || r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
