package answer

import (
	"fmt"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/draft"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/retrieve"
)

// answerExtractively answers with one to four sentences of the chunks, quoted
// unchanged, in the order of their pages.
func answerExtractively(question string, hits []retrieve.Hit) *Answer {
	if len(hits) == 0 {
		return unanswered(Extractive, "no page matches the question", nil)
	}
	sources := cite.Sources(hits)
	chosen := extractive.Choose(question, sources)
	if len(chosen) == 0 {
		return unanswered(Extractive, "no sentence found contains a word of the question", hits)
	}
	urls := urlsOf(hits)
	ans := &Answer{Answered: true, Mode: Extractive}
	var b strings.Builder
	var before cite.Passage
	for i, p := range chosen {
		n := i + 1
		switch {
		case i == 0:
		case p.Kind == cite.Prose && before.Kind == cite.Prose:
			b.WriteString(" ")
		default:
			b.WriteString("\n")
		}
		if t := p.Term; t != "" {
			b.WriteString(strings.TrimRight(draft.Sanitize(t, urls), ":") + ": ")
		}
		fmt.Fprintf(&b, "%s [%d]", sanitized(p.Passage, urls), n)
		c := newCitation(n, p.Source, sources, p.Passage)
		c.Verified, c.By = true, byServer
		ans.Citations = append(ans.Citations, c)
		before = p.Passage
	}
	ans.Answer = b.String()
	ans.countVerified()
	return ans
}

// sanitized returns a passage as text of an answer; see [draft.Sanitize]. The
// quote of the citation is not changed.
func sanitized(p cite.Passage, urls []string) string {
	if p.Kind == cite.Code && !strings.Contains(p.Text, "`") {
		return "`" + p.Text + "`"
	}
	return draft.Sanitize(p.Text, urls)
}
