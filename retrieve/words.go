package retrieve

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A Word is a word of a question that tells what it is about. Stop words and words
// that only ask, such as how, use and example, are none.
type Word struct {
	Text string // as the question writes it, or as it was corrected
	// Asked is the misspelt word that Text replaces in search and evidence; "" for
	// a word that is as the question writes it.
	Asked  string
	Weight float64 // how much the word tells: its idf, 0–1; 1 for a word that no chunk holds
	Absent bool    // no chunk of the index holds the word, nor its parts side by side
	// Name means that the word names one thing that has no other word: a product, a
	// version or an identifier. Another word may have a synonym.
	Name bool
	Code bool // the question marks the word as code

	holders int                   // chunks that hold it
	decides float64               // how much it belongs to the subject of the index, 0–1; see decisiveness
	forms   map[string][][]string // by language: the terms that a text holds side by side, in one way or another
}

// Terms returns the terms of the word in a text of the language; see [bm25.Terms].
func (w Word) Terms(lang string) []string { return bm25.Terms(w.Text, lang) }

// minUsualRunes is the length of the shortest words of dictionaries. A shorter word is
// a name only if its spelling shows that.
const minUsualRunes = 3

// wordsOf returns the content words of a question, each once.
func wordsOf(question string, ix index.Info) []Word {
	tokens := scan(question)
	in := tongueOf(question, tokens, ix)
	tokens = pairs(tokens, in.lang)
	usual := in.usual
	seen := map[string]bool{}
	var out []Word
	for i, t := range tokens {
		key := strings.ToLower(t.text)
		if seen[key] || !t.isCode && (asks(key, in.lang) || isStopWord(key, in.lang, ix)) {
			continue
		}
		seen[key] = true
		w := Word{Text: t.text, Code: t.isCode, Name: in.isName(t, key)}
		var before, after string
		if i > 0 && t.followsClosely {
			before = tokens[i-1].text
		}
		if i+1 < len(tokens) && tokens[i+1].followsClosely {
			after = tokens[i+1].text
		}
		if w.weigh(ix, before, after) {
			w.Absent = w.Absent && !(w.Name && in.lang != "en" && w.isPart(ix))
			if usual != nil || w.Name {
				rank := usual.Rank(key)
				switch {
				case rank == 0 && utf8.RuneCountInString(key) <= minUsualRunes:
					rank = acronymRank
				case rank == 0 && !w.Absent && ix.Vocabulary.Len() > 0 && ix.Vocabulary.Count(key) == 0:
					rank = usual.Rank(usual.Nearest(key)) // misspelt, with the stem of another word
				}
				w.decides = decisiveness(w.holders, ix.Statistics.Chunks(), rank)
				if !w.Name {
					w.decides *= usualShare
				}
			}
			out = append(out, w)
		}
	}
	return out
}

// withSeparable returns a German question with its verb as the pages write it, if it
// stands in two parts: "hochlade" in place of "lade … hoch".
func withSeparable(question string, l languages, ix index.Info) string {
	const lang = "de"
	verb, joined, ok := language.Separable(question)
	if l.question != lang || l.differ() || !ok {
		return question
	}
	if t := bm25.Terms(joined, lang); len(t) != 1 || ix.Statistics.Holders(t[0]) == 0 {
		return question
	}
	particle := joined[:len(joined)-len(verb)]
	end := strings.LastIndex(question, particle)
	at := strings.LastIndex(question[:end], " "+verb+" ") + 1
	if at == 0 {
		return question
	}
	return question[:at] + joined + question[at+len(verb):end] + question[end+len(particle):]
}

// isStopWord reports whether a word is a stop word of the language of the question or,
// if that is unknown, of one of the index.
func isStopWord(word, lang string, ix index.Info) bool {
	langs := []string{lang}
	if lang == "" {
		langs = languagesOf(ix)
	}
	return slices.ContainsFunc(langs, func(lang string) bool { return len(bm25.Terms(word, lang)) == 0 })
}

// weigh sets the word's forms, its weight, and whether it is absent. It returns false
// for a word without terms. The words before and after it may be its other part.
func (w *Word) weigh(ix index.Info, before, after string) bool {
	w.forms = map[string][][]string{}
	most, hasTerms := 0, false
	for _, lang := range languagesOf(ix) {
		terms := bm25.Terms(w.Text, lang)
		if len(terms) == 0 {
			continue
		}
		hasTerms = true
		held := ix.Statistics.Holders(terms[0])
		forms := [][]string{terms[:1]}
		if len(terms) > 1 { // an identifier, and its parts
			forms = append(forms, terms[1:])
		} else if held == 0 {
			forms = append(forms, compounds(w.Text, lang, ix.Statistics)...)
		}
		for _, joined := range [2]string{before + w.Text, w.Text + after} {
			if t := bm25.Terms(joined, lang); joined != w.Text && len(t) == 1 && ix.Statistics.Holders(t[0]) > 0 {
				held = max(held, ix.Statistics.Holders(t[0]))
				forms = append(forms, t)
			}
		}
		w.forms[lang] = forms
		most = max(most, held)
	}
	isKnown := ix.Statistics.Chunks() > 0 // what chunks hold
	w.holders, w.Absent, w.Weight = most, isKnown && most == 0, ix.Statistics.Rarity(most)
	return hasTerms
}

// isPart reports whether a name is part of a word of the index, as in compounds, or
// whether the index holds its parts. The s of a genitive or plural does not count.
func (w *Word) isPart(ix index.Info) bool {
	if ix.Vocabulary.HasPart(strings.TrimSuffix(strings.ToLower(w.Text), "s")) {
		return true
	}
	for lang, forms := range w.forms {
		if len(w.Terms(lang)) > 1 {
			continue // an identifier, whose parts are no compound
		}
		for _, f := range forms {
			if len(f) == 2 && len(f[0]) >= minNamePart && len(f[1]) >= minNamePart {
				return true
			}
		}
	}
	return false
}

// The constants of decisiveness.
const (
	// A word of rank r is about one in 10·r words of English (Zipf), and a chunk has
	// about 300 words.
	chunkWordsByRank = 30
	unknownRank      = 60_000 // of a word that the dictionary lacks
	acronymRank      = 3_000  // of one of three letters or fewer, such as API or PDF, which dictionaries lack
	// The words of an index's subject are in its chunks more often than elsewhere, by
	// this factor's logarithm or more. Of -1, 0, 1 and 2 it separated questions on
	// words that never meet best (5 sites, 2026-11-28).
	subjectExcess = 2
	// A word that is no name may have a synonym, so it decides less than a name. Of
	// 0.3 to 1, 0.4 to 0.65 separated them best.
	usualShare = 0.5
)

// decisiveness returns how much a word that some chunks hold belongs to the subject of
// the index: whether more chunks hold it than would hold any word of its rank in a
// dictionary, where 0 means none. It is 0 for a word that no chunk holds.
func decisiveness(holders, chunks, rank int) float64 {
	if holders == 0 {
		return 0
	}
	if rank == 0 {
		rank = unknownRank
	}
	expected := 1 - math.Exp(-chunkWordsByRank/float64(rank))
	excess := math.Log((float64(holders) + 0.5) / float64(max(chunks, holders)) / expected)
	return sigmoid(excess - subjectExcess)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// languagesOf returns the languages of an index's chunks.
func languagesOf(ix index.Info) []string {
	if langs := ix.Statistics.Langs(); len(langs) > 0 {
		return langs
	}
	return []string{bm25.Known("")}
}

// minCompoundPart is the least length, in bytes, of the parts of a compound.
const minCompoundPart = 3

// minNamePart is the same for the parts of a name. Shorter ones fit by chance.
const minNamePart = 4

// compounds returns the pairs of terms that a word may be written as, such as web
// socket for websocket, of those that the index holds.
func compounds(word, lang string, stats *bm25.Statistics) [][]string {
	var out [][]string
	for i := minCompoundPart; i+minCompoundPart <= len(word); i++ {
		if !utf8.RuneStart(word[i]) {
			continue
		}
		a, b := bm25.Terms(word[:i], lang), bm25.Terms(word[i:], lang)
		if len(a) == 1 && len(b) == 1 && stats.Holders(a[0]) > 0 && stats.Holders(b[0]) > 0 {
			out = append(out, []string{a[0], b[0]})
		}
	}
	return out
}

// heldBy returns the places in a text at which it holds the word.
func (w Word) heldBy(text bm25.Tokens, lang string) []int {
	var at []int
	for _, form := range w.forms[bm25.Known(lang)] {
		at = append(at, text.Find(form...)...)
	}
	return at
}

// minDecisive is the decisiveness from which on a question turns on a word.
const minDecisive = 0.3

// Unheld returns the words that the question turns on, names and words of the subject
// of the index, that none of the hits holds.
func (r *Result) Unheld(hits []Hit) []string {
	var out []string
	for _, w := range r.Words {
		if !(w.Name && w.Absent) && w.decides < minDecisive {
			continue
		}
		if !slices.ContainsFunc(hits, func(h Hit) bool {
			return len(w.heldBy(bm25.Tokenize(heading(h.Chunk)+"\n"+h.Text, h.Lang), h.Lang)) > 0
		}) {
			out = append(out, w.Text)
		}
	}
	return out
}
