package openai

import (
	"context"
	"net/http"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/server/reply"
	"github.com/citewell/citewell/server/sse"
)

// ask answers q. Of a prompt that is no question, nothing is searched for or logged.
func (a *API) ask(ctx context.Context, q asked, on func(answer.Event) error) (*answer.Answer, error) {
	ans := &answer.Answer{Answered: true, Mode: answer.Extractive, Answer: q.reply, Citations: []answer.Citation{}}
	switch {
	case q.reply == "":
		var err error
		if on == nil {
			ans, err = a.Answerer.Answer(ctx, q.question)
		} else {
			ans, err = a.Answerer.Stream(ctx, q.question, on)
		}
		if err != nil {
			return nil, err
		}
	case on != nil:
		if err := on(answer.Event{Sources: []answer.Source{}}); err != nil {
			return nil, err
		}
		if err := on(answer.Event{Delta: q.reply}); err != nil {
			return nil, err
		}
	}
	ans.RequestID = a.RequestID(ctx)
	return ans, nil
}

// textOf returns the text of the reply with an answer.
func (q asked) textOf(ans *answer.Answer) string {
	if q.own {
		return ans.Answer
	}
	return ans.Answer + reply.Tail(ans)
}

// events are the events of one of the APIs, in the order of these methods.
type events interface {
	begin(*sse.Stream) error
	text(piece string) error
	end(ans *answer.Answer, text string, own bool) error
	fail(*apiError) error // instead of further events
}

// stream answers q with events. An error before the first one is a usual reply.
func (a *API) stream(w http.ResponseWriter, r *http.Request, q asked, to events) {
	st := sse.New(w, a.Silence, "thinking")
	stop := st.Start()
	begun, err := a.streamTo(r.Context(), st, q, to)
	if err != nil && begun {
		e := errorOf(r.Context(), err)
		a.log(r.Context(), a.RequestID(r.Context()), err, e)
		_ = to.fail(e) // fails if the client is gone
	}
	_ = stop() // fails if the client is gone
	if err != nil && !begun {
		a.Fail(w, r, err)
	}
}

// streamTo sends the answer to q, and reports whether it has begun to.
func (a *API) streamTo(ctx context.Context, st *sse.Stream, q asked, to events) (begun bool, err error) {
	sent := ""
	ans, err := a.ask(ctx, q, func(e answer.Event) error {
		if e.Sources != nil {
			begun = true
			return to.begin(st)
		}
		sent += e.Delta
		return to.text(e.Delta)
	})
	if err != nil {
		return begun, err
	}
	whole := q.textOf(ans)
	if rest := whole[len(sent):]; rest != "" { // the pieces are the beginning of the text
		if err := to.text(rest); err != nil {
			return begun, err
		}
	}
	return begun, to.end(ans, whole, q.own)
}
