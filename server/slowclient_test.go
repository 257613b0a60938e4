package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
)

// TestClientDoesNotRead checks that a client that asks for a stream and does not read
// it holds no turn at the model: an answer is written as fast as the model gives it, and a
// stream that is longer than any answer ends.
func TestClientDoesNotRead(t *testing.T) {
	for _, tt := range []struct {
		name   string
		pieces int // of 1 KiB
		ends   bool
	}{
		{"answer", 500, false},
		{"endless", 1 << 20, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			type result struct {
				err    error
				pieces int
				d      time.Duration
			}
			finished := make(chan result, 1)
			h := streaming(t, nil, func(_ context.Context, on func(answer.Event) error) (*answer.Answer, error) {
				start := time.Now()
				err := on(answer.Event{Sources: []answer.Source{}})
				n := 0
				for ; n < tt.pieces && err == nil; n++ {
					err = on(answer.Event{Delta: strings.Repeat("x", 1<<10)})
				}
				finished <- result{err, n, time.Since(start)}
				return &answer.Answer{Citations: []answer.Citation{}}, err
			})
			srv := httptest.NewServer(h)
			defer srv.Close()
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() // before srv.Close, so that the server need not wait for it
			if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(conn, "POST /v1/ask HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", conn.RemoteAddr(), len(asking), asking); err != nil {
				t.Fatal(err)
			}
			select {
			case r := <-finished:
				if (r.err != nil) != tt.ends || r.err != nil && !errors.Is(r.err, context.Canceled) {
					t.Errorf("after %d pieces and %v: %v", r.pieces, r.d, r.err)
				}
			case <-time.After(10 * time.Second):
				t.Error("the answer waits for a client that does not read")
			}
		})
	}
}
