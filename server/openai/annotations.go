package openai

import (
	"unicode/utf8"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/server/render"
)

// An annotation is a citation of a reply: from the character StartIndex to before
// EndIndex, the text names the page.
type annotation struct {
	Start int    `json:"start_index"`
	End   int    `json:"end_index"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

// annotations returns where the text of an answer names its citations. The offsets count
// characters (code points).
func annotations(ans *answer.Answer) []annotation {
	cited := map[int]answer.Citation{}
	for _, c := range ans.Citations {
		cited[c.N] = c
	}
	out := []annotation{}
	for _, r := range render.References(ans.Answer, func(n int) bool { _, ok := cited[n]; return ok }) {
		start := utf8.RuneCountInString(ans.Answer[:r.Start])
		out = append(out, annotation{Start: start, End: start + utf8.RuneCountInString(ans.Answer[r.Start:r.End]), URL: cited[r.N].Link, Title: cited[r.N].Title})
	}
	return out
}
