// Package eval measures answers on questions whose answers are known.
//
// Call [Evaluate]. A [Cassette] records the traffic with models and embedders once
// and replays it later, so that answers are measured without network and costs.
package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/eval"
)

// An Answerer answers questions, such as an [answer.Answerer].
type Answerer interface {
	Answer(ctx context.Context, q answer.Question) (*answer.Answer, error)
}

// Options are options of [Evaluate].
type Options struct {
	K        int                   // chunks to answer from; 0 means the answerer's default
	Cassette *Cassette             // the cassette of the answerer's traffic; nil means none
	Progress func(done, total int) // called after each question; may be nil
}

// A Row is the answer to one question.
type Row struct {
	ID        string       `json:"id"`
	Text      string       `json:"question"`
	Answer    string       `json:"answer"`
	Answered  bool         `json:"answered"`
	Mode      answer.Mode  `json:"mode"`
	Citations int          `json:"citations"`
	Metrics   eval.Metrics `json:"metrics"` // the metrics that apply to this answer
}

// A Report is the result of one run.
//
// Its metrics are within 0–1:
//
//   - answered: share of the questions that are answered;
//   - citation_precision: the share of relevant citations: they cite a relevant
//     document or, if the data marks parts of documents, overlap such a part;
//   - quotes_verified: the share of citations whose quote is on its page;
//   - cited: the share of answers with a relevant citation;
//   - overlap: the F1 of the terms of answer and reference, 0 if there is no answer;
//     the mean over the questions with a reference.
type Report struct {
	Questions int          `json:"questions"`
	Generated int          `json:"generated"` // answers written by a model
	Citations int          `json:"citations"`
	Tokens    int          `json:"tokens"` // prompt and completion
	Metrics   eval.Metrics `json:"metrics"`
	Rows      []Row        `json:"rows,omitempty"`
}

// A sum holds the counts for the metrics.
type sum struct {
	answered, citations, relevant, verified, cited, references int
	overlap                                                    float64
}

// Evaluate asks the questions, one after the other. If a cassette has no reply to a
// request, it returns [ErrNotRecorded], since the answer would not be the model's.
func Evaluate(ctx context.Context, a Answerer, questions []evalset.Question, o Options) (*Report, error) {
	if len(questions) == 0 {
		return nil, errors.New("eval: there are no questions")
	}
	rep := &Report{Questions: len(questions)}
	var s sum
	for i, q := range questions {
		ans, err := a.Answer(ctx, answer.Question{Text: q.Text, K: o.K})
		if o.Cassette != nil {
			err = cmp.Or(o.Cassette.Err(), err)
		}
		if err == nil && ans.WrongSettings { // each question would fail
			err = fmt.Errorf("%w: %s", answer.ErrModel, ans.Warning)
		}
		if err != nil {
			return nil, fmt.Errorf("eval: question %s: %w", q.ID, err)
		}
		rep.Rows = append(rep.Rows, s.add(q, ans))
		if ans.Answered && ans.Mode != answer.Extractive {
			rep.Generated++
		}
		if ans.Usage != nil {
			rep.Tokens += ans.Usage.PromptTokens + ans.Usage.CompletionTokens
		}
		if o.Progress != nil {
			o.Progress(i+1, len(questions))
		}
	}
	rep.Citations, rep.Metrics = s.citations, s.metrics(len(questions))
	return rep, nil
}

// add adds one answer and returns its row.
func (s *sum) add(q evalset.Question, ans *answer.Answer) Row {
	row := Row{ID: q.ID, Text: q.Text, Answer: ans.Answer, Answered: ans.Answered, Mode: ans.Mode, Metrics: eval.Metrics{}}
	if q.Reference != "" {
		s.references++
		row.Metrics["overlap"] = 0
	}
	if !ans.Answered {
		return row
	}
	s.answered++
	relevant, verified := 0, 0
	for _, c := range ans.Citations {
		if relevantTo(q, c) {
			relevant++
		}
		if c.Verified {
			verified++
		}
	}
	if n := len(ans.Citations); n > 0 {
		row.Citations = n
		row.Metrics["citation_precision"] = float64(relevant) / float64(n)
		row.Metrics["quotes_verified"] = float64(verified) / float64(n)
	}
	s.citations, s.relevant, s.verified = s.citations+len(ans.Citations), s.relevant+relevant, s.verified+verified
	if relevant > 0 {
		s.cited++
	}
	if q.Reference != "" {
		row.Metrics["overlap"] = overlap(ans.Answer, q.Reference)
		s.overlap += row.Metrics["overlap"]
	}
	return row
}

// metrics returns the metrics with a non-zero denominator.
func (s *sum) metrics(questions int) eval.Metrics {
	m := eval.Metrics{"answered": float64(s.answered) / float64(questions)}
	if s.citations > 0 {
		m["citation_precision"] = float64(s.relevant) / float64(s.citations)
		m["quotes_verified"] = float64(s.verified) / float64(s.citations)
	}
	if s.answered > 0 {
		m["cited"] = float64(s.cited) / float64(s.answered)
	}
	if s.references > 0 {
		m["overlap"] = s.overlap / float64(s.references)
	}
	return m
}

// relevantTo reports whether what a citation names answers the question.
func relevantTo(q evalset.Question, c answer.Citation) bool {
	return q.Relevant[c.URL] > 0 || slices.ContainsFunc(q.Spans, func(s evalset.Span) bool {
		return s.Document == c.URL && c.Start < s.End && s.Start < c.End
	})
}
