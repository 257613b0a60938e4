package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/limit"
)

func limits(t *testing.T, text string) limit.Limits {
	t.Helper()
	l, err := limit.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// limitedAt is the time of servers with limits: it does not pass, so that a slow test
// regains nothing.
var limitedAt = time.Now()

// limitedServer is keyedServer with limits.
func limitedServer(t *testing.T, address, anonymous string) (*api, *state.DB, map[string]string) {
	t.Helper()
	s, db, secrets := keyedServer(t, false)
	s.Limiter = limit.New(limit.Config{Store: db, Now: func() time.Time { return limitedAt }})
	s.AddressLimits, s.AnonymousLimits = limits(t, address), limits(t, anonymous)
	return s, db, secrets
}

// TestLimitsOnAllRoutes asks and searches by every route until the limit, and reads the
// refusal in the form of that route.
func TestLimitsOnAllRoutes(t *testing.T) {
	t.Parallel()
	const toolCall = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask_docs","arguments":{"question":"a"}}}`
	for _, tt := range []struct{ name, method, path, body, accept, want string }{
		{"ask", "POST", "/v1/ask", bodies["/v1/ask"], "application/json", `"code":"too_many_requests"`},
		{"stream", "POST", "/v1/ask", bodies["/v1/ask"], "text/event-stream", `"code":"too_many_requests"`},
		{"search", "POST", "/v1/search", bodies["/v1/search"], "", `"code":"too_many_requests"`},
		{"vote", "POST", "/v1/feedback", bodies["/v1/feedback"], "", `"code":"too_many_requests"`},
		{"chat", "POST", "/v1/chat/completions", bodies["/v1/chat/completions"], "", `"type":"rate_limit_error","param":null,"code":"too_many_requests"`},
		{"chat, streamed", "POST", "/v1/chat/completions", `{"model":"citewell","stream":true,"messages":[{"role":"user","content":"a"}]}`, "", `"type":"rate_limit_error"`},
		{"responses", "POST", "/v1/responses", bodies["/v1/responses"], "", `"type":"rate_limit_error"`},
		{"texts", "GET", "/llms.txt", "", "", `"code":"too_many_requests"`},
		{"agents", "POST", "/mcp", toolCall, "application/json, text/event-stream", `the limit of 2 requests a minute for this address is used up`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _, _ := limitedServer(t, "2/minute", "")
			h := s.routes()
			done := 0
			for range 30 {
				w := do(h, tt.method, tt.path, tt.body, "Accept", tt.accept, "Content-Type", "application/json")
				refused := strings.Contains(w.Body.String(), tt.want)
				if !refused {
					if w.Code != 200 {
						t.Fatalf("%d %s", w.Code, w.Body)
					}
					done++
					continue
				}
				if tt.name != "agents" && (w.Code != 429 || w.Header().Get("Retry-After") == "" || w.Header().Get("Retry-After") == "0") {
					t.Errorf("%d with Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
				}
				break
			}
			most := 2
			if tt.name == "search" || tt.name == "vote" || tt.name == "texts" {
				most = 20
			}
			if done < 1 || done > most {
				t.Errorf("%d are done before the refusal, want up to %d", done, most)
			}
		})
	}
}

// TestWhoIsLimited checks by whom requests are counted.
func TestWhoIsLimited(t *testing.T) {
	t.Parallel()
	s, db, secrets := limitedServer(t, "1/minute", "")
	s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} // where do comes from
	h := s.routes()
	ask := func(name string, want int, header ...string) {
		t.Helper()
		w := do(h, "POST", "/v1/ask", bodies["/v1/ask"], header...)
		if w.Code != want {
			t.Errorf("%s = %d %s, want %d", name, w.Code, w.Body, want)
		}
	}
	from := func(addresses string) []string { return []string{"X-Forwarded-For", addresses} }
	ask("a client", 200, from("203.0.113.5")...)
	ask("the same client", 429, from("203.0.113.5")...)
	ask("the same client with a forged address", 429, from("198.51.100.9, 203.0.113.5")...)
	ask("the same client with a wrong key", 429, append(from("203.0.113.5"), "Authorization", "Bearer "+secrets["wrong"])...)
	ask("another client", 200, from("203.0.113.6")...)
	ask("a client with IPv6", 200, from("2001:db8:1:2::1")...)
	ask("another address of its network", 429, from("2001:db8:1:2:ffff::9")...)
	ask("another network", 200, from("2001:db8:1:3::1")...)
	ask("a key", 200, append(from("203.0.113.5"), "Authorization", "Bearer "+secrets["ask-key"])...)
	ask("the key from elsewhere", 429, append(from("203.0.113.77"), "Authorization", "Bearer "+secrets["ask-key"])...)
	ask("the token", 200, append(from("203.0.113.5"), "Authorization", "Bearer "+token)...)
	public := []string{"Origin", docsOrigin, "Authorization", "Bearer " + secrets["public"]}
	ask("a reader of a page", 200, append(from("203.0.113.88"), public...)...)
	ask("the same reader", 429, append(from("203.0.113.88"), public...)...)
	ask("another reader", 200, append(from("203.0.113.89"), public...)...)
	if err := s.Limiter.Close(); err != nil {
		t.Fatal(err)
	}
	if all, err := db.Spent(t.Context(), state.DayOf(limitedAt)); err != nil || all["key:public"].Requests != 2 || all["key:ask-key"].Requests != 1 {
		t.Errorf("the state has %v, %v", all, err)
	}
	for subject := range mustSpent(t, db) {
		if !strings.HasPrefix(subject, "key:") {
			t.Errorf("the state has %s: addresses are not stored", subject)
		}
	}
	w := do(h, "POST", "/v1/search", bodies["/v1/search"], from("203.0.113.200")...)
	if got := w.Header().Get("RateLimit"); got != `"address-minute";r=0;t=6` || w.Header().Get("RateLimit-Policy") != `"address-minute";q=1;w=60` {
		t.Errorf("RateLimit = %q", got)
	}
}

func mustSpent(t *testing.T, db *state.DB) map[string]state.Spending {
	t.Helper()
	all, err := db.Spent(t.Context(), state.DayOf(limitedAt))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// spender answers with a usage or an error.
type spender struct {
	usage *llm.Usage
	err   error
}

func (s spender) Answer(context.Context, answer.Question) (*answer.Answer, error) {
	return &answer.Answer{Mode: answer.Generated, Citations: []answer.Citation{}, Usage: s.usage}, s.err
}
func (s spender) Stream(ctx context.Context, q answer.Question, _ func(answer.Event) error) (*answer.Answer, error) {
	return s.Answer(ctx, q)
}

// TestTokensAreSettled checks what each outcome of a question counts.
func TestTokensAreSettled(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		with spender
		want int64
	}{
		{"reported", spender{usage: &llm.Usage{PromptTokens: 700, CompletionTokens: 50}}, 750},
		{"no model asked", spender{}, 0},
		{"not reported", spender{usage: &llm.Usage{Unknown: true}}, 500},
		{"given up by the client", spender{err: context.Canceled}, 500},
		{"too late", spender{err: context.DeadlineExceeded}, 500},
		{"a bad question", spender{err: problem.BadQuery}, 0},
		{"a fault", spender{err: errors.New("disk full")}, 0},
	} {
		s, db, _ := limitedServer(t, "", "5000 tokens/day")
		s.Answerer = tt.with
		s.ReservedTokens = func(answer.Question) int64 { return 1000 }
		s.routes()
		if _, err := s.Answerer.Answer(t.Context(), answer.Question{Text: "a"}); !errors.Is(err, tt.with.err) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := mustSpent(t, db)["anonymous:"]; got != (state.Spending{Requests: 1, Tokens: tt.want}) {
			t.Errorf("%s: counted %+v, want %d tokens", tt.name, got, tt.want)
		}
	}
}

// TestTokenLimit checks the refusal of a question that reserves more than is left.
func TestTokenLimit(t *testing.T) {
	t.Parallel()
	s, _, _ := limitedServer(t, "", "1500 tokens/day")
	s.Answerer = spender{usage: &llm.Usage{PromptTokens: 500, CompletionTokens: 100}}
	s.ReservedTokens = func(answer.Question) int64 { return 1000 }
	h := s.routes()
	do(h, "POST", "/v1/ask", bodies["/v1/ask"])
	w := do(h, "POST", "/v1/ask", bodies["/v1/ask"])
	var got struct{ Error struct{ Message, Fix string } }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 429 || !strings.Contains(got.Error.Message, "900 are left, and a question reserves 1000") || w.Header().Get("Retry-After") == "" {
		t.Errorf("a question above the limit = %d %s", w.Code, w.Body)
	}
}
