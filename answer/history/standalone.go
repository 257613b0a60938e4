package history

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// Standalone returns a question that can be searched for without what was said
// before it. It needs no model:
//
//   - A question that stands alone is returned unchanged. It neither refers back
//     ("it", "they", "then"), nor starts mid-conversation ("and", "what about",
//     "why"), and has at least two content words or a name.
//   - Otherwise the content words of the question before are put in front, without
//     those that the question repeats. If that question did not stand alone either,
//     the words of the one before it follow, and so on, up to twelve words.
//   - A question that these words would make longer than [retrieve.MaxQueryRunes]
//     is returned unchanged, too.
//
// The answers are ignored: they are long and mention many things.
func Standalone(question string, history []Turn) string {
	var before []string // questions, newest first
	for _, t := range slices.Backward(history) {
		if t.Role == User && !IsCourtesy(t.Content) {
			before = append(before, t.Content)
		}
	}
	words := wordsBefore(question, before)
	if len(words) == 0 {
		return question
	}
	whole := strings.Join(words, " ") + ": " + question
	if utf8.RuneCountInString(whole) > retrieve.MaxQueryRunes {
		return question
	}
	return whole
}

// maxContextWords is how many words [Standalone] puts in front.
const maxContextWords = 12

// wordsBefore returns the content words that a question needs from the questions
// before it, newest first.
func wordsBefore(question string, before []string) []string {
	if len(before) == 0 || !needsContext(question) {
		return nil
	}
	known := bm25.TermSet(question, "")
	var out []string
	for _, w := range append(wordsBefore(before[0], before[1:]), strings.FieldsFunc(before[0], isSeparator)...) {
		w = strings.Trim(w, ".-'’_/")
		ts := bm25.Terms(w, "")
		if len(ts) == 0 || vague[strings.ToLower(w)] || known[ts[0]] {
			continue
		}
		known[ts[0]] = true
		out = append(out, w)
	}
	return out[:min(len(out), maxContextWords)]
}

// isSeparator reports whether r separates words. Identifiers such as
// max_completion_tokens, --min-evidence and /v1/ask are words.
func isSeparator(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./'’", r)
}

// vague are content words that do not tell what a question is about.
var vague = map[string]bool{
	"use": true, "used": true, "get": true, "make": true, "want": true, "need": true, "tell": true, "explain": true, "mean": true, "work": true,
	"example": true, "examples": true, "detail": true, "details": true, "more": true, "show": true, "works": true, "happen": true, "happens": true, "there": true, "know": true, "give": true, "say": true, "thanks": true,
}

var (
	// refersBack matches words that stand for something said before.
	refersBack = regexp.MustCompile(`(?i)\b(?:it|its|itself|they|them|their|theirs|he|him|his|she|her|this|that|these|those|ones?|others?|another|former|latter|both|same|instead|else|more|again)\b|\bthen\W*$`)
	// startsMidway matches questions that continue what was said.
	startsMidway = regexp.MustCompile(`(?i)^\W*(?:and|or|but|so|then|also|what about|how about|what if|why|when|where|how|how (?:so|many|much|long|often|come)|which|who|really|ok(?:ay)?|yes|no)\b\W*$|^\W*(?:and|or|but|so|then|also|what about|how about|what if|why not|ok(?:ay)?|yes|no)\b`)
	// name matches what names a thing: an identifier, a flag, a number, or a word
	// with a capital letter other than the first word.
	name = regexp.MustCompile(`\w[._/]\w|--?\w{2}|\d|[\p{Ll}\d]\p{Lu}|\p{Lu}{2}|[^\s.?!:]\s+[\p{Lu}]\p{Ll}`)
)

// minTerms is how many terms a question needs to stand alone if it names
// nothing: "What is the default?" has one, "How do I ask about images?" two.
const minTerms = 2

// refers reports whether a question needs what was said before it.
func needsContext(question string) bool {
	question = strings.TrimSpace(question)
	return refersBack.MatchString(question) || startsMidway.MatchString(question) ||
		tells(question) < minTerms && !name.MatchString(question)
}

// tells returns how many terms of a question tell what it is about.
func tells(question string) int {
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(question, isSeparator) {
		if !vague[strings.ToLower(w)] {
			for _, t := range bm25.Terms(w, "") {
				seen[t] = true
			}
		}
	}
	return len(seen)
}

// Covers reports whether at least half of the terms of text come from the question
// or from the turns. Then text may be that question in other words; otherwise it is
// an answer or an apology.
func Covers(text, question string, turns []Turn) bool {
	known := bm25.TermSet(question, "")
	for _, t := range Recent(turns) {
		maps.Copy(known, bm25.TermSet(t.Content, ""))
	}
	n, all := 0, bm25.TermSet(text, "")
	for t := range all {
		if known[t] {
			n++
		}
	}
	return n > 0 && 2*n >= len(all)
}
