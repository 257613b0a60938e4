package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer"
)

const (
	mimeStream = "text/event-stream"
	// sendTimeout limits the sending of one event. It replaces the server's write
	// deadline, which is for a whole reply: a stream may stay open longer.
	sendTimeout = 30 * time.Second
)

// askStream answers as server-sent events: sources, delta…, citations, usage, done.
// Each is sent immediately. An error before the first event is a usual error
// response; later, it is an event that ends the stream.
func (s *api) askStream(g *gin.Context) {
	ctx, cancel := context.WithTimeout(g.Request.Context(), askTimeout)
	defer cancel()
	limitBody(g)
	q, err := decodeQuestion(g.Request)
	if err != nil {
		s.fail(g, err)
		return
	}
	if err := s.streamAnswer(ctx, s.newStream(g, "thinking"), q); err != nil {
		s.fail(g, err)
	}
}

// streamAnswer sends the answer to q. After it returns, nothing is sent.
func (s *api) streamAnswer(ctx context.Context, st *stream, q answer.Question) error {
	defer st.keepAlive()()
	a, err := s.Answerer.Stream(ctx, q, func(e answer.Event) error {
		if e.Sources != nil {
			return st.send("sources", e.Sources)
		}
		return st.send("delta", map[string]string{"text": e.Delta})
	})
	if err != nil {
		return err
	}
	a.RequestID = RequestID(ctx)
	return st.end(a)
}

// A stream sends events to one client. It may be used by several goroutines.
type stream struct {
	mu      sync.Mutex
	w       gin.ResponseWriter
	rc      *http.ResponseController
	silence time.Duration
	beat    *time.Ticker // ticks when nothing was sent for the silence
	idle    string       // the comment to send then
	begun   bool
}

// newStream returns a stream that has not begun. idle is the comment that it sends
// after a silence.
func (s *api) newStream(g *gin.Context, idle string) *stream {
	return &stream{w: g.Writer, rc: http.NewResponseController(g.Writer), silence: s.Heartbeat, beat: time.NewTicker(s.Heartbeat), idle: idle}
}

// send sends one event. Before the first event it sends the header.
func (st *stream) send(name string, data any) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.begun {
		h := st.w.Header()
		h.Set("Content-Type", mimeStream)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // nginx would otherwise buffer the whole stream
		st.begun = true
	}
	return st.flush(func(w io.Writer) error { return writeEvent(w, name, data) })
}

// flush writes and sends to the client within sendTimeout. An error means that the
// client is gone.
func (st *stream) flush(write func(io.Writer) error) error {
	st.beat.Reset(st.silence)
	_ = st.rc.SetWriteDeadline(time.Now().Add(sendTimeout)) // writers of tests have no deadlines
	if err := errors.Join(write(st.w), st.rc.Flush()); err != nil {
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return nil
}

// end sends the citations, the usage and, last, the whole answer.
func (st *stream) end(a *answer.Answer) error {
	if err := st.send("citations", a.Citations); err != nil {
		return err
	}
	if a.Usage != nil && !a.Usage.Unknown {
		if err := st.send("usage", a.Usage); err != nil {
			return err
		}
	}
	return st.send("done", a)
}

// keepAlive sends a comment whenever the stream has been silent, so that neither the
// client nor a proxy closes the connection, until stop is called.
func (st *stream) keepAlive() (stop func()) {
	done := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-st.beat.C:
				st.comment(st.idle)
			}
		}
	})
	return func() {
		close(done)
		beating.Wait()
		st.beat.Stop()
	}
}

// comment sends a comment, which clients ignore, if the stream has begun.
func (st *stream) comment(text string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.begun {
		return
	}
	// If the client is gone, sending the next event fails, too.
	_ = st.flush(func(w io.Writer) error {
		_, err := fmt.Fprintf(w, ": %s\n\n", text)
		return err
	})
}

// writeEvent writes one event. JSON has no line breaks, which would end the data.
func writeEvent(w io.Writer, name string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		// Unreachable: all events can be encoded.
		return err
	}
	_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, b)
	return err
}
