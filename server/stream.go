package server

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/server/render"
	"github.com/citewell/citewell/server/sse"
)

// askStream answers as server-sent events: sources, delta…, citations, usage, done.
// Each is sent immediately. An error before the first event is a usual error
// response; later, it is an event that ends the stream.
func (s *api) askStream(g *gin.Context) {
	ctx, cancel := context.WithTimeout(g.Request.Context(), askTimeout)
	defer cancel()
	limitBody(g)
	q, html, err := decodeAsk(g.Request)
	if err != nil {
		s.fail(g, err)
		return
	}
	if err := s.streamAnswer(ctx, sse.New(g.Writer, s.Heartbeat, "thinking"), q, html); err != nil {
		s.fail(g, err)
	}
}

// A delta is the next part of an answer.
type delta struct {
	Text string `json:"text"`
}

// streamAnswer sends the answer to q, also as HTML if html is set. After it returns,
// nothing is sent.
func (s *api) streamAnswer(ctx context.Context, st *sse.Stream, q answer.Question, html bool) (err error) {
	stop := st.Start()
	defer func() {
		if gone := stop(); err == nil {
			err = gone
		}
	}()
	var text render.Stream
	a, err := s.Answerer.Stream(ctx, q, func(e answer.Event) error {
		if e.Sources != nil {
			text.Options = answerOptions(func(n int) bool {
				return slices.ContainsFunc(e.Sources, func(s answer.Source) bool { return s.N == n })
			})
			return st.Send("sources", e.Sources)
		}
		err := st.Send("delta", delta{e.Delta})
		if !html || err != nil {
			return err
		}
		if change := text.Add(e.Delta); change != nil {
			return st.Send("html", change)
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.RequestID = trace.RequestID(ctx)
	return sendEnd(st, a, html)
}

// sendEnd sends the citations, the usage and, last, the whole answer.
func sendEnd(st *sse.Stream, a *answer.Answer, html bool) error {
	if err := st.Send("citations", a.Citations); err != nil {
		return err
	}
	if a.Usage != nil {
		if err := st.Send("usage", a.Usage); err != nil {
			return err
		}
	}
	return st.Send("done", reply(a, html))
}
