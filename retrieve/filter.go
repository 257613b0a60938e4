package retrieve

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/citewell/citewell/retrieve/index"
)

// A Filter restricts a search. Empty fields do not.
type Filter struct {
	Source    string `json:"source,omitempty"`     // exactly this source
	URLPrefix string `json:"url_prefix,omitempty"` // URLs that begin with it
	Lang      string `json:"lang,omitempty"`       // exactly this language
}

// Validate returns an [ErrQuery] if a store can't compare with the values:
//
//   - every value is valid UTF-8 of at most 2048 bytes, made of graphic
//     characters, without '"' and '\', which no URL in normal form holds;
//   - Lang holds letters, digits, '-' and '_' only.
//
// '%', '_' and '*' are ordinary characters.
func (f Filter) Validate() error {
	for _, v := range []struct{ name, value string }{
		{"source", f.Source}, {"url_prefix", f.URLPrefix}, {"lang", f.Lang},
	} {
		if !index.Filterable(v.value) {
			return fmt.Errorf("%w: the filter %s holds a character that it can't have, or is longer than %d bytes",
				ErrQuery, v.name, index.MaxFilterBytes)
		}
	}
	if strings.ContainsFunc(f.Lang, isInvalidInTag) {
		return fmt.Errorf("%w: the filter lang is not a language tag, such as en or pt-BR", ErrQuery)
	}
	return nil
}

// Match reports whether a chunk with these values passes the filter.
func (f Filter) Match(source, url, lang string) bool {
	return (f.Source == "" || f.Source == source) &&
		strings.HasPrefix(url, f.URLPrefix) &&
		(f.Lang == "" || f.Lang == lang)
}

func isInvalidInTag(r rune) bool {
	return r > unicode.MaxASCII || r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
