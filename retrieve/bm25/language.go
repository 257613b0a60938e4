package bm25

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/french"
	"github.com/kljensen/snowball/hungarian"
	"github.com/kljensen/snowball/norwegian"
	"github.com/kljensen/snowball/russian"
	"github.com/kljensen/snowball/spanish"
	"github.com/kljensen/snowball/swedish"
)

// A language holds the rules of [Terms] for one language; the zero language has none.
type language struct {
	stem func(string) string
	stop map[string]bool
}

// languages holds the known languages by primary subtag.
var languages = map[string]language{
	"":   englishLanguage,
	"en": englishLanguage,
	"es": {stem: memoized(spanish.Stem)},
	"fr": {stem: memoized(french.Stem)},
	"hu": {stem: memoized(hungarian.Stem)},
	"nb": {stem: memoized(norwegian.Stem)},
	"nn": {stem: memoized(norwegian.Stem)},
	"no": {stem: memoized(norwegian.Stem)},
	"ru": {stem: memoized(russian.Stem)},
	"sv": {stem: memoized(swedish.Stem)},
}

var englishLanguage = language{stem: memoized(english.Stem), stop: set(englishStop)}

// englishStop are the English stop words: conjunctions, prepositions, pronouns,
// auxiliaries and question words, but no word that could name a thing.
const englishStop = `a an the and or but nor so if then than as at by for from
in into of on onto to with within without about over under between through
is are was were be been being am do does did done doing has have had having
can could will would shall should may might must
i you he she it we they me him her us them my your his its our their mine yours
this that these those there here such own same
what which who whom whose when where why how
not no it's i'm i'd i've i'll you're you'd what's how's that's there's let's
don't doesn't didn't isn't aren't wasn't can't cannot couldn't won't wouldn't shouldn't
also just only very too please`

// primary returns the first subtag of a language tag: "en" of "en-US".
func primary(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag)
}

// Limits of a stemmer's cache. A corpus repeats few words often, and stemming is most
// of the cost of an analysis.
const (
	maxStems     = 1 << 16 // words cached per language
	maxStemBytes = 48      // a longer word is data, and is not stemmed
)

// memoized returns a stemmer that caches its results. It stems stop words too: those
// are left out elsewhere.
func memoized(stem func(word string, stopWords bool) string) func(string) string {
	var known sync.Map // word → stem
	var n atomic.Int64
	return func(word string) string {
		if len(word) > maxStemBytes {
			return word
		}
		if v, ok := known.Load(word); ok {
			return v.(string)
		}
		s := stem(word, true)
		if n.Add(1) <= maxStems {
			known.Store(strings.Clone(word), s)
		}
		return s
	}
}

func set(list string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// unknownSubtag stands for all languages that [Terms] does not know.
const unknownSubtag = "und"

// knownSubtag returns the primary subtag of a tag if languages has it, else
// unknownSubtag. A text without a tag counts as English.
func knownSubtag(tag string) string {
	p := primary(tag)
	if _, ok := languages[p]; !ok {
		return unknownSubtag
	}
	if p == "" {
		return "en"
	}
	return p
}
