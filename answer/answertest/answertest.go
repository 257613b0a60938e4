// Package answertest holds fakes for tests of answers: a retriever with given
// chunks, and models that read the prompt like a language model.
package answertest

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc64"
	"math/rand/v2"
	"regexp"
	"strings"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// A Retriever returns its first k hits for every question; k = 0 means five.
// Their evidence is enough for every answer.
type Retriever []retrieve.Hit

// Retrieve returns the hits that pass the filter.
func (r Retriever) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	k, f := cmp.Or(q.K, retrieve.DefaultK), q.Filter
	var out []retrieve.Hit
	for _, h := range r {
		if len(out) < k && (f.Source == "" || f.Source == h.Source) && strings.HasPrefix(h.URL, f.URLPrefix) && (f.Lang == "" || f.Lang == h.Lang) {
			h.Dense = cmp.Or(h.Dense, h.Score)
			out = append(out, h)
		}
	}
	return &retrieve.Result{Hits: out, Mode: retrieve.Hybrid, Evidence: 1}, nil
}

// A Model writes what the function returns for a prompt.
type Model func(prompt string) (llm.Response, error)

// Complete calls m. If r has a Delta, it sends the text in random pieces, the
// same for the same text, even if m fails.
func (m Model) Complete(ctx context.Context, r llm.Request) (llm.Response, error) {
	resp, err := m(r.Messages[0].Text)
	if r.Delta == nil {
		return resp, err
	}
	rnd := rand.New(rand.NewPCG(crc64.Checksum([]byte(resp.Text), crc64.MakeTable(crc64.ISO)), 0))
	for rest := []rune(resp.Text); len(rest) > 0; {
		if ctx.Err() != nil {
			return llm.Response{}, ctx.Err()
		}
		n := 1 + rnd.IntN(min(7, len(rest)))
		if err := r.Delta(string(rest[:n])); err != nil {
			return llm.Response{}, fmt.Errorf("answertest: %w", err)
		}
		rest = rest[n:]
	}
	return resp, err
}

// Says returns a model that writes text for every prompt.
func Says(text string) Model {
	return func(string) (llm.Response, error) {
		return llm.Response{Text: text, Model: "o1-mini", FinishReason: "stop", Usage: llm.Usage{PromptTokens: 10, CompletionTokens: 5}}, nil
	}
}

// Fails returns a model that fails with err after it used the tokens of resp.
func Fails(resp llm.Response, err error) Model {
	return func(string) (llm.Response, error) { return resp, err }
}

// Quotes is a model that follows the rules: it repeats the first line of each
// source, with a citation and a quote.
var Quotes Model = func(prompt string) (llm.Response, error) {
	var body, quotes strings.Builder
	for _, s := range Sources(prompt) {
		first, _, _ := strings.Cut(strings.TrimSpace(s.Text), "\n")
		fmt.Fprintf(&body, "%s [%d]\n", first, s.N)
		fmt.Fprintf(&quotes, "[%d] %q\n", s.N, first)
	}
	if body.Len() == 0 {
		return Says("NOT_IN_SOURCES Nothing is said of it.")("")
	}
	return Says(body.String() + "\nSOURCE_QUOTES\n" + quotes.String())("")
}

// A Source is a source as a model may read it in a prompt.
type Source struct {
	N                   int
	Title, Section, URL string
	Text                string
}

var (
	tag   = regexp.MustCompile(`(?i)<\s*(/?)\s*(source|question)([^<>\n]*)>`)
	field = regexp.MustCompile(`^(title|section|url): (.*)$`)
)

// Sources reads the sources of a prompt like a careless reader: text that looks
// like a delimiter, in any spelling and with any nonce, opens or closes a
// source.
func Sources(prompt string) []Source {
	var out []Source
	tags := tag.FindAllStringSubmatchIndex(prompt, -1)
	for i, m := range tags {
		if m[2] != m[3] || !strings.EqualFold(prompt[m[4]:m[5]], "source") {
			continue
		}
		end := len(prompt)
		if i+1 < len(tags) {
			end = tags[i+1][0]
		}
		out = append(out, source(prompt[m[6]:m[7]], prompt[m[1]:end]))
	}
	return out
}

// source reads a delimiter's attributes and the text after it.
func source(attributes, body string) Source {
	var s Source
	if _, n, ok := strings.Cut(attributes, `n="`); ok {
		fmt.Sscanf(n, "%d", &s.N) // a forged one may have none
	}
	head, text, _ := strings.Cut(body, "\ntext:\n")
	for l := range strings.SplitSeq(head, "\n") {
		if m := field.FindStringSubmatch(l); m != nil {
			switch m[1] {
			case "title":
				s.Title = m[2]
			case "section":
				s.Section = m[2]
			case "url":
				s.URL = m[2]
			}
		}
	}
	s.Text = strings.TrimSuffix(text, "\n")
	return s
}
