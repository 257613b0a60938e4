package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// A site is a real server whose answers are known by the question.
type site struct {
	*httptest.Server
	next  chan bool     // lets the next part of a stream go
	gone  chan struct{} // a client has left a stream
	over  chan struct{} // closed when the test ends
	voted chan vote

	mu      sync.Mutex
	asked   []answer.Question
	updated time.Time
}

type vote struct {
	Vote    int
	Comment string
}

// newSite serves a site with settings.
func newSite(t *testing.T, s web.Settings, more ...func(*server.Config)) *site {
	t.Helper()
	st := &site{next: make(chan bool), gone: make(chan struct{}, 1), over: make(chan struct{}), voted: make(chan vote, 10), updated: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
	c := server.Config{Answerer: st, Retriever: st, Ready: func(context.Context) error { return nil }, Voter: st, Catalog: st, Page: s, SentTo: []string{"OpenAI"}}
	for _, f := range more {
		f(&c)
	}
	h, err := server.Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	st.Server = httptest.NewServer(broken(h))
	t.Cleanup(func() {
		close(st.over)
		st.Close()
	})
	return st
}

// broken answers some questions as a proxy or a failing server would.
func broken(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/ask" {
			h.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body) // the server under test reads it again
		var in struct{ Question string }
		_ = json.Unmarshal(body, &in)
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch in.Question {
		case "too many":
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error": {"code": "rate_limited", "message": "slow down", "fix": "wait"}}`)
		case "bad gateway":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<h1>502</h1>")
		case "cut":
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "event: sources\ndata: [{\"n\":1,\"title\":\"A\"}]\n\nevent: html\ndata: {\"keep\":0,\"html\":\"<p>Half an ans</p>\"}\n\nevent: done\ndata: {\"answ")
		case "torn":
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "event: html\ndata: {\"keep\":0,\"html\":\"<p>Half an ans</p>\"}\n\nevent: ht")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "not json":
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "event: sources\ndata: <html>\n\n")
		default:
			h.ServeHTTP(w, r)
		}
	})
}

var (
	crawled = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	dated   = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
)

// rotation is a passage with a quote in its middle.
const rotation = "# Keys\n\nKeys are kept in a **file**.\n\n## Rotation\n\nRotate a `key` every ninety days. Old keys work for one more day.\n\n| Key | Days |\n|---|---|\n| main | 90 |"

// A citation of rotation.
func cited(n int) answer.Citation {
	return answer.Citation{N: n, URL: "https://docs.example.com/keys/", Link: "https://docs.example.com/keys/#rotation:~:text=Rotate", Title: "Keys", Section: "Keys > Rotation", Quote: "Rotate a key every ninety days.",
		Sentence: "Rotate a key every ninety days.", Verified: true, By: "model", Modified: dated, CrawledAt: crawled, Version: "2.0", Lang: "en", Passage: rotation}
}

// refuted is a citation whose quote is not on the page.
func refuted(n int) answer.Citation {
	return answer.Citation{N: n, URL: "https://docs.example.com/old/", Link: "https://docs.example.com/old/", Title: "Old keys", Quote: "Keys never end.", CrawledAt: crawled, Passage: "Old keys end after a day."}
}

const everything = "Some *soft*, **strong**, ~~struck~~ and `code` text [1].\n\n## Heading\n\n1. First\n   ```sh\n   citewell ask x  # asks\n   ```\n2. Second\n   - nested\n     - deeper\n\n- [x] done\n- [ ] open\n\n" +
	"| Left | Right |\n|:--|--:|\n| a\\|b | `c` |\n\n> Quoted\n>\n> > twice\n\n```go\nfunc main() { println(\"hi\") }\n```\n\nA formula $e^{i\\pi}_1 = -1$ and\n\n$$\n\\sum_{i=1}^n i\n$$\n\nA note[^1] and [a page](https://docs.example.com/keys/).\n\n---\n\n<b>not bold</b> the codes [404]\n\n[^1]: The *footnote*."

// answers are what is answered, by question.
var answers = map[string]answer.Answer{
	"keys":        {Answered: true, Mode: answer.Generated, Model: "o1-mini", Answer: "Every **ninety days** [1]. Keys never end [2].", Grounded: true, Verified: 1, Total: 2, Citations: []answer.Citation{cited(1), refuted(2)}, Cost: &answer.Cost{Amount: 0.0125, Currency: "EUR"}},
	"everything":  {Answered: true, Mode: answer.Generated, Model: "o1-mini", Answer: everything, Grounded: true, Verified: 1, Total: 1, Citations: []answer.Citation{cited(1)}},
	"extractive":  {Answered: true, Mode: answer.Extractive, Answer: "Keys are kept in a file. Old keys work for one more day. Rotate a `key` every ninety days. [1]", Grounded: true, Verified: 1, Total: 1, Citations: []answer.Citation{cited(1)}},
	"down":        {Answered: true, Mode: answer.Extractive, Answer: "Rotate a `key` every ninety days. [1]", Warning: "the model could not be reached", Grounded: true, Citations: []answer.Citation{cited(1)}},
	"emulated":    {Answered: true, Mode: answer.Generated, Model: "o1-mini (emulated)", Answer: "So [1].", Grounded: true, Verified: 1, Total: 1, Citations: []answer.Citation{cited(1)}},
	"truncated":   {Answered: true, Mode: answer.Generated, Model: "o1-mini", Answer: "Every ninety", Truncated: true, Warning: "the model stopped early", Grounded: false, Total: 1, Citations: []answer.Citation{refuted(1)}},
	"none":        {Mode: answer.Generated, Reason: "the pages don't mention Kubernetes", Citations: []answer.Citation{}, Nearest: []answer.NearestPage{{URL: "https://docs.example.com/near/", Title: "Near"}}, Closest: []answer.Citation{cited(1)}, Corrections: []retrieve.Correction{{From: "kyes", To: "keys"}}},
	"nothing":     {Mode: answer.Generated, Citations: []answer.Citation{}},
	"one line":    {Answered: true, Mode: answer.Generated, Model: "o1-mini", Answer: strings.Repeat("word ", 10_000) + strings.Repeat("x", 50_000), Grounded: true, Citations: []answer.Citation{}},
	"long":        {Answered: true, Mode: answer.Generated, Model: "o1-mini", Answer: strings.Repeat(everything+" And so on [1].\n\n", 24), Grounded: true, Verified: 1, Total: 1, Citations: []answer.Citation{cited(1)}},
	"follow this": {Answered: true, Mode: answer.Generated, Model: "o1-mini", Answer: "It follows.", Standalone: "keys: follow this", Grounded: true, Citations: []answer.Citation{}},
}

// Answer implements [answer.Responder].
func (s *site) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return s.Stream(ctx, q, func(answer.Event) error { return nil })
}

// Stream implements [answer.Responder]: the text in pieces of a few runes. "in steps" waits
// for the test before each piece, and "fails" for an error.
func (s *site) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	s.mu.Lock()
	s.asked = append(s.asked, q)
	s.mu.Unlock()
	key, steps := q.Text, false
	if rest, ok := strings.CutPrefix(q.Text, "in steps: "); ok {
		key, steps = rest, true
	}
	a, ok := answers[key]
	if !ok {
		if a, ok = hostileAnswer(key); !ok {
			a = answer.Answer{Answered: true, Mode: answer.Extractive, Answer: "You asked: " + q.Text, Citations: []answer.Citation{}}
		}
	}
	sources := []answer.Source{{N: 1, URL: "https://docs.example.com/keys/", Title: "Keys <b>"}, {N: 2, URL: "https://docs.example.com/old/", Title: "Old keys"}}
	if err := on(answer.Event{Sources: sources}); err != nil {
		return nil, err
	}
	if key == "unavailable" {
		return nil, problem.StoreUnavailable
	}
	for rest := []rune(a.Answer); len(rest) > 0; {
		if steps {
			select {
			case <-s.next:
			case <-s.over:
				return nil, context.Canceled
			case <-ctx.Done():
				s.gone <- struct{}{}
				return nil, ctx.Err()
			}
		}
		n := min(max(5, len(a.Answer)/2000), len(rest))
		if err := on(answer.Event{Delta: string(rest[:n])}); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return &a, nil
}

// questions returns how many questions were asked.
func (s *site) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// lastAsked returns the last question.
func (s *site) lastAsked() answer.Question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[len(s.asked)-1]
}

// Retrieve implements [retrieve.Finder].
func (s *site) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	if strings.HasPrefix(q.Text, "zzz") {
		return &retrieve.Result{}, nil
	}
	hit := func(page, section, text string) retrieve.Hit {
		return retrieve.Hit{Score: 0.9, Chunk: index.Chunk{URL: "https://docs.example.com/" + page, Title: "<i>" + page + "</i>", Section: section, Anchor: "part", Text: text, Lang: "en", Version: q.Filter.Version}}
	}
	return &retrieve.Result{Hits: []retrieve.Hit{hit("keys", "<i>keys</i> > Rotation", "Rotate **keys** of the [service](https://a.example/) every ninety days."), hit("keys", "<i>keys</i> > Files", "Keys are in files."), hit("install", "", "Install it with <script>alert(1)</script>.")}}, nil
}

// Vote implements [server.Voter].
func (s *site) Vote(_ context.Context, requestID string, v int, comment string) error {
	if requestID == "" {
		return state.ErrNotFound
	}
	s.voted <- vote{v, comment}
	return nil
}

// Contents implements [server.Catalog].
func (s *site) Contents(context.Context) (server.Contents, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return server.Contents{Sources: []string{"docs.example.com"}, Versions: []string{"1.0", "2.0", "1.0"}, Langs: []string{"de", "en", ""}, UpdatedAt: s.updated}, nil
}

// Popular implements [server.Catalog].
func (s *site) Popular(context.Context) ([]string, error) { return []string{"keys"}, nil }

// turns returns a history as texts.
func turns(all []history.Turn) string {
	var b strings.Builder
	for _, t := range all {
		fmt.Fprintf(&b, "%s: %s\n", t.Role, t.Content)
	}
	return b.String()
}
