package answer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/citewell/citewell/retrieve/bm25"
)

// standalone makes of a question one that can be searched for without what was
// said before, where no model does:
//
//   - A question that stands for itself stays as it is: one that neither points
//     back, as by "it", "they" or "then", nor begins in the middle, as by
//     "and", "what about" or "why", nor has fewer than two words of content and
//     no name among them.
//   - Else the words of content of the question before it, that it does not hold
//     itself, are put in front; if that one did not stand for itself either, those
//     of the one before that too, and so on. No more than twelve words are.
//
// What the answers said is not looked at: it is long, and of many things.
func standalone(question string, history []Turn) string {
	var before []string // questions, latest first
	for _, t := range slices.Backward(history) {
		if t.Role == RoleUser {
			before = append(before, t.Content)
		}
	}
	words := carried(question, before)
	if len(words) == 0 {
		return question
	}
	return strings.Join(words, " ") + ": " + question
}

// maxContextWords is how many words are put in front at most.
const maxContextWords = 12

// carried returns the words that a question needs of those before it, latest
// first.
func carried(question string, before []string) []string {
	if len(before) == 0 || !refers(question) {
		return nil
	}
	held := terms(question, "")
	var out []string
	for _, w := range append(carried(before[0], before[1:]), strings.FieldsFunc(before[0], notInWord)...) {
		w = strings.Trim(w, ".-'’_/")
		ts := bm25.Terms(w, "")
		if len(ts) == 0 || idle[strings.ToLower(w)] || held[ts[0]] {
			continue
		}
		held[ts[0]] = true
		out = append(out, w)
	}
	return out[:min(len(out), maxContextWords)]
}

// notInWord reports whether r stands between words. Identifiers such as
// max_completion_tokens, --min-evidence and /v1/ask are words.
func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./'’", r)
}

// idle are words of content that say nothing of what a question is about.
var idle = map[string]bool{
	"use": true, "used": true, "get": true, "make": true, "want": true, "need": true, "tell": true, "explain": true, "mean": true, "work": true,
	"works": true, "happen": true, "happens": true, "there": true, "know": true, "give": true, "say": true, "thanks": true,
}

var (
	// points holds the words that stand for something said before.
	points = regexp.MustCompile(`(?i)\b(?:it|its|itself|they|them|their|theirs|he|him|his|she|her|this|that|these|those|ones?|others?|another|former|latter|both|same|instead|else|more|again)\b|\bthen\W*$`)
	// middle holds the ways in which a question goes on with what was said.
	middle = regexp.MustCompile(`(?i)^\W*(?:and|or|but|so|then|also|what about|how about|what if|why|when|where|how|how (?:so|many|much|long|often|come)|which|who|really|ok(?:ay)?|yes|no)\b\W*$|^\W*(?:and|or|but|so|then|also|what about|how about|what if|why not|ok(?:ay)?|yes|no)\b`)
	// name holds what names a thing: an identifier, a flag, a number, or a word
	// with a capital letter that does not begin the question.
	name = regexp.MustCompile(`\w[._/]\w|--?\w{2}|\d|[\p{Ll}\d]\p{Lu}|\p{Lu}{2}|[^\s.?!:]\s+[\p{Lu}]\p{Ll}`)
)

// fewTerms is how many terms make a question that stands for itself without
// naming anything: "What is the default?" has one, "How do I ask about images?"
// two.
const fewTerms = 2

// refers reports whether a question needs what was said before it.
func refers(question string) bool {
	question = strings.TrimSpace(question)
	return points.MatchString(question) || middle.MatchString(question) ||
		len(terms(question, "")) < fewTerms && !name.MatchString(question)
}
