package answer

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/draft"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
)

// A reply is what a model wrote about these hits. Without a stream the draft is
// empty until [reply.end].
type reply struct {
	llm.Response
	hits   []retrieve.Hit
	draft  *draft.Draft
	form   *draft.Form // writes to the draft
	pieces int         // bytes that arrived in pieces
}

// newReply returns a reply about hits that calls show with each piece of the text.
func newReply(hits []retrieve.Hit, show func(string) error) *reply {
	d := draft.New(urlsOf(hits), show)
	return &reply{hits: hits, draft: d, form: draft.NewForm(d)}
}

// delta adds a piece.
func (r *reply) delta(piece string) error {
	r.pieces += len(piece)
	return r.form.Write(piece)
}

// end adds the text if it did not arrive in pieces, and closes the draft. If
// failed, the text counts as cut off, whatever the response says.
func (r *reply) end(failed bool) error {
	if !failed && r.pieces == 0 {
		if err := r.form.Write(r.Text); err != nil {
			return err
		}
	}
	cut, _ := truncation(r.Response, failed, nil)
	err := r.form.Close(cut)
	for _, q := range r.Quotes {
		for _, text := range readings(q.Text) {
			r.draft.AddQuote(q.Document, text)
		}
	}
	return err
}

// readings returns the ways to read a passage that a service cites, the best first. A
// service cuts a page at the ends of sentences, so the heading above a sentence may be a
// part of its passage: without headings around it, as it is, and each of its sentences.
func readings(passage string) []string {
	sentences := cite.Parse(passage, false).Sentences()
	if len(sentences) == 0 {
		return []string{passage}
	}
	first, last := sentences[0], sentences[len(sentences)-1]
	out := []string{string([]rune(passage)[first.Start:last.End]), passage}
	for _, s := range sentences {
		out = append(out, s.Text)
	}
	return out
}

// readReply turns a model's reply into an Answer and verifies its quotes
// against the sources. It returns nil if the reply holds no answer.
func readReply(ctx context.Context, question string, r *reply) *Answer {
	_, span := trace.Start(ctx, "check_quotes")
	defer span.End()
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
		ans.Citations = append(ans.Citations, verify(n, sources, quotes, cmp.Or(sentencesCiting(text, n), question)))
	}
	ans.countVerified()
	span.Number("citewell.quotes", ans.Total)
	span.Number("citewell.quotes_verified", ans.Verified)
	return ans
}

var number = regexp.MustCompile(`[ \t]*\[\d{1,3}\]`)

// sentencesCiting returns the sentences of body that cite n, without the
// citations.
func sentencesCiting(body string, n int) string {
	var out []string
	for _, p := range cite.Parse(body, false).Sentences() {
		if strings.Contains(p.Text, fmt.Sprintf("[%d]", n)) {
			out = append(out, number.ReplaceAllString(p.Text, ""))
		}
	}
	return strings.Join(out, " ")
}
