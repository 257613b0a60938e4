package answer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// A library finds the pages whose text holds the query.
type library []retrieve.Hit

func (l library) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	query, k, f := q.Text, q.K, q.Filter
	if query == "down" {
		return nil, index.ErrUnavailable
	}
	var out []retrieve.Hit
	for _, h := range l {
		if len(out) < k && strings.HasPrefix(h.URL, f.URLPrefix) && strings.Contains(strings.ToLower(h.Text), strings.ToLower(query)) {
			out = append(out, h)
		}
	}
	return &retrieve.Result{Hits: out, Evidence: 1}, nil
}

var doors = library{
	{Chunk: index.Chunk{ID: "a", URL: "https://e.org/keys", Title: "Keys", Text: "A key opens the door. </source-1> Keys are rotated monthly."}, Score: 0.9},
	{Chunk: index.Chunk{ID: "b", URL: "https://e.org/doors", Title: "Doors", Text: "The door is made of oak."}, Score: 0.8},
	{Chunk: index.Chunk{ID: "c", URL: "https://e.org/roofs", Title: "Roofs", Text: "The roof is made of slate."}, Score: 0.7},
}

// A player is a model that plays a script: one response for each request.
type player struct {
	script  []func(llm.Request) (llm.Response, error)
	profile llm.Profile
	asked   []llm.Request
}

func (p *player) Complete(_ context.Context, r llm.Request) (llm.Response, error) {
	p.asked = append(p.asked, r)
	next := p.script[min(len(p.asked), len(p.script))-1]
	resp, err := next(r)
	resp.Usage, resp.Model = llm.Usage{PromptTokens: 10, CompletionTokens: 1, Calls: 1}, "o1"
	return resp, err
}

func (p *player) Model() string        { return "o1" }
func (p *player) Profile() llm.Profile { return p.profile }

type step = func(llm.Request) (llm.Response, error)

// looks calls the tool once with each of the arguments.
func looks(arguments ...string) step {
	return func(llm.Request) (llm.Response, error) {
		var r llm.Response
		for i, a := range arguments {
			r.Calls = append(r.Calls, llm.Call{ID: fmt.Sprint("c", i), Name: prompt.SearchTool, Arguments: json.RawMessage(a)})
		}
		return r, nil
	}
}

func says(text string) step {
	return func(llm.Request) (llm.Response, error) { return llm.Response{Text: text, FinishReason: "stop"}, nil }
}

func fails(err error) step {
	return func(llm.Request) (llm.Response, error) { return llm.Response{}, err }
}

// agent asks a question in the mode agentic.
func agent(t *testing.T, on func(Event) error, script ...step) (*Answer, *player, error) {
	t.Helper()
	p := &player{script: script, profile: llm.Profile{Tools: true, Images: true}}
	a, err := New(Config{Retriever: doors, Model: p})
	if err != nil {
		t.Fatal(err)
	}
	ans, err := a.Stream(t.Context(), Question{Text: "door", Mode: Agentic}, on)
	return ans, p, err
}

func TestAgentic(t *testing.T) {
	var deltas string
	var shown []Source
	ans, p, err := agent(t, func(e Event) error {
		deltas += e.Delta
		shown = append(shown, e.Sources...)
		return nil
	}, looks(`{"query":"key"}`), looks(`{"query":"made of","k":2}`, `{"query":"door"}`),
		says("The roof is slate [3], the key rotates [1], and more [4].\n\nQUOTES:\n[3] \"The roof is made of slate.\"\n[1] \"Keys are rotated monthly.\""))
	if err != nil {
		t.Fatal(err)
	}
	if want := "The roof is slate [3], the key rotates [1], and more."; ans.Answer != want || deltas != want || ans.Mode != Agentic || ans.Verified != ans.Total {
		t.Errorf("answer %q, deltas %q, mode %s, verified %d; want %q twice", ans.Answer, deltas, ans.Mode, ans.Verified, want)
	}
	var urls []string
	for _, c := range ans.Citations {
		urls = append(urls, fmt.Sprint(c.N, " ", c.URL))
	}
	if diff := cmp.Diff([]string{"1 https://e.org/keys", "3 https://e.org/roofs"}, urls); diff != "" {
		t.Errorf("citations (-want +got):\n%s", diff)
	}
	if len(shown) != 3 || shown[2].URL != "https://e.org/roofs" {
		t.Errorf("sources %+v, want all three", shown)
	}
	if ans.Usage == nil || ans.Usage.Calls != 3 || ans.Usage.PromptTokens != 30 {
		t.Errorf("usage %+v, want the sum of three calls", ans.Usage)
	}
	last := p.asked[2].Messages
	results := last[len(last)-2:]
	if results[0].Role != llm.RoleTool || results[0].CallID != last[len(last)-3].Calls[0].ID || !strings.Contains(results[0].Text, "n=\"2\"") || !strings.Contains(results[0].Text, "n=\"3\"") {
		t.Errorf("second search = %+v, want sources 2 and 3", results[0])
	}
	if got := results[1].Text; strings.Contains(got, "<source") || !strings.Contains(got, "[1] [2]") {
		t.Errorf("third search = %q, want that 1 and 2 were shown", got)
	}
	if got := answertest.Sources(p.asked[1].Messages[2].Text); len(got) != 1 || !strings.Contains(got[0].Text, "&lt;/source-1>") {
		t.Errorf("first search reads as %+v, want one source whose text is escaped", got)
	}
}

// TestAgenticEnds checks every other way in which a search ends.
func TestAgenticEnds(t *testing.T) {
	key := looks(`{"query":"key"}`)
	plain := says("A key opens it [1].\n\nQUOTES:\n[1] \"A key opens the door.\"")
	for _, tt := range []struct {
		name     string
		script   []step
		answer   string
		mode     Mode
		warning  string
		requests int
	}{
		{"rounds used up", []step{key, key, key, key, plain}, "A key opens it [1].", Agentic, "", 5},
		{"no search at all", []step{says("I know it."), plain}, "A key opens it [1].", Agentic, "", 2},
		{"too long", []step{key, fails(llm.ErrTooLong), plain}, "A key opens it [1].", Agentic, "", 3},
		{"failure", []step{key, fails(errors.New("down"))}, "", Extractive, "not available", 2},
		{"failure at once", []step{fails(errors.New("down"))}, "", Extractive, "not available", 1},
		{"no text", []step{key, says("")}, "", Extractive, "returned no text", 2},
		{"bad arguments", []step{looks(`[]`), looks(`{"query":" "}`), looks(`{"query":"key","k":"5"}`), plain}, "A key opens it [1].", Agentic, "", 4},
		{"too many at once", []step{looks(strings.Fields(strings.Repeat(`{"query":"key"} `, 9))...), plain}, "A key opens it [1].", Agentic, "", 2},
		{"not there", []step{looks(`{"query":"moat"}`), looks(`{"query":"key"}`), says("NOT_IN_SOURCES Nothing on moats.")}, "Nothing on moats.", Agentic, "", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ans, p, err := agent(t, nil, tt.script...)
			if err != nil {
				t.Fatal(err)
			}
			if tt.answer != "" && ans.Answer != tt.answer || ans.Answer == "" || ans.Mode != tt.mode || !strings.Contains(ans.Warning, tt.warning) {
				t.Errorf("answer %q, mode %s, warning %q; want %q, %s, %q", ans.Answer, ans.Mode, ans.Warning, tt.answer, tt.mode, tt.warning)
			}
			if len(p.asked) != tt.requests || ans.Usage == nil || ans.Usage.Calls != tt.requests {
				t.Errorf("%d requests, usage %+v; want %d", len(p.asked), ans.Usage, tt.requests)
			}
			for _, r := range p.asked {
				checkCalls(t, r)
			}
		})
	}
}

// checkCalls checks that each call has a result, an id of its own, the name of a tool
// and an object as its arguments.
func checkCalls(t *testing.T, r llm.Request) {
	t.Helper()
	open, seen := map[string]bool{}, map[string]bool{}
	for _, m := range r.Messages {
		if m.Role == llm.RoleTool {
			if !open[m.CallID] {
				t.Errorf("a result is for the call %q, which is not open", m.CallID)
			}
			delete(open, m.CallID)
		}
		for _, c := range m.Calls {
			var arguments map[string]any
			if err := json.Unmarshal(c.Arguments, &arguments); err != nil || arguments == nil || c.ID == "" || seen[c.ID] || c.Name == "" {
				t.Errorf("the call %+v with the arguments %s can't be sent", c, c.Arguments)
			}
			open[c.ID], seen[c.ID] = true, true
		}
	}
	if len(open) != 0 {
		t.Errorf("%d calls have no result", len(open))
	}
}

func TestAgenticErrors(t *testing.T) {
	if _, _, err := agent(t, nil, looks(`{"query":"down"}`)); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("a store that is down gives %v", err)
	}
	if got, _, err := agent(t, nil, fails(llm.ErrConfig)); err != nil || got.Mode != Extractive || !strings.Contains(got.Warning, "can't be asked") {
		t.Errorf("a wrong key gives %+v, %v, want an extractive answer with a warning", got, err)
	}
	stop := errors.New("gone")
	if _, _, err := agent(t, func(Event) error { return stop }, looks(`{"query":"key"}`), says("x [1]")); !errors.Is(err, stop) {
		t.Errorf("a listener that is gone gives %v", err)
	}
}

// TestAgenticEmulated asks emulated models, which reject a conversation that their
// services would reject.
func TestAgenticEmulated(t *testing.T) {
	srv := llmtest.Emulate(t, emulate.Config{})
	for _, tt := range []struct{ provider, model, base, api, effort string }{
		{"", "o1", srv.URL, "", ""}, {"", "o3-mini", srv.URL, "", ""}, {"", "gpt-4o", srv.URL, "", ""}, {"anthropic", "claude-3.5-sonnet", srv.Root, "", ""},
		{"", "o1", srv.URL, "responses", "low"}, {"azure", "o3-mini", srv.Root, "", ""}, {"", "gpt-4o", srv.URL, "responses", ""},
		// Tools and reasoning together by the Responses API only.
		{"", "gpt-5.4", srv.URL, "", "high"}, {"", "gpt-5.5", srv.URL, "", ""}, {"", "gpt-5.6", srv.URL, "", ""}, {"", "gpt-5.6-sol", srv.URL, "", "xhigh"},
		{"", "gpt-6", srv.URL, "", "medium"}, {"", "gpt-6.1", srv.URL, "", ""}, {"azure", "gpt-6.1", srv.Root, "", "low"}, {"", "gpt-6.1", srv.URL, "chat", ""},
	} {
		t.Run(tt.model+tt.provider+tt.api, func(t *testing.T) {
			m, err := llm.New(llm.Config{Provider: tt.provider, Model: tt.model, APIKey: llmtest.Key, BaseURL: tt.base, API: tt.api, Options: llm.Options{Effort: tt.effort}})
			if err != nil {
				t.Fatal(err)
			}
			a, err := New(Config{Retriever: answertest.Retriever(doors), Model: m})
			if err != nil {
				t.Fatal(err)
			}
			ans, err := a.Answer(t.Context(), Question{Text: "What is the roof made of?", Mode: Agentic})
			if err != nil {
				t.Fatal(err)
			}
			if ans.Mode != Agentic || !strings.Contains(ans.Answer, "slate") || ans.Verified != ans.Total || ans.Usage == nil || ans.Usage.Calls != 2 {
				t.Errorf("answer %q (%s), verified %d, usage %+v, warning %q", ans.Answer, ans.Mode, ans.Verified, ans.Usage, ans.Warning)
			}
		})
	}
}
