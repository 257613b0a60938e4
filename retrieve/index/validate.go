package index

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/embed"
)

// Validate returns an error if a store can't keep c. Every store calls it before it
// writes anything of a Put.
//
// Keys must be [ChunkID]s, page URLs not empty, and texts valid UTF-8 of at most
// [MaxTextBytes] bytes. Chunks must belong to the page. Each record to insert needs
// one window or more, and vectors of dim dimensions and unit length.
func (c Change) Validate(dim int) error {
	if err := c.validate(dim); err != nil {
		return fmt.Errorf("page %.200q: %w", c.Page.URL, err)
	}
	return nil
}

func (c Change) validate(dim int) error {
	p := c.Page
	if p.URL == "" {
		return errors.New("the URL is empty")
	}
	if err := validateTexts(p); err != nil {
		return err
	}
	for _, r := range c.Insert {
		if err := r.validate(p.URL, dim); err != nil {
			return fmt.Errorf("chunk %d: %w", r.Ordinal, err)
		}
	}
	for _, m := range c.Move {
		if err := m.validate(p.URL); err != nil {
			return fmt.Errorf("chunk %d: %w", m.Ordinal, err)
		}
	}
	for _, id := range c.Delete {
		if !IsKey(id) {
			return errInvalidKey
		}
	}
	return nil
}

func (r Record) validate(url string, dim int) error {
	if err := r.Chunk.validate(url); err != nil {
		return err
	}
	if len(r.Windows) == 0 {
		return errors.New("it has no vector")
	}
	for _, v := range r.Windows {
		if err := embed.ValidateVector(v, dim); err != nil {
			return err
		}
	}
	return r.Terms.Validate()
}

func (c Chunk) validate(url string) error {
	if !IsKey(c.ID) {
		return errInvalidKey
	}
	if c.URL != url {
		return errors.New("it belongs to another page")
	}
	return validateTexts(c)
}

// validateTexts returns an error if a string field of a [Page] or [Chunk] can't be
// stored. It looks at all fields, so that no new column is forgotten.
func validateTexts(row any) error {
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		if v.Field(i).Kind() != reflect.String {
			continue
		}
		switch s := v.Field(i).String(); {
		case len(s) > MaxTextBytes:
			return fmt.Errorf("its %s has %d bytes, more than %d", columnName(v.Type().Field(i).Name), len(s), MaxTextBytes)
		case !utf8.ValidString(s):
			return fmt.Errorf("its %s is not valid UTF-8", columnName(v.Type().Field(i).Name))
		}
	}
	return nil
}

var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)

// columnName returns the name of the column of a field, such as last_modified.
func columnName(field string) string {
	return strings.ToLower(wordStart.ReplaceAllString(field, "${1}_$2"))
}

// IsKey reports whether id is what [ChunkID], [URLID] and [WindowID] return.
func IsKey(id string) bool {
	if len(id) != 32 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

var errInvalidKey = errors.New("a key is not 32 lower-case hex digits")

// MaxFilterBytes is the longest value of a filter, in bytes: longer URLs are not in
// use.
const MaxFilterBytes = 2048

// Filterable reports whether every store can compare a column with s. It must be
// valid UTF-8 of at most [MaxFilterBytes] bytes and consist of graphic characters
// other than '"' and '\', which no URL in normal form contains.
func Filterable(s string) bool {
	if len(s) > MaxFilterBytes || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '"' || r == '\\' || !unicode.IsGraphic(r) })
}
