package language

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// asking is the table that its own first lines describe.
//
//go:embed asking.txt
var asking string

// askingWords are the words by language.
var askingWords = sync.OnceValue(func() map[string][]string { return tableOfWords(asking, 1) })

// unspaced are the languages in which spaces separate no words.
var unspaced = []string{"ja", "th", "zh"}

// Asks reports whether a word, in lower case, only asks in a language other than
// English, such as a question word or the verb of "Is it possible?".
func Asks(word, tag string) bool { return slices.Contains(askingWords()[tableOf(tag)], word) }

// WithoutAsking returns a question in Chinese, Japanese or Thai with spaces in place of
// the words that only ask, and one in another language unchanged.
func WithoutAsking(question, tag string) string {
	if !slices.Contains(unspaced, tag) {
		return question
	}
	for _, w := range askingWords()[tag] {
		question = strings.ReplaceAll(question, w, " ")
	}
	return question
}
