package language

import (
	_ "embed"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
)

// words is the table that its own first lines describe. It was written for this
// package and checked in November 2026 against the lists of stopwords-iso
// (github.com/stopwords-iso/stopwords-iso, MIT), which hold nine in ten of the words
// of the languages that they know.
//
//go:embed words.txt
var words string

// A script's profiles tell its languages apart.
type profiles struct {
	tags    []string
	words   map[string][]listed
	letters map[rune][]bool // by language: whether it has the letter
}

// A listed word is a word of one language.
type listed struct {
	lang  int
	score float64
}

// The scores of the profiles are logarithms of probabilities, relative to that of a
// word that is in no list.
const (
	unlisted   = 1e-4 // probability of such a word
	frequency  = 0.18 // of a word at place n, from 0: frequency / (n + offset)
	offset     = 3
	variable   = 1.0   // at most, of a letter of a–z by itself, which may be a variable
	noLetter   = -3.0  // score of a word with a letter that the language does not have
	firstBonus = 1.0   // of the first language of a script, if it is not Latin
	prior      = -0.05 // for each language that stands before it in the table
	// An unknown language in Latin letters has this score, and more for each word:
	// names and code hold a listed word by chance.
	unknownScore, unknownPerWord, unknownLetter = 2.0, 0.35, -1.5
)

// profilesOf are the profiles of the scripts that several languages use.
var profilesOf = sync.OnceValue(func() map[string]*profiles {
	all := map[string]*profiles{}
	var p *profiles
	for line := range strings.Lines(words) {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[0] == "#":
			p = &profiles{words: map[string][]listed{}, letters: map[rune][]bool{}}
			all[f[1]] = p
		case len(f) > 2 && f[0] != "#":
			p.add(f[0], f[1], f[2:])
		}
	}
	return all
})

func (p *profiles) add(tag, letters string, list []string) {
	lang := len(p.tags)
	p.tags = append(p.tags, tag)
	for i, w := range list {
		score := math.Log(frequency / (float64(i) + offset) / unlisted)
		if len(w) == 1 {
			score = min(score, variable)
		}
		p.words[w] = append(p.words[w], listed{lang, score})
	}
	if letters == "-" {
		return
	}
	for _, r := range letters {
		for len(p.letters[r]) < lang {
			p.letters[r] = append(p.letters[r], false)
		}
		p.letters[r] = append(p.letters[r], true)
	}
}

// profiled returns the language of words in a script that several languages use, how
// sure that is, and how many of the words are in its list.
func profiled(script string, ws []string) (tag string, confidence float64, hits int) {
	p := profilesOf()[script]
	unknown := math.Inf(-1)
	scores, counts := make([]float64, len(p.tags)), make([]int, len(p.tags))
	if script == "Latin" {
		unknown = unknownScore + unknownPerWord*float64(len(ws))
	} else {
		scores[0] = firstBonus
	}
	for _, w := range ws {
		for _, l := range p.words[w] {
			scores[l.lang] += l.score
			if len(w) > 1 {
				counts[l.lang]++
			}
		}
		has := p.wordLetters(w)
		for i := range has {
			if !has[i] {
				scores[i] += noLetter
			}
		}
		if has != nil {
			unknown += unknownLetter
		}
	}
	best := 0
	for i := range scores {
		scores[i] += prior * float64(i)
		if scores[i] > scores[best] {
			best = i
		}
	}
	if unknown >= scores[best] {
		return "", 0, 0
	}
	sum := math.Exp(unknown - scores[best])
	for _, s := range scores {
		sum += math.Exp(s - scores[best])
	}
	return p.tags[best], 1 / sum, counts[best]
}

// wordLetters returns for each language whether it has all letters of a word, or nil
// if every language has.
func (p *profiles) wordLetters(w string) []bool {
	var has []bool
	for _, r := range w {
		in, special := p.letters[r]
		if !special {
			continue
		}
		if has == nil {
			has = make([]bool, len(p.tags))
			for i := range has {
				has[i] = true
			}
		}
		for i := range has {
			has[i] = has[i] && i < len(in) && in[i]
		}
	}
	return has
}

// Grammar returns the words of a language that carry its grammar, such as articles,
// prepositions and question words, in lower case: whether a text holds them tells
// nothing about its subject. Tags are those of [Tags].
func Grammar(tag string) []string { return tables()[tableOf(tag)] }

// IsLatin reports whether the language has words of grammar in Latin letters.
func IsLatin(tag string) bool { return slices.Contains(profilesOf()["Latin"].tags, tableOf(tag)) }

// tableOf returns the language whose words are those of tag, too.
func tableOf(tag string) string {
	switch tag {
	case "nb", "nn":
		return "no"
	case "bs":
		return "hr"
	}
	return tag
}

// Tags returns the languages that have words of grammar, in any order.
func Tags() []string { return slices.Collect(maps.Keys(tables())) }

// tables are the words by language.
var tables = sync.OnceValue(func() map[string][]string { return tableOfWords(words, 2) })

// tableOfWords returns the words of a table by language. They begin with that field of
// a line.
func tableOfWords(table string, first int) map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > first && f[0] != "#" {
			all[f[0]] = f[first:]
		}
	}
	return all
}
