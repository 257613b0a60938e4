package document

import (
	"strings"

	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/internal/language"
)

// How sure a guess must be to count: where a page does not name its language, and
// where it claims to be English, which templates do in every language.
const (
	minGuess    = 0.5
	minOverrule = 0.99
)

// languageOf returns the language of a page: what the page says, or a guess by its
// title and text.
func languageOf(p extract.Page) string {
	least := minGuess
	if p.Lang != "" {
		if tag := strings.ToLower(p.Lang); tag != "en" && !strings.HasPrefix(tag, "en-") {
			return p.Lang
		}
		least = minOverrule
	}
	tag, confidence := language.Guess(p.Title + "\n" + p.Text)
	if confidence < least || tag == "en" && p.Lang != "" {
		return p.Lang
	}
	return tag
}
