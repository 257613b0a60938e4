package answer

import (
	"fmt"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/draft"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/retrieve"
)

// maxSources is how many hits an extractive answer is chosen from, best first. With 20
// of them it is no better, and takes twice as long (5 sites, 2026-11-28).
const maxSources = 10

// answerExtractively answers with one to three parts of the pages, quoted unchanged,
// in the order of their pages. The quote of each citation is the sentence that
// answers.
func answerExtractively(question string, hits []retrieve.Hit, near extractive.Nearness) *Answer {
	if len(hits) == 0 {
		return unanswered(Extractive, "no page matches the question", nil)
	}
	sources := cite.Sources(hits[:min(maxSources, len(hits))])
	chosen := extractive.Choose(question, sources, near)
	if len(chosen) == 0 {
		return unanswered(Extractive, "the pages that were found have none of the question's words", hits)
	}
	urls := urlsOf(hits)
	ans := &Answer{Answered: true, Mode: Extractive}
	var parts []string
	for i, quote := range chosen {
		c := newCitation(i+1, quote.Source, sources, quote.Answer)
		c.Verified, c.By = true, byServer
		ans.Citations = append(ans.Citations, c)
		parts = append(parts, markdown(quote, i+1, urls))
	}
	ans.Answer = strings.Join(parts, "\n\n")
	ans.countVerified()
	return ans
}

// markdown returns a quote as Markdown with its citation: after its first paragraph,
// if it has one, else at its end.
func markdown(q extractive.Quote, n int, urls []string) string {
	text := q.Text.Markdown(q.Blocks, func(s string) string { return draft.Sanitize(s, urls) })
	mark := fmt.Sprintf("[%d]", n)
	isBlock := func(s string) bool { return strings.HasPrefix(s, "```") || strings.HasPrefix(s, "|") }
	parts := strings.Split(text, "\n\n")
	last := len(parts) - 1
	switch {
	case !isBlock(parts[0]):
		parts[0] += " " + mark
	case q.Text.EndsProse(q.Blocks):
		parts[last] += " " + mark
	default:
		parts = append(parts, mark)
	}
	if q.Rest > 0 {
		parts = append(parts, "…")
	}
	return strings.Join(parts, "\n\n")
}
