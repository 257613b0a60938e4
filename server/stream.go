package server

import (
	"bytes"
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
	"github.com/citewell/citewell/server/render"
)

const (
	mimeStream = "text/event-stream"
	// sendTimeout limits the sending of one event. It replaces the server's write
	// deadline, which is for a whole reply: a stream may stay open longer.
	sendTimeout = 30 * time.Second
	// maxQueuedBytes is how much of a stream may wait for a client that reads slowly. It
	// is more than an answer has, so that the model never waits for the client.
	maxQueuedBytes = 1 << 20
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
	if err := s.streamAnswer(ctx, s.newStream(g, "thinking"), q, html); err != nil {
		s.fail(g, err)
	}
}

// streamAnswer sends the answer to q, also as HTML if html is set. After it returns,
// nothing is sent.
func (s *api) streamAnswer(ctx context.Context, st *stream, q answer.Question, html bool) (err error) {
	stop := st.start()
	defer func() {
		if gone := stop(); err == nil {
			err = gone
		}
	}()
	var text render.Stream
	a, err := s.Answerer.Stream(ctx, q, func(e answer.Event) error {
		if e.Sources != nil {
			text.Options = answerOptions(func(n int) bool { return n >= 1 && n <= len(e.Sources) })
			return st.send("sources", e.Sources)
		}
		err := st.send("delta", map[string]string{"text": e.Delta})
		if !html || err != nil {
			return err
		}
		if change := text.Add(e.Delta); change != nil {
			return st.send("html", change)
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.RequestID = RequestID(ctx)
	return st.end(a, html)
}

// A stream sends events to one client. It may be used by several goroutines. Events are
// queued and sent by a goroutine of its own, so that nobody waits for the client.
type stream struct {
	w       gin.ResponseWriter
	rc      *http.ResponseController
	silence time.Duration
	idle    string        // the comment to send after a silence
	wake    chan struct{} // holds a value when events are queued

	mu     sync.Mutex
	queue  [][]byte
	queued int   // bytes in the queue
	begun  bool  // an event has been queued
	err    error // why nothing can be sent any more
}

// newStream returns a stream that has not begun. idle is the comment that it sends
// after a silence.
func (s *api) newStream(g *gin.Context, idle string) *stream {
	return &stream{w: g.Writer, rc: http.NewResponseController(g.Writer), silence: s.Heartbeat, idle: idle, wake: make(chan struct{}, 1)}
}

// send queues one event. An error means that the client is gone, or reads so slowly
// that the queue is full.
func (st *stream) send(name string, data any) error {
	var b bytes.Buffer
	if err := writeEvent(&b, name, data); err != nil {
		// Unreachable: all events can be encoded.
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil && st.queued > 0 && st.queued+b.Len() > maxQueuedBytes {
		st.err = fmt.Errorf("%w: the client does not read", context.Canceled)
	}
	if st.err != nil {
		return st.err
	}
	st.begun = true
	st.queue, st.queued = append(st.queue, b.Bytes()), st.queued+b.Len()
	select {
	case st.wake <- struct{}{}:
	default: // it holds a value already
	}
	return nil
}

// end sends the citations, the usage and, last, the whole answer.
func (st *stream) end(a *answer.Answer, html bool) error {
	if err := st.send("citations", a.Citations); err != nil {
		return err
	}
	if a.Usage != nil {
		if err := st.send("usage", a.Usage); err != nil {
			return err
		}
	}
	return st.send("done", reply(a, html))
}

// start sends what is queued, until stop is called and the queue is empty. Whenever the
// stream has been silent, it sends a comment, so that neither the client nor a proxy
// closes the connection. stop returns an error if the client did not get everything.
func (st *stream) start() (stop func() error) {
	done := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		beat := time.NewTicker(st.silence)
		defer beat.Stop()
		for {
			select {
			case <-done:
				st.sendQueue()
				return
			case <-st.wake:
				st.sendQueue()
				beat.Reset(st.silence)
			case <-beat.C:
				st.comment()
			}
		}
	})
	return func() error {
		close(done)
		sending.Wait()
		return st.err
	}
}

// sendQueue sends the queue. Before the first event it sends the header.
func (st *stream) sendQueue() {
	for {
		st.mu.Lock()
		if len(st.queue) == 0 || st.err != nil {
			st.mu.Unlock()
			return
		}
		b := st.queue[0]
		st.mu.Unlock()
		if !st.w.Written() {
			h := st.w.Header()
			h.Set("Content-Type", mimeStream)
			h.Set("Cache-Control", "no-store")
			h.Set("X-Accel-Buffering", "no") // nginx would otherwise buffer the whole stream
		}
		err := st.write(b)
		st.mu.Lock()
		st.queue, st.queued = st.queue[1:], st.queued-len(b)
		if err != nil && st.err == nil {
			st.err = fmt.Errorf("%w: %w", context.Canceled, err)
		}
		st.mu.Unlock()
	}
}

// write sends b to the client within sendTimeout. An error means that the client is
// gone.
func (st *stream) write(b []byte) error {
	_ = st.rc.SetWriteDeadline(time.Now().Add(sendTimeout)) // writers of tests have no deadlines
	_, err := st.w.Write(b)
	return errors.Join(err, st.rc.Flush())
}

// comment sends a comment, which clients ignore, if the stream has begun.
func (st *stream) comment() {
	st.mu.Lock()
	begun := st.begun && st.err == nil
	st.mu.Unlock()
	if begun {
		_ = st.write([]byte(": " + st.idle + "\n\n")) // if the client is gone, sending the next event fails, too
	}
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
