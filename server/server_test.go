package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// fake answers with err, or with what it was asked.
type fake struct {
	err   error
	block chan struct{} // if set, Answer waits for it or for the context
}

func (f fake) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	if f.block != nil {
		select {
		case <-f.block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if q.Text == "panic" {
		panic("asked to")
	}
	if f.err != nil {
		return nil, f.err
	}
	return &answer.Answer{Answer: fmt.Sprintf("%s/%d/%s", q.Text, q.K, q.Filter.Source), Answered: true, Mode: answer.Extractive, Citations: []answer.Citation{}}, nil
}

// Stream shows two sources, then Answer's text in two pieces.
func (f fake) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	a, err := f.Answer(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, e := range []answer.Event{{Sources: []answer.Source{{N: 1, URL: "https://e.example/", Title: "E"}}}, {Delta: a.Answer[:2]}, {Delta: a.Answer[2:]}} {
		if err := on(e); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (f fake) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	if f.err != nil {
		return nil, f.err
	}
	hit := retrieve.Hit{Chunk: index.Chunk{ID: "aa", URL: "https://e.example/", Text: fmt.Sprintf("%s/%d/%s", q.Text, q.K, q.Filter.Lang)}, Score: 0.5}
	return &retrieve.Result{Hits: []retrieve.Hit{hit}, Mode: cmp.Or(q.Mode, retrieve.Hybrid), Evidence: 1, Candidates: []retrieve.Candidate{{Hit: hit, Kept: true}}}, nil
}

func handler(t *testing.T, f fake, log *bytes.Buffer) http.Handler {
	t.Helper()
	c := Config{Answerer: f, Retriever: f, Ready: func(context.Context) error { return f.err }}
	if log != nil {
		c.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	h, err := Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// do sends a request, and compares the reply with the description of the API.
func do(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	w := send(h, method, path, body, header...)
	address, _, _ := strings.Cut(path, "?")
	described.check(method, address, body, w.Code, w.Header(), w.Body.Bytes())
	return w
}

// send sends a request.
func send(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestBadRequests checks the status and code of every kind of misuse.
func TestBadRequests(t *testing.T) {
	h := handler(t, fake{}, nil)
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"not JSON", "POST", "/v1/ask", "{", 400, "bad_json"},
		{"empty body", "POST", "/v1/ask", "", 400, "bad_json"},
		{"an array", "POST", "/v1/ask", "[]", 400, "bad_json"},
		{"two values", "POST", "/v1/ask", `{"question":"a"}{}`, 400, "bad_json"},
		{"unknown field", "POST", "/v1/ask", `{"question":"a","temperature":2}`, 400, "bad_json"},
		{"wrong type", "POST", "/v1/ask", `{"question":5}`, 400, "bad_json"},
		{"k of zero", "POST", "/v1/ask", `{"question":"a","k":0}`, 400, "bad_query"},
		{"k too large", "POST", "/v1/ask", `{"question":"a","k":51}`, 400, "bad_query"},
		{"k negative, search", "POST", "/v1/search", `{"query":"a","k":-1}`, 400, "bad_query"},
		{"no such mode", "POST", "/v1/ask", `{"question":"a","mode":"fuzzy"}`, 400, "bad_query"},
		{"query and question", "POST", "/v1/search", `{"query":"a","question":"a"}`, 400, "bad_query"},
		{"no such mode, search", "POST", "/v1/search", `{"query":"a","mode":"agentic"}`, 400, "bad_query"},
		{"k not whole", "POST", "/v1/search", `{"query":"a","k":1.5}`, 400, "bad_json"},
		{"10 MB", "POST", "/v1/ask", `{"question":"` + strings.Repeat("a", 10<<20) + `"}`, 413, "body_too_large"},
		{"no such address", "POST", "/v1/answer", "{}", 404, "not_found"},
		{"wrong method", "GET", "/v1/ask", "", 405, "method_not_allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(h, tt.method, tt.path, tt.body)
			var got struct {
				Error struct{ Code, Message, Fix string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("body %q: %v", w.Body, err)
			}
			if w.Code != tt.status || got.Error.Code != tt.code || got.Error.Message == "" || got.Error.Fix == "" {
				t.Errorf("%s %s = %d %+v, want %d %s with message and fix", tt.method, tt.path, w.Code, got.Error, tt.status, tt.code)
			}
		})
	}
}

// TestErrorKinds checks that each kind of error has its status, and that no
// cause reaches the client.
func TestErrorKinds(t *testing.T) {
	const secret = "10.1.2.3:19530 password"
	for _, tt := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"query", fmt.Errorf("%w: the question is empty", retrieve.ErrQuery), 400, "bad_query"},
		{"no index", fmt.Errorf("milvus: %s: %w", secret, index.ErrNoIndex), 409, "no_index"},
		{"mismatch", &index.MismatchError{Name: "x"}, 409, "index_mismatch"},
		{"store down", fmt.Errorf("milvus: %s: %w", secret, index.ErrUnavailable), 503, "store_unavailable"},
		{"model", fmt.Errorf("%w: wrong key", answer.ErrModel), 502, "model_error"},
		{"too slow", fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), 504, "timeout"},
		{"anything else", errors.New(secret), 500, "internal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			w := do(handler(t, fake{err: tt.err}, &log), "POST", "/v1/ask", `{"question":"a"}`)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), `"code":"`+tt.code+`"`) {
				t.Errorf("= %d %s, want %d %s", w.Code, w.Body, tt.status, tt.code)
			}
			if strings.Contains(w.Body.String(), secret) {
				t.Errorf("the cause reached the client: %s", w.Body)
			}
			if tt.status >= 500 && !strings.Contains(log.String(), tt.err.Error()) {
				t.Errorf("the cause is not in the log: %s", &log)
			}
		})
	}
}

func TestAskAndSearch(t *testing.T) {
	h := handler(t, fake{}, nil)
	w := do(h, "POST", "/v1/ask", `{"question":"why","k":7,"filter":{"source":"e.example"}}`, "X-Request-ID", "mine-1")
	if !strings.Contains(w.Body.String(), `"answer":"why/7/e.example"`) || !strings.Contains(w.Body.String(), `"request_id":"mine-1"`) {
		t.Errorf("ask = %d %s", w.Code, w.Body)
	}
	w = do(h, "POST", "/v1/search", `{"query":"why","filter":{"lang":"de"}}`)
	if !strings.Contains(w.Body.String(), `"text":"why/0/de"`) || !strings.Contains(w.Body.String(), `"score":0.5`) {
		t.Errorf("search = %d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), `"candidates"`) || !strings.Contains(w.Body.String(), `"mode":"hybrid"`) {
		t.Errorf("search = %s", w.Body)
	}
	w = do(h, "POST", "/v1/search", `{"query":"why","mode":"sparse","debug":true}`)
	if !strings.Contains(w.Body.String(), `"mode":"sparse"`) || !strings.Contains(w.Body.String(), `"candidates":[{"id":"aa"`) {
		t.Errorf("search with debug = %d %s", w.Code, w.Body)
	}
}

// TestRequestID checks that an id that could forge log lines is replaced.
func TestRequestID(t *testing.T) {
	h := handler(t, fake{}, nil)
	for in, keep := range map[string]bool{"abc-1": true, "a b": false, strings.Repeat("x", 65): false, "": false} {
		got := do(h, "GET", "/healthz", "", "X-Request-ID", in).Header().Get("X-Request-ID")
		if (got == in) != keep || got == "" {
			t.Errorf("request id %q became %q", in, got)
		}
	}
}

func TestPanic(t *testing.T) {
	var log bytes.Buffer
	w := do(handler(t, fake{}, &log), "POST", "/v1/ask", `{"question":"panic"}`)
	if w.Code != 500 || strings.Contains(w.Body.String(), "asked to") || !strings.Contains(log.String(), "asked to") {
		t.Errorf("= %d %s, log %s", w.Code, w.Body, &log)
	}
}

func TestReady(t *testing.T) {
	if w := do(handler(t, fake{}, nil), "GET", "/readyz", ""); w.Code != 200 {
		t.Errorf("ready = %d", w.Code)
	}
	down := handler(t, fake{err: index.ErrUnavailable}, nil)
	if w := do(down, "GET", "/readyz", ""); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("not ready = %d", w.Code)
	}
	for _, path := range []string{"/healthz", "/livez"} {
		if w := do(down, "GET", path, ""); w.Code != 200 {
			t.Errorf("%s with the store down = %d, want 200", path, w.Code)
		}
	}
}

// TestCrossOrigin checks that a page of another site can't ask.
func TestCrossOrigin(t *testing.T) {
	h := handler(t, fake{}, nil)
	if w := do(h, "POST", "/v1/ask", `{"question":"a"}`, "Sec-Fetch-Site", "cross-site"); w.Code != 403 || !strings.Contains(w.Body.String(), "cross_origin") {
		t.Errorf("cross-site = %d %s", w.Code, w.Body)
	}
	if w := do(h, "POST", "/v1/ask", `{"question":"a"}`, "Sec-Fetch-Site", "same-origin"); w.Code != 200 {
		t.Errorf("same-origin = %d", w.Code)
	}
}

func TestPage(t *testing.T) {
	w := do(handler(t, fake{}, nil), "GET", "/", "")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'self'") {
		t.Errorf("page = %d %v", w.Code, w.Header())
	}
}

func TestListen(t *testing.T) {
	for addr, public := range map[string]bool{"0.0.0.0:0": true, ":0": true, "[::]:0": true, "help.example.com:80": true, "192.0.2.7:80": true, "127.0.0.1:0": false, "127.8.0.1:0": false, "[::1]:0": false, "localhost:0": false, "localhost": false} {
		if got := IsPublic(addr); got != public {
			t.Errorf("IsPublic(%q) = %t", addr, got)
		}
	}
	if _, err := Listen(t.Context(), "localhost"); err == nil || !strings.Contains(err.Error(), "is not HOST:PORT") {
		t.Errorf("Listen without a port = %v", err)
	}
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if _, err := Listen(t.Context(), ln.Addr().String()); !errors.Is(err, ErrPortInUse) {
		t.Errorf("second Listen = %v, want ErrPortInUse", err)
	}
}

// TestShutdown checks that a request under way is answered after the end is asked for.
func TestShutdown(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := fake{block: make(chan struct{})}
	entered := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, ln, Config{Answerer: signalling{f, entered}, Retriever: f, Ready: func(context.Context) error { return nil }})
	}()
	body := make(chan string, 1)
	go func() {
		resp, err := http.Post("http://"+ln.Addr().String()+"/v1/ask", "application/json", strings.NewReader(`{"question":"late"}`))
		if err != nil {
			body <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		body <- string(b)
	}()
	<-entered
	cancel()
	close(f.block)
	select {
	case got := <-body:
		if !strings.Contains(got, "late/0/") {
			t.Errorf("the request under way got %q", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("no answer")
	}
	if err := <-done; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

// signalling says when a question has arrived.
type signalling struct {
	fake
	entered chan struct{}
}

func (s signalling) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	close(s.entered)
	return s.fake.Answer(ctx, q)
}
