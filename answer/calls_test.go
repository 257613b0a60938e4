package answer

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
)

// Whatever calls a model writes, the next request is one that services accept.
func TestCallsAreWellFormed(t *testing.T) {
	call := func(id, name, arguments string) llm.Call {
		return llm.Call{ID: id, Name: name, Arguments: json.RawMessage(arguments)}
	}
	const key = `{"query":"key"}`
	for _, tt := range []struct {
		name    string
		rounds  [][]llm.Call
		results []string // a part of each
	}{
		{"no id", [][]llm.Call{{call("", prompt.SearchTool, key)}}, []string{"<source"}},
		{"no ids", [][]llm.Call{{call("", prompt.SearchTool, key), call("", prompt.SearchTool, `{"query":"roof"}`)}}, []string{"<source", "<source"}},
		{"one id twice", [][]llm.Call{{call("a", prompt.SearchTool, key), call("a", prompt.SearchTool, `{"query":"roof"}`)}}, []string{"<source", "<source"}},
		{"one id in two rounds", [][]llm.Call{{call("a", prompt.SearchTool, key)}, {call("a", prompt.SearchTool, `{"query":"roof"}`)}}, []string{"<source", "<source"}},
		{"the id that would be made", [][]llm.Call{{call("call_1", prompt.SearchTool, key), call("", prompt.SearchTool, key)}, {call("call_2", prompt.SearchTool, key)}}, []string{"<source", "Found", "Found"}},
		{"ids that are well-formed", [][]llm.Call{{call("functions.search_docs:0", prompt.SearchTool, key)}}, []string{"<source"}},
		{"cut arguments", [][]llm.Call{{call("a", prompt.SearchTool, `{"query":"ke`)}}, []string{prompt.BadArguments}},
		{"one of two is cut", [][]llm.Call{{call("a", prompt.SearchTool, key), call("b", prompt.SearchTool, `{"query":`)}}, []string{"<source", prompt.BadArguments}},
		{"no arguments", [][]llm.Call{{call("a", prompt.SearchTool, "")}}, []string{prompt.BadArguments}},
		{"null", [][]llm.Call{{call("a", prompt.SearchTool, "null")}}, []string{prompt.BadArguments}},
		{"a list", [][]llm.Call{{call("a", prompt.SearchTool, `["key"]`)}}, []string{prompt.BadArguments}},
		{"a text", [][]llm.Call{{call("a", prompt.SearchTool, `search for key`)}}, []string{prompt.BadArguments}},
		{"two objects", [][]llm.Call{{call("a", prompt.SearchTool, key+key)}}, []string{prompt.BadArguments}},
		{"an object in a string", [][]llm.Call{{call("a", prompt.SearchTool, `"{\"query\":\"key\"}"`)}}, []string{"<source"}},
		{"a number for a query", [][]llm.Call{{call("a", prompt.SearchTool, `{"query":5}`)}}, []string{prompt.BadArguments}},
		{"a name with a prefix", [][]llm.Call{{call("a", "functions.search_docs", key)}}, []string{"<source"}},
		{"a name with a token behind it", [][]llm.Call{{call("a", "search_docs<|channel|>json", key)}}, []string{"<source"}},
		{"no name", [][]llm.Call{{call("a", "", key)}}, []string{"<source"}},
		{"another tool", [][]llm.Call{{call("a", "browse", key)}}, []string{prompt.NoSuchTool}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var script []step
			for _, calls := range tt.rounds {
				script = append(script, func(llm.Request) (llm.Response, error) { return llm.Response{Calls: calls}, nil })
			}
			ans, p, err := agent(t, nil, append(script, looks(`{"query":"key"}`), says("A key opens it [1]."))...)
			if err != nil || ans.Mode != Agentic {
				t.Fatalf("mode %s, warning %q, error %v", ans.Mode, ans.Warning, err)
			}
			for _, r := range p.asked {
				checkCalls(t, r)
			}
			var results []string
			for _, m := range p.asked[len(tt.rounds)].Messages {
				if m.Role == llm.RoleTool {
					results = append(results, m.Text)
				}
			}
			if len(results) != len(tt.results) {
				t.Fatalf("results %q, want %d", results, len(tt.results))
			}
			for i, want := range tt.results {
				if !strings.Contains(results[i], want) {
					t.Errorf("result %d = %q, want %q", i, results[i], want)
				}
			}
		})
	}
}

// A call that is changed loses the items that repeat what the model wrote.
func TestChangedCallsCarryNoItems(t *testing.T) {
	s := &search{}
	items := []json.RawMessage{json.RawMessage(`{}`)}
	good := llm.Call{ID: "a", Name: prompt.SearchTool, Arguments: json.RawMessage(`{"query":"x"}`), Items: items}
	if got := s.wellFormed([]llm.Call{good}); len(got[0].Items) != 1 {
		t.Error("a call that is well-formed lost its items")
	}
	if got := s.wellFormed([]llm.Call{good, good}); len(got[0].Items)+len(got[1].Items) != 0 {
		t.Errorf("calls %+v, want no items", got)
	}
}

// A service that has no tools, in whatever words it says so, answers from one search.
func TestNoToolsInWords(t *testing.T) {
	for _, message := range []string{
		"registry.ollama.ai/library/gemma:2b does not support tools",
		"`tools` is not supported with this model.",
		"Function calling is not enabled for models/gemma-3",
		`"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`,
		"No endpoints found that support tool use.",
		"This model doesn't support tool calling",
		"tool use is not supported",
	} {
		requests := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			body, _ := io.ReadAll(r.Body)
			var asked struct {
				Tools []json.RawMessage
			}
			if err := json.Unmarshal(body, &asked); err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "application/json")
			if len(asked.Tools) > 0 {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"error":{"message":%q,"type":"invalid_request_error"}}`, message)
				return
			}
			fmt.Fprint(w, `{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"A key opens it [1].\n\nSOURCE_QUOTES\n[1] \"A key opens the door.\""}}]}`)
		}))
		m, err := llm.New(llm.Config{Model: "m", BaseURL: srv.URL, APIKey: "sk-test"})
		if err != nil {
			t.Fatal(err)
		}
		a, err := New(Config{Retriever: answertest.Retriever(doors), Model: m})
		if err != nil {
			t.Fatal(err)
		}
		ans, err := a.Answer(t.Context(), Question{Text: "door", Mode: Agentic})
		srv.Close()
		if err != nil || ans.Answer != "A key opens it [1]." || ans.Verified != 1 || requests > 3 {
			t.Errorf("%q: %+v after %d requests, error %v; want an answer", message, ans, requests, err)
		}
	}
}
