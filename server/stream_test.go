package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve/index"
)

// script is an answerer whose streams do as it says.
type script struct {
	fake
	stream func(ctx context.Context, on func(answer.Event) error) (*answer.Answer, error)
}

func (s script) Stream(ctx context.Context, _ answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	return s.stream(ctx, on)
}

// streaming returns the handler of a script; log may be nil.
func streaming(t *testing.T, log io.Writer, stream func(ctx context.Context, on func(answer.Event) error) (*answer.Answer, error)) http.Handler {
	t.Helper()
	c := Config{Answerer: script{stream: stream}, Retriever: fake{}, Ready: func(context.Context) error { return nil }}
	if log != nil {
		c.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	h, err := Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const asking = `{"question":"why"}`

func TestStream(t *testing.T) {
	hits := answertest.Retriever{{Chunk: index.Chunk{URL: "https://e.org/a", Title: "A", Section: "A > B", Text: "Milvus keeps vectors.", Lang: "en"}}}
	const sources = `event: sources
data: [{"n":1,"url":"https://e.org/a","title":"A","section":"A \u003e B"}]

`
	const citations = `event: citations
data: [{"n":1,"url":"https://e.org/a","title":"A","section":"A \u003e B","quote":"Milvus keeps vectors.","verified":true,"by":%q,"start":0,"end":21,"sentence":"Milvus keeps vectors.","link":"https://e.org/a#:~:text=Milvus%%20keeps%%20vectors.","lang":"en"}]

`
	for _, tt := range []struct {
		name  string
		model answer.Model
		by    string
		usage string
	}{
		{"generated", answertest.Quotes, "model", "event: usage\ndata: {\"prompt_tokens\":10,\"cached_tokens\":0,\"completion_tokens\":5,\"reasoning_tokens\":0,\"calls\":0}\n\n"},
		{"extractive", nil, "server", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := answer.New(answer.Config{Retriever: hits, Model: tt.model})
			if err != nil {
				t.Fatal(err)
			}
			h, err := Handler(Config{Answerer: a, Retriever: hits, Ready: func(context.Context) error { return nil }})
			if err != nil {
				t.Fatal(err)
			}
			w := do(h, "POST", "/v1/ask", `{"question":"What keeps vectors?"}`, "Accept", "text/event-stream", "X-Request-ID", "mine-1")
			body, rest, _ := strings.Cut(w.Body.String(), "event: citations")
			text := ""
			for l := range strings.SplitSeq(strings.TrimPrefix(body, sources), "\n") {
				piece, ok := strings.CutPrefix(l, `data: {"text":"`)
				if ok {
					text += strings.TrimSuffix(piece, `"}`)
				} else if l != "" && l != "event: delta" {
					t.Errorf("a line of the text is %q", l)
				}
			}
			if want := "Milvus keeps vectors. [1]"; text != want || !strings.HasPrefix(body, sources) {
				t.Errorf("the text is %q, want %q, in\n%s", text, want, body)
			}
			end, done, _ := strings.Cut("event: citations"+rest, "event: done\ndata: ")
			if diff := cmp.Diff(fmt.Sprintf(citations, tt.by)+tt.usage, end); diff != "" {
				t.Errorf("the end differs (-want +got):\n%s", diff)
			}
			if !strings.Contains(done, `"answer":"Milvus keeps vectors. [1]"`) || !strings.Contains(done, `"request_id":"mine-1"`) {
				t.Errorf("done = %s", done)
			}
			got := []string{w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), w.Header().Get("X-Accel-Buffering")}
			if diff := cmp.Diff([]string{"text/event-stream", "no-store", "no"}, got); diff != "" || w.Code != 200 {
				t.Errorf("%d, headers differ (-want +got):\n%s", w.Code, diff)
			}
		})
	}
}

// TestAccept checks that only those who ask for a stream get one.
func TestAccept(t *testing.T) {
	h := handler(t, fake{}, nil)
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "application/json": "application/json", "text/html": "application/json", "application/json, text/event-stream": "application/json",
		"text/event-stream": "text/event-stream", "text/event-stream, application/json;q=0.5": "text/event-stream",
	} {
		w := do(h, "POST", "/v1/ask", asking, "Accept", accept)
		if got, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";"); got != want || w.Code != 200 {
			t.Errorf("Accept %q gets %d %s, want %s", accept, w.Code, got, want)
		}
	}
}

// TestStreamErrors checks that an error is one like any other until the stream
// has begun, and then an event of the same form.
func TestStreamErrors(t *testing.T) {
	const secret = "10.1.2.3:19530 password"
	for _, tt := range []struct {
		name, body string
		begun      bool
		err        error // nil means a panic
		status     int
		code       string
	}{
		{"bad body", "{", false, nil, 400, "bad_json"},
		{"bad k", `{"question":"a","k":0}`, false, nil, 400, "bad_query"},
		{"no index", asking, false, fmt.Errorf("%s: %w", secret, index.ErrNoIndex), 409, "no_index"},
		{"panic", asking, false, nil, 500, "internal"},
		{"model", asking, true, answer.ErrModel, 502, "model_error"},
		{"too slow", asking, true, fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), 504, "timeout"},
		{"late panic", asking, true, nil, 500, "internal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			h := streaming(t, &log, func(_ context.Context, on func(answer.Event) error) (*answer.Answer, error) {
				if tt.begun {
					if err := on(answer.Event{Sources: []answer.Source{}}); err != nil {
						t.Error(err)
					}
				}
				if tt.err == nil {
					panic(secret)
				}
				return nil, tt.err
			})
			w := do(h, "POST", "/v1/ask", tt.body, "Accept", "text/event-stream", "X-Request-ID", "r-1")
			before, status := "", tt.status
			if tt.begun {
				before, status = "event: sources\ndata: []\n\nevent: error\ndata: ", 200
			}
			if w.Code != status || !strings.HasPrefix(w.Body.String(), before+`{"error":{"code":"`+tt.code+`"`) || !strings.Contains(w.Body.String(), `"request_id":"r-1"`) {
				t.Errorf("= %d %s, want %d and %s", w.Code, w.Body, status, tt.code)
			}
			if strings.Contains(w.Body.String(), secret) {
				t.Errorf("the cause reached the client: %s", w.Body)
			}
			if tt.status >= 500 && !strings.Contains(log.String(), tt.code) {
				t.Errorf("the log lacks the error: %s", &log)
			}
		})
	}
}

// deadlines notes the write deadlines that are set.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// TestHeartbeat checks that a stream shows that it lives whenever it has been
// silent for ten seconds, and that everything it sends has a deadline of its own.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		h := streaming(t, nil, func(_ context.Context, on func(answer.Event) error) (*answer.Answer, error) {
			time.Sleep(25 * time.Second) // no stream has begun
			err := on(answer.Event{Sources: []answer.Source{}})
			time.Sleep(29 * time.Second)
			err = errors.Join(err, on(answer.Event{Delta: "It is"}))
			time.Sleep(9 * time.Second)
			return &answer.Answer{Answer: "It is"}, errors.Join(err, on(answer.Event{Delta: "."}))
		})
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", "/v1/ask", strings.NewReader(asking))
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Accept", "text/event-stream")
		h.ServeHTTP(w, r)
		const want = "event: sources\ndata: []\n\n: thinking\n\n: thinking\n\nevent: delta\ndata: {\"text\":\"It is\"}\n\nevent: delta\ndata: {\"text\":\".\"}\n\nevent: citations\n"
		if got := w.Body.String(); !strings.HasPrefix(got, want) {
			t.Errorf("the stream is\n%s\nwant it to begin\n%s", got, want)
		}
		var got []float64
		for _, s := range w.set {
			got = append(got, s.Sub(start).Seconds())
		}
		if diff := cmp.Diff([]float64{55, 65, 75, 84, 93, 93, 93}, got); diff != "" {
			t.Errorf("deadlines in seconds differ (-want +got):\n%s", diff)
		}
	})
}

// broken is a connection that takes nothing.
type broken struct{ *httptest.ResponseRecorder }

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestGone checks that a client that is gone ends the stream, and is no failure
// of the server's.
func TestGone(t *testing.T) {
	var log bytes.Buffer
	var got error
	h := streaming(t, &log, func(_ context.Context, on func(answer.Event) error) (*answer.Answer, error) {
		for got == nil { // an event is sent while the next one is written
			got = on(answer.Event{Sources: []answer.Source{}})
		}
		return nil, got
	})
	r := httptest.NewRequest("POST", "/v1/ask", strings.NewReader(asking))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Accept", "text/event-stream")
	h.ServeHTTP(broken{httptest.NewRecorder()}, r)
	if !errors.Is(got, context.Canceled) || strings.Contains(log.String(), "request failed") {
		t.Errorf("the event gives %v, and the log is %s", got, &log)
	}
}

// TestHeartbeatEnds checks, under the race detector, that no sign of life comes
// into what ends a stream.
func TestHeartbeatEnds(t *testing.T) {
	for range 20 {
		c := Config{Heartbeat: time.Microsecond, Retriever: fake{}, Ready: func(context.Context) error { return nil }}
		c.Answerer = script{stream: func(_ context.Context, on func(answer.Event) error) (*answer.Answer, error) {
			return nil, errors.Join(on(answer.Event{Sources: []answer.Source{}}), index.ErrUnavailable)
		}}
		h, err := Handler(c)
		if err != nil {
			t.Fatal(err)
		}
		w := do(h, "POST", "/v1/ask", asking, "Accept", "text/event-stream")
		if _, last, _ := strings.Cut(w.Body.String(), "event: error\n"); !strings.HasPrefix(last, `data: {"error":{"code":"store_unavailable"`) || !strings.HasSuffix(last, "}\n\n") {
			t.Fatalf("the stream is %s", w.Body)
		}
	}
}

// open asks for a stream over a real connection and returns its first line.
func open(ctx context.Context, t *testing.T, url string) (*http.Response, *bufio.Reader) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url+"/v1/ask", strings.NewReader(asking))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewReader(resp.Body)
	if first, err := lines.ReadString('\n'); first != "event: sources\n" {
		t.Fatalf("the first line is %q (%v), want the sources while the model still thinks", first, err)
	}
	return resp, lines
}

// thinking is a model that thinks until it is called off, and says why then.
type thinking chan error

func (m thinking) Complete(ctx context.Context, _ llm.Request) (llm.Response, error) {
	<-ctx.Done()
	m <- ctx.Err()
	return llm.Response{}, ctx.Err()
}

// TestClientLeaves checks that a model is called off when nobody waits for it.
func TestClientLeaves(t *testing.T) {
	model := make(thinking, 1)
	a, err := answer.New(answer.Config{Retriever: answertest.Retriever{{}}, Model: model})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Handler(Config{Answerer: a, Retriever: fake{}, Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	resp, _ := open(t.Context(), t, srv.URL)
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-model:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the model was called off with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the model goes on without a client")
	}
}

// TestStreamShutdown checks that a stream under way may end, and that one that
// takes too long is told why it does not.
func TestStreamShutdown(t *testing.T) {
	for _, tt := range []struct {
		name  string
		drain time.Duration
		ends  bool
		want  string
	}{
		{"ends in time", time.Minute, true, "event: done\n"},
		{"takes too long", time.Millisecond, false, `{"error":{"code":"stopping",`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			stream := func(request context.Context, on func(answer.Event) error) (*answer.Answer, error) {
				if err := on(answer.Event{Sources: []answer.Source{}}); err != nil {
					return nil, err
				}
				if tt.ends {
					<-ctx.Done()
					return &answer.Answer{}, request.Err()
				}
				<-request.Done()
				return nil, request.Err()
			}
			done := make(chan error, 1)
			go func() {
				done <- Serve(ctx, ln, Config{Answerer: script{stream: stream}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Drain: tt.drain})
			}()
			_, lines := open(t.Context(), t, "http://"+ln.Addr().String())
			cancel()
			rest, err := io.ReadAll(lines)
			if err != nil || !strings.Contains(string(rest), tt.want) {
				t.Errorf("the stream ends (%v) in %q, want %q", err, rest, tt.want)
			}
			if err := <-done; err != nil {
				t.Errorf("Serve = %v", err)
			}
		})
	}
}
