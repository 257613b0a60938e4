package answer

import (
	"cmp"
	"context"

	"github.com/citewell/citewell/retrieve"
)

// once answers q with one search.
func (a *Answerer) once(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	start := a.now()
	found, err := a.retriever.Retrieve(ctx, retrieve.Query{Text: q.searchText(), K: cmp.Or(q.K, a.k), Filter: q.Filter, Mode: q.SearchMode})
	if err != nil {
		return nil, err
	}
	retrieved := a.now()
	ans, err := a.answerFrom(ctx, q, found, on)
	if err != nil {
		return nil, err
	}
	ans.Notice = found.Notice
	ans.Found, ans.Evidence = found.Hits, found.Evidence
	ans.Timings.RetrievalMS = ms(retrieved.Sub(start))
	return ans, nil
}

// answerFrom answers from what was found, with the model if there is one and it does.
func (a *Answerer) answerFrom(ctx context.Context, q Question, found *retrieve.Result, on func(Event) error) (*Answer, error) {
	hits := retrieve.Select(found.Hits).Hits
	return withEvents(hits, on, func(show func(string) error) (*Answer, error) {
		if reason := a.lackOfEvidence(q, found); reason != "" {
			return unanswered(Extractive, reason, hits), nil
		}
		if a.model == nil || len(hits)+len(q.Images) == 0 {
			return answerExtractively(q.searchText(), hits), nil
		}
		asked := a.now()
		ans, err := a.generate(ctx, q, hits, show)
		if err == nil {
			ans.Timings.ModelMS = ms(a.now().Sub(asked))
		}
		return ans, err
	})
}

// withEvents tells of the sources, then of the answer that write makes of them: a model
// shows it as it writes, an extractive one is shown whole. show is nil if on is.
func withEvents(hits []retrieve.Hit, on func(Event) error, write func(show func(string) error) (*Answer, error)) (*Answer, error) {
	if on == nil {
		return write(nil)
	}
	if err := on(Event{Sources: sources(hits)}); err != nil {
		return nil, err
	}
	show := func(text string) error { return on(Event{Delta: text}) }
	ans, err := write(show)
	if err == nil && ans.Mode == Extractive && ans.Answer != "" {
		return ans, show(ans.Answer)
	}
	return ans, err
}
