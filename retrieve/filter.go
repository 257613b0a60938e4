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
	Lang      string `json:"lang,omitempty"`       // this language; "de" is also "de-AT"
	Version   string `json:"version,omitempty"`    // this version, as addresses spell it
}

// Validate returns an [ErrQuery] if a store can't compare with the values:
//
//   - every value is valid UTF-8 of at most 2048 bytes, made of graphic
//     characters, without '"' and '\', which no URL in normal form holds;
//   - Lang holds letters, digits, '-' and '_' only;
//   - Version holds letters, digits, '-', '_' and '.' only.
//
// '%', '_' and '*' are ordinary characters.
func (f Filter) Validate() error {
	for _, v := range []struct{ name, value string }{
		{"source", f.Source}, {"url_prefix", f.URLPrefix}, {"lang", f.Lang}, {"version", f.Version},
	} {
		if !index.Filterable(v.value) {
			return fmt.Errorf("%w: the filter %s holds a character that it can't have, or is longer than %d bytes",
				ErrQuery, v.name, index.MaxFilterBytes)
		}
	}
	if strings.ContainsFunc(f.Lang, isInvalidInTag) {
		return fmt.Errorf("%w: the filter lang is not a language tag, such as en or pt-BR", ErrQuery)
	}
	if strings.ContainsFunc(f.Version, func(r rune) bool { return r != '.' && isInvalidInTag(r) }) {
		return fmt.Errorf("%w: the filter version is not a version, such as 2.0 or stable", ErrQuery)
	}
	return nil
}

// Match reports whether a chunk passes the filter.
func (f Filter) Match(c index.Chunk) bool {
	return (f.Source == "" || f.Source == c.Source) &&
		strings.HasPrefix(c.URL, f.URLPrefix) &&
		(f.Lang == "" || f.Lang == c.Lang || strings.HasPrefix(c.Lang, f.Lang+"-")) &&
		(f.Version == "" || f.Version == c.Version || index.HasVersion(c.AlsoIn, f.Version))
}

func isInvalidInTag(r rune) bool {
	return r > unicode.MaxASCII || r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
