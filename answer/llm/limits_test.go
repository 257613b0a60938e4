package llm_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/answer/llm"
)

// A roundTripper answers without a network, so that time can be fake.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

const okBody = `{"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}]}`

func offline(t *testing.T, c llm.Config, f roundTripper) *llm.Client {
	t.Helper()
	c.APIKey, c.HTTPClient = "k", &http.Client{Transport: f}
	c.Model = cmp.Or(c.Model, "o1-mini")
	cl, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

// A limited or broken service is asked again when it says so.
func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		name     string
		status   int
		after    string
		min, max time.Duration // from first to last request
		requests int64
	}{
		{"limited", 429, "7", 14 * time.Second, 14 * time.Second, 3},
		{"broken, with jitter", 500, "", 1100 * time.Millisecond, 1500 * time.Millisecond, 3},
		{"gateway", 503, "1", 2 * time.Second, 2 * time.Second, 3},
		{"limited for more than a minute", 429, "100", 200 * time.Second, 200 * time.Second, 3},
		{"until after the deadline", 429, "301", 0, 0, 1},
		{"until after the deadline, a date", 429, "Fri, 31 Dec 2100 23:59:59 GMT", 0, 0, 1},
		{"settings", 401, "1", 0, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int64
				start := time.Now()
				c := offline(t, llm.Config{}, func(*http.Request) (*http.Response, error) {
					n.Add(1)
					h := http.Header{}
					if tt.after != "" {
						h.Set("Retry-After", tt.after)
					}
					return reply(tt.status, h, `{"error":{"message":"no"}}`), nil
				})
				if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err == nil {
					t.Error("Complete succeeds")
				}
				if took := time.Since(start); took < tt.min || took > tt.max || n.Load() != tt.requests {
					t.Errorf("%d requests in %v, want %d in %v–%v", n.Load(), took, tt.requests, tt.min, tt.max)
				}
			})
		})
	}
}

// The deadline holds for everything together.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := offline(t, llm.Config{}, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Minute {
			t.Errorf("Complete = %v after %v, want DeadlineExceeded after 5m", err, took)
		}
	})
}

// After five failures in a row nothing is asked for a while; then once.
func TestCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var n atomic.Int64
		var well atomic.Bool
		c := offline(t, llm.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(*http.Request) (*http.Response, error) {
			n.Add(1)
			if well.Load() {
				return reply(200, nil, okBody), nil
			}
			return reply(500, http.Header{"X-Should-Retry": {"false"}}, `{"error":{"message":"no"}}`), nil
		})
		complete := func() error {
			_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			return err
		}
		for range 5 {
			if err := complete(); err == nil || !strings.Contains(err.Error(), "500") {
				t.Fatalf("Complete = %v, want a failure", err)
			}
		}
		start := time.Now()
		if err := complete(); err == nil || errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "5 times in a row") || n.Load() != 5 || time.Since(start) != 0 {
			t.Errorf("Complete = %v after %d requests and %v, want it kept back at once", err, n.Load(), time.Since(start))
		}
		time.Sleep(31 * time.Second) // of fake time
		well.Store(true)
		if err := complete(); err != nil || n.Load() != 6 {
			t.Errorf("Complete = %v after %d requests, want it asked again", err, n.Load())
		}
		if err := complete(); err != nil {
			t.Errorf("Complete = %v, want the circuit closed", err)
		}
		for _, state := range []string{"to=open", "to=half-open", "to=closed"} {
			if !strings.Contains(log.String(), state) {
				t.Errorf("the log lacks %s: %s", state, log.String())
			}
		}
	})
}

// What is no failure of the service does not open the circuit.
func TestCircuitStaysClosed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer answerer
		r      llm.Request
	}{
		{"wrong key", fails(401), llm.Request{Messages: llm.User("hi")}},
		{"bad request", refuses("top_k", "unsupported_parameter"), llm.Request{Messages: llm.User("hi")}},
		{"no text", text("", "stop", 1, 1), llm.Request{Messages: llm.User("hi")}},
		{"reader has enough", streams(piece("One"), stopped, "[DONE]"), llm.Request{Messages: llm.User("hi"), Delta: func(string) error { return io.ErrClosedPipe }}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answer)
			c := s.client(t, llm.Config{Model: "gpt-4o"})
			for range 7 {
				if _, err := c.Complete(t.Context(), tt.r); err == nil {
					t.Fatal("Complete succeeds")
				}
			}
			if n := s.count(); n != 7 {
				t.Errorf("%d requests, want 7", n)
			}
		})
	}
}

// No more requests than allowed run at a time.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		c := offline(t, llm.Config{Concurrency: 2}, func(*http.Request) (*http.Response, error) {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second) // of fake time
			running.Add(-1)
			return reply(200, nil, okBody), nil
		})
		done := make(chan error)
		for range 6 {
			go func() {
				_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
				done <- err
			}()
		}
		start := time.Now()
		for range 6 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); most.Load() != 2 || took != 3*time.Second {
			t.Errorf("%d ran at a time, for %v, want 2 for 3s", most.Load(), took)
		}
	})
}

// Who waits for a turn waits no longer than the deadline.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		c := offline(t, llm.Config{Concurrency: 1, Timeout: time.Minute}, func(r *http.Request) (*http.Response, error) {
			<-free
			return reply(200, nil, okBody), nil
		})
		first := make(chan error)
		go func() {
			_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			first <- err
		}()
		synctest.Wait()
		start := time.Now()
		if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("Complete = %v after %v, want DeadlineExceeded after a minute", err, time.Since(start))
		}
		close(free)
		<-first
	})
}

// TestBrief holds a brief request to little effort, a small limit and one try.
func TestBrief(t *testing.T) {
	for _, tt := range []struct {
		name, profile, effort string
		output                int
		want                  string // in the body
	}{
		{"least effort", "o1", "", 0, `"max_completion_tokens":2000,"reasoning_effort":"low"`},
		{"less than configured", "o3-mini", "high", 0, `"max_completion_tokens":2000,"reasoning_effort":"low"`},
		{"the configured limit is smaller", "o1", "low", 500, `"max_completion_tokens":500,"reasoning_effort":"low"`},
		{"takes no effort", "o1-mini", "", 0, `"max_completion_tokens":2000`},
		{"does not reason", "gpt-4o", "", 0, `"max_tokens":2000`},
		{"nobody knows whether it reasons", "compatible", "", 0, `"max_tokens":2000`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var bodies []string
			c := offline(t, llm.Config{Model: "m", Profile: tt.profile, MaxOutputTokens: tt.output, Options: llm.Options{Effort: tt.effort}, API: llm.APIChat},
				func(r *http.Request) (*http.Response, error) {
					b, err := io.ReadAll(r.Body)
					bodies = append(bodies, string(b))
					return reply(200, nil, `{"model":"m","choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant","content":""}}]}`), err
				})
			_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("?"), Brief: true})
			if !errors.Is(err, llm.ErrNoText) || len(bodies) != 1 || !strings.Contains(bodies[0], tt.want) {
				t.Errorf("%d requests, %v: %q, want %q", len(bodies), err, bodies, tt.want)
			}
			if effort := strings.Contains(strings.Join(bodies, ""), "reasoning_effort"); effort != strings.Contains(tt.want, "reasoning_effort") {
				t.Errorf("effort sent: %v", effort)
			}
		})
	}
}
