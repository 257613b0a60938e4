package retrieve

import (
	"slices"

	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// languages are those of a question and of the pages that may answer it. Both have a
// [panel].
type languages struct {
	question, pages string
	// isOther means that the question is in another language, without a panel.
	isOther bool
}

// differ reports whether the question is in another language than the pages.
func (l languages) differ() bool { return l.question != l.pages }

// english reports whether both are English.
func (l languages) english() bool { return l.question == "en" && l.pages == "en" }

// minGuess is how sure a guess of a question's language must be. No English question
// of XQuAD was held for one in another language (2026-11-28).
const minGuess = 0.6

// languages returns the languages of a question and of the pages that may answer it.
//
//   - Pages in the question's language are preferred, then those in English.
//   - A question that does not tell its language is in that of the pages.
//   - Without statistics, the pages are in English.
func (q Query) languages(ix index.Info) languages {
	langs := ix.Statistics.Langs()
	if q.Filter.Lang != "" {
		langs = []string{bm25.Known(q.Filter.Lang)}
	}
	asked, confidence := language.Guess(q.Text)
	var pages string
	switch {
	case slices.Contains(langs, asked):
		pages = asked
	case len(langs) == 0 || slices.Contains(langs, "en"):
		pages = "en"
	default:
		pages = langs[0]
	}
	if confidence < minGuess {
		asked = pages
	}
	_, ok := panels()[asked]
	return languages{question: withPanel(asked), pages: withPanel(pages), isOther: !ok}
}

// withPanel returns tag or, if it has no panel, a language that an embedder reads as
// well or as badly.
func withPanel(tag string) string {
	if _, ok := panels()[tag]; ok {
		return tag
	}
	if language.IsLatin(tag) {
		return "nl"
	}
	return "hi"
}
