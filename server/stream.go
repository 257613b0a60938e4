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
	// sendTimeout is how long one event may take to be sent: the server's own
	// deadline is for the whole of a reply, and a stream may stay open longer.
	sendTimeout = 30 * time.Second
)

// askStream is ask as server-sent events: sources, delta…, citations, usage,
// done. Each is sent at once. What goes wrong before the first event is an error
// like any other; later, an error event ends the stream.
func (s *api) askStream(g *gin.Context) {
	ctx, cancel := context.WithTimeout(g.Request.Context(), askTimeout)
	defer cancel()
	limitBody(g)
	q, err := question(g.Request)
	if err != nil {
		s.fail(g, err)
		return
	}
	if err := s.tell(ctx, s.newStream(g, "thinking"), q); err != nil {
		s.fail(g, err)
	}
}

// tell sends the answer to q. Nothing is sent once it returns.
func (s *api) tell(ctx context.Context, st *stream, q answer.Question) error {
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
	beat    *time.Ticker // ticks when nothing was sent for so long
	idle    string       // what is said then
	begun   bool
}

// newStream returns a stream that has not begun; idle is what it says when it
// has been silent for a while.
func (s *api) newStream(g *gin.Context, idle string) *stream {
	return &stream{w: g.Writer, rc: http.NewResponseController(g.Writer), silence: s.Heartbeat, beat: time.NewTicker(s.Heartbeat), idle: idle}
}

// send sends one event, and in front of the first the header.
func (st *stream) send(name string, data any) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.begun {
		h := st.w.Header()
		h.Set("Content-Type", mimeStream)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // of nginx, which else sends it all at the end
		st.begun = true
	}
	return st.flush(func(w io.Writer) error { return writeEvent(w, name, data) })
}

// flush sends what write writes, within its own deadline. If that fails, the
// client is gone.
func (st *stream) flush(write func(io.Writer) error) error {
	st.beat.Reset(st.silence)
	_ = st.rc.SetWriteDeadline(time.Now().Add(sendTimeout)) // a writer without deadlines is one of a test
	if err := errors.Join(write(st.w), st.rc.Flush()); err != nil {
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return nil
}

// end sends what is known at the end, and last the answer as a whole.
func (st *stream) end(a *answer.Answer) error {
	if err := st.send("citations", a.Citations); err != nil {
		return err
	}
	if a.Usage != nil {
		if err := st.send("usage", a.Usage); err != nil {
			return err
		}
	}
	return st.send("done", a)
}

// keepAlive sends a comment whenever the stream has been silent for a while, so
// that neither the client nor a proxy takes it for dead. It returns what ends
// that.
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

// comment sends text that means nothing to the client, once there is a stream.
func (st *stream) comment(text string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.begun {
		return
	}
	// A client that is gone is noticed by whoever sends the next event.
	_ = st.flush(func(w io.Writer) error {
		_, err := fmt.Fprintf(w, ": %s\n\n", text)
		return err
	})
}

// writeEvent writes one event; JSON has no line breaks.
func writeEvent(w io.Writer, name string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		// Unreachable: events are made of types that JSON knows.
		return err
	}
	_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, b)
	return err
}
