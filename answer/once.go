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
	q.searched = found.Question
	ans, err := a.answerFrom(ctx, q, found, on)
	if err != nil {
		return nil, err
	}
	ans.Notice, ans.Corrections = found.Notice, found.Corrections
	ans.Found, ans.Evidence = found.Hits, found.Evidence
	ans.Timings.RetrievalMS = ms(retrieved.Sub(start))
	return ans, nil
}

// answerFrom answers q from what a search found: by the model if there is one
// and it succeeds, else with sentences of the pages.
func (a *Answerer) answerFrom(ctx context.Context, q Question, found *retrieve.Result, on func(Event) error) (*Answer, error) {
	hits := retrieve.Select(found.Hits).Hits
	return withEvents(hits, on, func(show func(string) error) (*Answer, error) {
		q.near = func(texts []string) []float64 { return found.Nearness(ctx, texts) }
		q.lack, q.unheld = a.lackOfEvidence(q, found, false), found.Unheld(hits)
		if !a.asksModel(q) || len(hits)+len(q.Images) == 0 {
			return quote(q, found.Compared()), nil
		}
		if r := a.lackOfEvidence(q, found, true); r != nil {
			return refuse(r, q, hits), nil
		}
		asked := a.now()
		ans, err := a.generate(ctx, q, hits, show)
		if err == nil {
			ans.Timings.ModelMS = ms(a.now().Sub(asked))
		}
		return ans, err
	})
}

// withEvents sends the sources to on, then the text of the answer that write
// returns. A model's text is shown by write itself while it arrives; an
// extractive answer is sent whole. Without on, write gets a nil show.
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
