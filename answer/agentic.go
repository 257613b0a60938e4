package answer

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

// A search is a conversation in which the model searches by itself.
type search struct {
	*Answerer
	question  Question
	fence     fence.Fence
	request   llm.Request    // grows with each round
	hits      []retrieve.Hit // what the model has seen: source n is hits[n-1]
	usage     llm.Usage
	notice    string // of the last search
	retrieval time.Duration
}

// agentic lets the model search, then answer from all that it found. If it uses
// up its rounds or fails, the answer comes from what it found so far.
func (a *Answerer) agentic(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	start := a.now()
	s := &search{Answerer: a, question: q, fence: fence.New()}
	s.request = a.prompt(q).Search(s.fence)
	s.request.Impatient = true
	ans, err := s.run(ctx, on)
	if err != nil {
		return nil, err
	}
	if s.usage != (llm.Usage{}) {
		ans.Usage = &s.usage
	}
	if ans.Mode == Generated {
		ans.Mode = Agentic
	}
	ans.Found, ans.Notice = s.hits, s.notice
	ans.Timings = Timings{RetrievalMS: ms(s.retrieval), ModelMS: ms(a.now().Sub(start) - s.retrieval)}
	return ans, nil
}

// run asks the model until it answers.
func (s *search) run(ctx context.Context, on func(Event) error) (*Answer, error) {
	for range prompt.MaxRounds {
		resp, err := s.model.Complete(ctx, s.request)
		s.usage = s.usage.Add(resp.Usage)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, llm.ErrTooLong) && len(s.hits) > 0:
			return s.answerFromFound(ctx, on)
		case err != nil, resp.Refusal != "":
			return s.fallBack(ctx, resp, err, on)
		case len(resp.Calls) == 0 && len(s.hits)+len(s.question.Images) == 0: // it answers without a search
			return s.answerFromFound(ctx, on)
		case len(resp.Calls) == 0:
			return s.finish(ctx, resp, on)
		}
		if err := s.runCalls(ctx, resp); err != nil {
			return nil, err
		}
	}
	return s.answerFromFound(ctx, on)
}

// retrieve searches and measures the time.
func (s *search) retrieve(ctx context.Context, query string, k int) (*retrieve.Result, error) {
	if k < 1 {
		k = cmp.Or(s.question.K, s.k, retrieve.DefaultK)
	}
	start := s.now()
	defer func() { s.retrieval += s.now().Sub(start) }()
	found, err := s.retriever.Retrieve(ctx, retrieve.Query{Text: query, K: min(k, prompt.MaxPerSearch), Filter: s.question.Filter, Mode: s.question.SearchMode})
	if err == nil {
		s.notice = found.Notice
	}
	return found, err
}

// finish turns the model's last response into the answer.
func (s *search) finish(ctx context.Context, resp llm.Response, on func(Event) error) (*Answer, error) {
	r := newReply(s.hits, nil)
	r.Response = resp
	if err := r.end(false); err != nil {
		return nil, err
	}
	ans := readReply(ctx, s.question.searchText(), r)
	if ans == nil {
		return s.fallBack(ctx, resp, llm.ErrNoText, on)
	}
	ans.recordResponse(resp)
	ans.Truncated, ans.Warning = truncation(resp, false, nil)
	return ans, s.emit(ans, on)
}

// emit sends a complete answer to on.
func (s *search) emit(ans *Answer, on func(Event) error) error {
	if on == nil {
		return nil
	}
	if err := on(Event{Sources: sources(s.hits)}); err != nil || ans.Answer == "" {
		return err
	}
	return on(Event{Delta: ans.Answer})
}

// answerFromFound answers from what was found, without further searches. If
// nothing was found, it searches for the question itself.
func (s *search) answerFromFound(ctx context.Context, on func(Event) error) (*Answer, error) {
	searched := len(s.hits) > 0
	found, err := s.searchQuestion(ctx)
	if err != nil {
		return nil, err
	}
	var ans *Answer
	if searched {
		ans, err = s.write(ctx, s.question, s.hits, on)
	} else {
		ans, err = s.answerFrom(ctx, s.question, found, on)
	}
	if err == nil && ans.Usage != nil {
		s.usage = s.usage.Add(*ans.Usage)
	}
	return ans, err
}

// write lets the model answer from the hits. It chose to search for them, so
// their evidence is not judged.
func (s *search) write(ctx context.Context, q Question, hits []retrieve.Hit, on func(Event) error) (*Answer, error) {
	return withEvents(hits, on, func(show func(string) error) (*Answer, error) { return s.generate(ctx, q, hits, show) })
}

// fallBack answers with sentences of the pages after the model failed.
func (s *search) fallBack(ctx context.Context, resp llm.Response, err error, on func(Event) error) (*Answer, error) {
	s.logFailure(ctx, "answer", resp, err)
	if _, err := s.searchQuestion(ctx); err != nil {
		return nil, err
	}
	ans, err := s.quoteInstead(s.question, s.hits, resp, err)
	if err != nil {
		return nil, err
	}
	return ans, s.emit(ans, on)
}

// searchQuestion searches for the question itself if nothing was found so far,
// and returns the result; nil if something was.
func (s *search) searchQuestion(ctx context.Context) (*retrieve.Result, error) {
	if len(s.hits) > 0 {
		return nil, nil
	}
	found, err := s.retrieve(ctx, s.question.searchText(), 0)
	if err == nil {
		s.hits = found.Hits
	}
	return found, err
}
