package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// emulated returns a client of an emulated service.
func emulated(t *testing.T, s *llmtest.Server, provider string, c llm.Config) *llm.Client {
	t.Helper()
	c.Provider, c.APIKey, c.BaseURL = provider, llmtest.Key, s.URL
	if provider != "openai" {
		c.BaseURL = strings.TrimSuffix(s.URL, "/v1")
	}
	cl, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

// Every model that the strict emulation has is asked correctly the first time,
// with all that its profile says it takes. For an unknown model, see TestTried.
func TestFirstTime(t *testing.T) {
	refusesStream := map[string]bool{"o1": true} // and nothing else says so beforehand
	for _, name := range emulate.Names() {
		for _, way := range []string{"openai", "azure", "anthropic", "openai/responses"} {
			provider, api, _ := strings.Cut(way, "/")
			if llm.KnownProfile(name) == "" || strings.HasPrefix(name, "claude") != (provider == "anthropic") || name == "compatible" || provider == "azure" && strings.HasPrefix(name, "deepseek") {
				continue
			}
			for _, streamed := range []bool{false, true} {
				t.Run(way+"/"+name+map[bool]string{true: "/stream"}[streamed], func(t *testing.T) {
					s := llmtest.Emulate(t, emulate.Config{Answer: func(string) string { return "One two." }})
					c := emulated(t, s, provider, llm.Config{Model: name, API: api})
					p, want := c.Profile(), 0
					for _, r := range requests(p) {
						var seen collector
						if streamed {
							r.Delta = seen.delta
						}
						got, err := c.Complete(t.Context(), r)
						if err != nil || got.Text == "" && len(got.Calls) == 0 || streamed && got.Text != seen.joined() {
							t.Fatalf("Complete(%+v) = %+v, %v, shown %q", r, got, err, seen.joined())
						}
						want++
					}
					if streamed && refusesStream[name] {
						want++
					}
					if api != "" && strings.HasPrefix(name, "deepseek") {
						want++ // a service without the Responses API
					}
					if n := len(s.Bodies()); n != want {
						t.Errorf("%d requests, want %d: some were refused", n, want)
					}
				})
			}
		}
	}
}

// requests are what a profile says its model takes.
func requests(p llm.Profile) []llm.Request {
	rs := []llm.Request{{Messages: llm.User("hi")}, cited(), {Messages: llm.User("hi"), Instructions: "be kind"}}
	if p.Tools {
		r := llm.Request{Messages: llm.User("hi")}
		withTool(&r)
		rs = append(rs, r)
		r.Messages = append(r.Messages,
			llm.Message{Role: llm.RoleAssistant, Calls: []llm.Call{{ID: "c1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`)}}},
			llm.Message{Role: llm.RoleTool, CallID: "c1", Text: "found"})
		rs = append(rs, r)
	}
	if p.Schema {
		rs = append(rs, llm.Request{Messages: llm.User("hi"), Schema: &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}})
	}
	if p.Images {
		rs = append(rs, llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Text: "hi", Images: []string{testImage}}}})
	}
	return rs
}

// Every effort of a profile is one that the model takes.
func TestEfforts(t *testing.T) {
	for _, name := range emulate.Names() {
		if strings.HasPrefix(name, "claude") || name == "compatible" {
			continue
		}
		s := llmtest.Emulate(t, emulate.Config{})
		for _, effort := range emulated(t, s, "openai", llm.Config{Model: name}).Profile().Efforts {
			c := emulated(t, s, "openai", llm.Config{Model: name, Options: llm.Options{Effort: effort}})
			if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
				t.Errorf("%s, %s: %v", name, effort, err)
			}
		}
	}
}

// A deployment whose name hides the model still gets an answer.
func TestHiddenModel(t *testing.T) {
	for _, name := range []string{"o1-preview", "o1-mini", "o1", "o3-mini", "gpt-4o", "gpt-5"} {
		t.Run(name, func(t *testing.T) {
			s := llmtest.Emulate(t, emulate.Config{Models: map[string]string{"prod": name}, Answer: func(string) string { return "ok" }})
			c := emulated(t, s, "azure", llm.Config{Model: "prod", Options: llm.Options{Effort: "low"}})
			for range 2 {
				got, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Instructions: "be kind", Delta: func(string) error { return nil }})
				if err != nil || got.Text != "ok" {
					t.Fatalf("Complete = %q, %v", got.Text, err)
				}
			}
			first := len(s.Bodies())
			if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil || len(s.Bodies()) != first+1 {
				t.Errorf("Complete = %v after %d requests, want one more than %d", err, len(s.Bodies()), first)
			}
		})
	}
}

// What can go wrong on the other side, in each protocol.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault emulate.Fault
		check func(r llm.Response, err error) bool
	}{
		{"length", emulate.Fault{Reasoning: 1 << 30}, func(r llm.Response, err error) bool {
			return errors.Is(err, llm.ErrNoText) && r.FinishReason == "length" && r.Usage.CompletionTokens > 0
		}},
		{"refusal", emulate.Fault{Refusal: "no"}, func(r llm.Response, err error) bool { return err == nil && r.Refusal == "no" && r.Text == "" }},
		{"filter", emulate.Fault{FilterAnswer: true}, func(r llm.Response, err error) bool {
			return errors.Is(err, llm.ErrNoText) && r.FinishReason == "content_filter"
		}},
		{"no usage", emulate.Fault{NoUsage: true}, func(r llm.Response, err error) bool {
			return err == nil && r.Text != "" && r.Usage == (llm.Usage{Calls: 1, Unknown: true})
		}},
		{"unopened", emulate.Fault{Unopened: true}, func(r llm.Response, err error) bool {
			return err == nil && r.Text == "One two." && r.Reasoning != "" && !strings.Contains(r.Reasoning, "think>")
		}},
	} {
		for _, model := range []string{"o1-mini", "gpt-4o", "deepseek-r1", "deepseek-reasoner", "responses/gpt-4o", "responses/gpt-5.6"} {
			api, name, ok := strings.Cut(model, "/")
			if !ok {
				api, name = "", model
			}
			if (tt.name == "unopened") != (model == "deepseek-r1") {
				continue
			}
			for _, streamed := range []bool{false, true} {
				t.Run(tt.name+"/"+model+map[bool]string{true: "/stream"}[streamed], func(t *testing.T) {
					s := llmtest.Emulate(t, emulate.Config{Answer: func(string) string { return "One two." }, Script: func(int, []byte) emulate.Fault { return tt.fault }})
					r := llm.Request{Messages: llm.User("hi")}
					if streamed {
						r.Delta = func(string) error { return nil }
					}
					if got, err := emulated(t, s, "openai", llm.Config{Model: name, API: api}).Complete(t.Context(), r); !tt.check(got, err) {
						t.Errorf("Complete = %+v, %v", got, err)
					}
				})
			}
		}
	}
}

// What a response fails with is an error that may pass.
func TestFailedResponse(t *testing.T) {
	for _, delta := range []func(string) error{nil, func(string) error { return nil }} {
		s := llmtest.Emulate(t, emulate.Config{Script: func(int, []byte) emulate.Fault { return emulate.Fault{Failed: "server_error"} }, Answer: func(string) string { return "" }})
		_, err := emulated(t, s, "openai", llm.Config{Model: "gpt-5.6", API: llm.APIResponses}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: delta})
		if err == nil || errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "server_error") {
			t.Errorf("Complete = %v, want a failure that may pass", err)
		}
	}
}

// The encrypted reasoning of a call goes back to the service, which rejects any that
// it has not sent, and a call's result without the call.
func TestToolRound(t *testing.T) {
	for _, name := range []string{"o1", "o3-mini", "gpt-5", "gpt-5.4", "gpt-5.5", "gpt-5.6", "gpt-6", "gpt-6.1", "gpt-4o"} {
		for _, provider := range []string{"openai", "azure"} {
			t.Run(provider+"/"+name, func(t *testing.T) {
				s := llmtest.Emulate(t, emulate.Config{})
				c := emulated(t, s, provider, llm.Config{Model: name, API: llm.APIResponses, Options: llm.Options{Effort: map[bool]string{true: "high"}[name != "gpt-4o"]}})
				r := llm.Request{Messages: llm.User("Search: what is the roof made of?")}
				withTool(&r)
				first, err := c.Complete(t.Context(), r)
				if err != nil || len(first.Calls) != 1 || first.FinishReason != "tool_calls" {
					t.Fatalf("Complete = %+v, %v, want a call", first, err)
				}
				r.Messages = append(r.Messages, llm.Message{Role: llm.RoleAssistant, Text: first.Text, Calls: first.Calls},
					llm.Message{Role: llm.RoleTool, CallID: first.Calls[0].ID, Text: "slate"})
				if got, err := c.Complete(t.Context(), r); err != nil || got.Text == "" {
					t.Fatalf("Complete = %+v, %v, want a text", got, err)
				}
				var second struct {
					Store   bool
					Include []string
					Input   []struct {
						Type             string
						EncryptedContent string `json:"encrypted_content"`
						CallID           string `json:"call_id"`
					}
				}
				if err := json.Unmarshal([]byte(s.Bodies()[1]), &second); err != nil {
					t.Fatal(err)
				}
				var types []string
				for _, item := range second.Input {
					types = append(types, item.Type)
					if item.Type == "reasoning" && item.EncryptedContent == "" || strings.HasPrefix(item.Type, "function_call") && item.CallID != first.Calls[0].ID {
						t.Errorf("sent back: %s", s.Bodies()[1])
					}
				}
				want := " reasoning function_call function_call_output"
				if name == "gpt-4o" {
					want = " function_call function_call_output"
				}
				for _, path := range s.Paths() {
					if !strings.HasSuffix(path, "/v1/responses") {
						t.Errorf("asked %s", path)
					}
				}
				if got := strings.Join(types, " "); got != want || second.Store || (len(second.Include) == 1) != (name != "gpt-4o") {
					t.Errorf("sent the items %q, want %q, in %s", got, want, s.Bodies()[1])
				}
			})
		}
	}
}

// Entra ID against a service that checks the token.
func TestEntraIDAccepted(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Token: func(bearer string) bool { return bearer == "token1" }})
	c, err := llm.New(llm.Config{Provider: "azure", BaseURL: strings.TrimSuffix(s.URL, "/v1"), Model: "o1", Credential: &tokens{lasts: 1 << 60}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
			t.Error(err)
		}
	}
}

// A client that leaves while the model reasons ends the upstream request.
func TestLeaveWhileReasoning(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	s := llmtest.Emulate(t, emulate.Config{Script: func(int, []byte) emulate.Fault {
		return emulate.Fault{Hold: func(upstream context.Context) { cancel(); <-upstream.Done(); close(left) }}
	}})
	if _, err := emulated(t, s, "openai", llm.Config{Model: "o1-mini"}).Complete(ctx, llm.Request{Messages: llm.User("hi")}); !errors.Is(err, context.Canceled) {
		t.Errorf("Complete = %v, want context.Canceled", err)
	}
	<-left
}
