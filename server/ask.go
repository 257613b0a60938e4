package server

import (
	"net/http"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/render"
)

// An askRequest is the body of POST /v1/ask.
type askRequest struct {
	Question string          `json:"question"`
	History  []history.Turn  `json:"history"`
	K        *int            `json:"k"`
	Filter   retrieve.Filter `json:"filter"`
	Images   []string        `json:"images"`
	Mode     string          `json:"mode"`
	HTML     bool            `json:"html"` // send the answer and its passages as HTML, too
}

// decodeAsk decodes the body of POST /v1/ask.
func decodeAsk(r *http.Request) (q answer.Question, html bool, err error) {
	var in askRequest
	if err := decode(r, &in, fixes{}); err != nil {
		return answer.Question{}, false, err
	}
	k, err := validateK(in.K)
	q = answer.Question{Text: in.Question, History: in.History, K: k, Filter: in.Filter, Images: in.Images}
	switch mode := answer.Mode(in.Mode); mode {
	case answer.Agentic, answer.Extractive:
		q.Mode = mode
	default:
		q.SearchMode = retrieve.Mode(in.Mode)
	}
	if !q.SearchMode.Valid() {
		return answer.Question{}, false, &problem.Error{Kind: problem.BadQuery, Message: "unknown mode", Fix: `leave "mode" out, or send "hybrid", "dense", "sparse", "agentic" or "extractive"`}
	}
	return q, in.HTML, err
}

func (s *api) ask(r *http.Request) (any, error) {
	q, html, err := decodeAsk(r)
	if err != nil {
		return nil, err
	}
	a, err := s.Answerer.Answer(r.Context(), q)
	if err != nil {
		return nil, err
	}
	a.RequestID = trace.RequestID(r.Context())
	return reply(a, html), nil
}

// A rendered is an answer with what a browser shows of it.
type rendered struct {
	answer.Answer
	HTML      string             `json:"html"` // of Answer.Answer
	Citations []renderedCitation `json:"citations"`
	Closest   []renderedCitation `json:"closest,omitempty"`
}

// A renderedCitation is a citation with the passage around its quote.
type renderedCitation struct {
	answer.Citation
	Passage string `json:"passage"` // HTML
}

// reply returns an answer in its public form.
func reply(a *answer.Answer, html bool) any {
	if !html {
		return a
	}
	numbers := map[int]bool{}
	for _, c := range a.Citations {
		numbers[c.N] = true
	}
	return rendered{
		Answer:    *a,
		HTML:      render.HTML(a.Answer, answerOptions(func(n int) bool { return numbers[n] })),
		Citations: withPassages(a.Citations),
		Closest:   withPassages(a.Closest),
	}
}

// answerOptions are how an answer is rendered. Its links lead to pages of its sources
// alone: package answer takes away the others.
func answerOptions(cited func(n int) bool) render.Options {
	return render.Options{Links: true, Cited: cited}
}

func withPassages(all []answer.Citation) []renderedCitation {
	out := make([]renderedCitation, len(all))
	for i, c := range all {
		out[i] = renderedCitation{c, render.HTML(c.Passage, render.Options{})}
	}
	return out
}
