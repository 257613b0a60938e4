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

// A language is what [Terms] knows of one; the zero language knows nothing.
type language struct {
	stem func(string) string
	stop map[string]bool
}

// languages holds them by primary language subtag.
var languages = map[string]language{
	"":   englishLanguage,
	"en": englishLanguage,
	"es": {stem: all(spanish.Stem)},
	"fr": {stem: all(french.Stem)},
	"hu": {stem: all(hungarian.Stem)},
	"nb": {stem: all(norwegian.Stem)},
	"nn": {stem: all(norwegian.Stem)},
	"no": {stem: all(norwegian.Stem)},
	"ru": {stem: all(russian.Stem)},
	"sv": {stem: all(swedish.Stem)},
}

var englishLanguage = language{stem: all(english.Stem), stop: set(englishStop)}

// englishStop holds the English words that say nothing about the subject: those
// that join, point and ask. Words that could name a thing are not among them.
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

// The memory of a stemmer. A corpus repeats few words often, and stemming is most
// of the cost of an analysis.
const (
	maxStems     = 1 << 16 // words remembered per language
	maxStemBytes = 48      // a longer word is data, and stays as it is
)

// all makes a stemmer stem every word (what to leave out is decided here) and
// remember what it did.
func all(stem func(word string, stopWords bool) string) func(string) string {
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

// unknown is a tag of a language that [Terms] knows nothing of.
const unknown = "und"

// known returns the subtag that languages knows, or unknown. English is what a
// text without a tag is taken for.
func known(tag string) string {
	p := primary(tag)
	if _, ok := languages[p]; !ok {
		return unknown
	}
	if p == "" {
		return "en"
	}
	return p
}
