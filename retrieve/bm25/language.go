package bm25

import (
	"strings"
	"sync"

	"github.com/citewell/citewell/internal/language"
)

// A rules value holds the rules of [Terms] for one language.
type rules struct {
	stem func(string) string // nil for none
	stop map[string]bool     // folded, if fold is not nil
	fold func(string) string // removes what users leave out; nil for none
	// cut means that an apostrophe separates words, as in l'eau, or a word and its
	// suffix, as in Ankara'nın.
	cut bool
	// known is word, but remembers the results.
	known func(tok string) []string
}

// languages holds the known languages by primary subtag. A text without a tag counts
// as English.
var languages = sync.OnceValue(func() map[string]rules {
	all := map[string]rules{}
	for _, tag := range language.Tags() {
		all[tag] = rules{}
	}
	for tag := range snowball {
		all[tag] = rules{}
	}
	for tag := range strings.FieldsSeq(endings) {
		all[tag] = rules{}
	}
	for tag := range all {
		all[tag] = rulesOf(tag)
	}
	for tag := range strings.FieldsSeq("ja km ko lo my th zh") { // cut by their scripts alone
		all[tag] = noRules
	}
	all[""] = all["en"]
	return all
})

func rulesOf(tag string) rules {
	if tag == "en" {
		return rules{stem: snowballStem(tag), stop: set(englishStop)}.remembering()
	}
	r := rules{stem: stemOf(tag), stop: map[string]bool{}, cut: has(elisions, tag)}
	if !has(ownLetters, tag) {
		r.fold = foldMarks
	}
	for _, w := range language.Grammar(tag) {
		r.stop[r.folded(w)] = true
	}
	return r.remembering()
}

// folded returns a word without what the language folds.
func (r rules) folded(word string) string {
	if r.fold == nil {
		return word
	}
	return r.fold(word)
}

const (
	// ownLetters are languages whose marks make letters that no one leaves out, or
	// tell words apart: without them, recall@5 falls by 0.014 in Vietnamese
	// (2026-11-28).
	ownLetters = "da et fi hu is nb nn no sv vi"
	// elisions are languages whose apostrophe separates words or suffixes.
	elisions = "az ca fr it tr"
)

func has(list, tag string) bool { return strings.Contains(" "+list+" ", " "+tag+" ") }

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

// rulesFor returns the rules for texts in the language of a tag.
func rulesFor(tag string) rules {
	if r, ok := languages()[primary(tag)]; ok {
		return r
	}
	return noRules
}

// primary returns the first subtag of a language tag: "en" of "en-US".
func primary(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag)
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
	if _, ok := languages()[p]; !ok {
		return unknownSubtag
	}
	if p == "" {
		return "en"
	}
	return p
}
