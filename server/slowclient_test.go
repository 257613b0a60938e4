package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
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
			case <-time.After(time.Minute):
				t.Error("the answer waits for a client that does not read")
			}
		})
	}
}

// TestSlowHeaders checks that clients that never finish their headers neither keep
// others waiting nor stay connected.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, ln, Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, headerTimeout: 2 * time.Second})
	}()
	var slow []net.Conn
	for range 200 {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "POST /v1/ask HTTP/1.1\r\nHost: %s\r\nX-Slow: ", ln.Addr()); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, conn)
	}
	resp, err := http.Post("http://"+ln.Addr().String()+"/v1/ask", "application/json", strings.NewReader(asking))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("beside slow clients, a question gets %d", resp.StatusCode)
	}
	for _, conn := range slow {
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a slow client is still connected after a minute")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve = %v", err)
	}
}
