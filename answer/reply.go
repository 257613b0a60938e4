package answer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/draft"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// A reply is what a model said to a prompt with these hits. Without a stream the
// draft is empty until the end.
type reply struct {
	llm.Response
	hits   []retrieve.Hit
	draft  *draft.Draft
	pieces int // bytes that came in pieces
}

// delta takes a piece in.
func (r *reply) delta(piece string) error {
	r.pieces += len(piece)
	return r.draft.Write(piece)
}

// end takes in what did not come in pieces; failed says that the text is not
// whole, whatever the response holds.
func (r *reply) end(failed bool) error {
	if !failed && r.pieces == 0 {
		if err := r.draft.Write(r.Text); err != nil {
			return err
		}
	}
	cut, _ := truncation(r.Response, failed, nil)
	return r.draft.Close(cut)
}

// readReply turns what the model wrote into an answer, and looks for its quotes in the
// sources. It returns nil if there is no answer in it.
func readReply(question string, r *reply) *Answer {
	text := r.draft.Text()
	switch {
	case r.draft.Missing():
		ans := unanswered(Generated, "the model finds no answer in the sources", r.hits)
		ans.Answer = text
		return ans
	case text == "":
		return nil
	}
	quotes := r.draft.Quotes()
	cited := slices.Clone(r.draft.Cited())
	if len(cited) == 0 { // the quotes say what it rests on
		for n := range quotes {
			if 1 <= n && n <= len(r.hits) {
				cited = append(cited, n)
			}
		}
	}
	slices.Sort(cited)
	sources := cite.Sources(r.hits)
	ans := &Answer{Answer: text, Answered: true, Mode: Generated, Citations: []Citation{}}
	for _, n := range slices.Compact(cited) {
		ans.Citations = append(ans.Citations, verify(n, sources, quotes[n], cmp.Or(sentencesCiting(text, n), question)))
	}
	ans.countVerified()
	return ans
}

var number = regexp.MustCompile(`[ \t]*\[\d{1,3}\]`)

// sentencesCiting returns the sentences of body that cite n, without the citations.
func sentencesCiting(body string, n int) string {
	var out []string
	for _, p := range cite.Parse(body, false).Sentences() {
		if strings.Contains(p.Text, fmt.Sprintf("[%d]", n)) {
			out = append(out, number.ReplaceAllString(p.Text, ""))
		}
	}
	return strings.Join(out, " ")
}
