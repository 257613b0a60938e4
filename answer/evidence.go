package answer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A refusal is why the hits are too little to answer from.
type refusal struct {
	reason    string
	onSubject bool // they are on the subject of the question, and may be of use
}

// lackOfEvidence returns why the hits are too little to answer from, or nil if they
// are enough, if there are none, or if the question has images, which may hold the
// answer. A model can judge whether pages on the subject answer the question, in other
// words perhaps; without one, the question's words must be in them.
func (a *Answerer) lackOfEvidence(q Question, found *retrieve.Result, hasModel bool) *refusal {
	onSubject := max(found.OnSubject, found.Evidence)
	switch {
	case len(found.Hits) == 0 || len(q.Images) > 0 || found.Evidence >= a.minEvidence || hasModel && onSubject >= a.minEvidence:
		return nil
	case hasModel || onSubject < a.minEvidence && len(absentNames(q.searchText(), found)) == 0:
		return &refusal{reason: offSubject(q.searchText(), found)}
	}
	return &refusal{lacking(q.searchText(), found), onSubject >= a.minEvidence}
}

// lacking returns what the pages lack of what the question asks.
func lacking(question string, found *retrieve.Result) string {
	if names := absentNames(question, found); len(names) > 0 {
		return "the pages don't mention " + enumerate(names, "or")
	}
	if word := found.Signals.ApartWord; word != "" {
		return fmt.Sprintf("the pages mention %s, but not together with what else is asked", word)
	}
	return "no passage has the words of the question together"
}

// maxNames is how many names a reason lists.
const maxNames = 3

// absentNames returns the names of a question that no page holds.
func absentNames(question string, found *retrieve.Result) []string {
	return absentWords(question, found, func(w retrieve.Word) bool { return w.Name })
}

// absentWords returns the words of a question that no page holds and that are among
// those wanted. Words that follow each other are one.
func absentWords(question string, found *retrieve.Result, want func(retrieve.Word) bool) []string {
	var out []string
	for _, w := range found.Words {
		if !w.Absent || !want(w) {
			continue
		}
		if n := len(out); n > 0 && strings.Contains(question, out[n-1]+" "+w.Text) {
			out[n-1] += " " + w.Text
			continue
		}
		out = append(out, w.Text)
	}
	return out[:min(maxNames, len(out))]
}

// enumerate joins names by commas and, before the last one, a conjunction.
func enumerate(names []string, conjunction string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}

// offSubject returns why the hits seem to be on another subject than the question, as far
// as languages and words tell.
func offSubject(question string, found *retrieve.Result) string {
	const reason = "no page seems to be about this"
	pages := edition.Base(cmp.Or(found.Hits[0].Lang, "en"))
	if asked := retrieve.LanguageOf(question); asked != "" && asked != pages {
		return fmt.Sprintf("%s: the pages that were found are in %s, so try it in %[2]s", reason, nameOf(pages))
	}
	isWord := func(w retrieve.Word) bool { r, _ := utf8.DecodeRuneInString(w.Text); return !bm25.Unspaced(r) }
	if words := absentWords(question, found, isWord); len(words) > 0 {
		return reason + ", and none mentions " + enumerate(words, "or")
	}
	if slices.ContainsFunc(found.Words, func(w retrieve.Word) bool { return !w.Absent }) {
		return reason + ", though some have words of the question"
	}
	return reason
}

// quote answers with sentences of the hits, or refuses to.
func quote(q Question, hits []retrieve.Hit) *Answer {
	if q.lack != nil {
		return refuse(q.lack, q, hits)
	}
	return answerExtractively(q.searchText(), hits, q.near)
}

// refuse returns an unanswered Answer. If the hits are on the subject, it has what they
// say nearest to the question.
func refuse(r *refusal, q Question, hits []retrieve.Hit) *Answer {
	ans := unanswered(Extractive, r.reason, hits)
	if r.onSubject {
		ans.Closest = answerExtractively(q.searchText(), hits, q.near).Citations
	}
	return ans
}
