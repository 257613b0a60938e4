// Package sse sends server-sent events, as the HTML standard describes them.
//
// Call [New] for each client, [Stream.Start], and [Stream.Send] for each event. No
// sender waits for the client.
package sse

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
)

// MIME is the type of a stream of events.
const MIME = "text/event-stream"

const (
	// SendTimeout limits the sending of one event. It replaces the server's write
	// deadline, which is for a whole reply: a stream may stay open longer.
	SendTimeout = 30 * time.Second
	// maxQueuedBytes is how much of a stream may wait for a client that reads slowly. It
	// is more than an answer has, so that the model never waits for the client.
	maxQueuedBytes = 1 << 20
)

// A Stream sends events to one client. It may be used by several goroutines. Events are
// queued and sent by a goroutine of its own, so that nobody waits for the client.
type Stream struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	silence time.Duration
	idle    string        // the comment to send after a silence
	wake    chan struct{} // holds a value when events are queued
	sent    bool          // the header has been sent; of the goroutine that sends

	mu     sync.Mutex
	queue  [][]byte
	queued int   // bytes in the queue
	err    error // why nothing can be sent any more
}

// New returns a stream to a client. idle is the comment that it sends after each
// silence.
func New(w http.ResponseWriter, silence time.Duration, idle string) *Stream {
	return &Stream{w: w, rc: http.NewResponseController(w), silence: silence, idle: idle, wake: make(chan struct{}, 1)}
}

// Send queues one event with data as JSON; without a name if it is "". An error means
// that the client is gone, or reads so slowly that the queue is full.
func (st *Stream) Send(name string, data any) error {
	var b bytes.Buffer
	if err := Write(&b, name, data); err != nil {
		return err
	}
	return st.enqueue(b.Bytes())
}

// SendText queues an event without a name whose data is text of one line.
func (st *Stream) SendText(text string) error {
	return st.enqueue([]byte("data: " + text + "\n\n"))
}

func (st *Stream) enqueue(event []byte) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil && st.queued > 0 && st.queued+len(event) > maxQueuedBytes {
		st.err = fmt.Errorf("%w: the client does not read", context.Canceled)
	}
	if st.err != nil {
		return st.err
	}
	st.queue, st.queued = append(st.queue, event), st.queued+len(event)
	select {
	case st.wake <- struct{}{}:
	default: // it holds a value already
	}
	return nil
}

// Start sends what is queued, until stop is called and the queue is empty. Whenever the
// stream has been silent, it sends a comment, so that neither the client nor a proxy
// closes the connection. stop returns an error if the client did not get everything.
func (st *Stream) Start() (stop func() error) {
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
func (st *Stream) sendQueue() {
	for {
		st.mu.Lock()
		if len(st.queue) == 0 || st.err != nil {
			st.mu.Unlock()
			return
		}
		b := st.queue[0]
		st.mu.Unlock()
		if !st.sent {
			st.sent = true
			h := st.w.Header()
			h.Set("Content-Type", MIME)
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

// write sends b to the client within SendTimeout. An error means that the client is
// gone.
func (st *Stream) write(b []byte) error {
	_ = st.rc.SetWriteDeadline(time.Now().Add(SendTimeout)) // writers of tests have no deadlines
	_, err := st.w.Write(b)
	return errors.Join(err, st.rc.Flush())
}

// comment sends a comment, which clients ignore, if the stream has begun.
func (st *Stream) comment() {
	st.mu.Lock()
	gone := st.err != nil
	st.mu.Unlock()
	if st.sent && !gone {
		_ = st.write([]byte(": " + st.idle + "\n\n")) // if the client is gone, sending the next event fails, too
	}
}

// Write writes one event with data as JSON, which has no line breaks; without a name if
// it is "".
func Write(w io.Writer, name string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if name != "" {
		name = "event: " + name + "\n"
	}
	_, err = fmt.Fprintf(w, "%sdata: %s\n\n", name, b)
	return err
}
