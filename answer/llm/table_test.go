package llm_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

var update = flag.Bool("update", false, "rewrite testdata/bodies.golden")

// A transport keeps the requests and answers "ok" in the protocol that is asked.
type transport struct {
	bodies, urls []string
	headers      []http.Header
}

func (tr *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	tr.bodies = append(tr.bodies, string(b))
	tr.urls, tr.headers = append(tr.urls, r.URL.String()), append(tr.headers, r.Header)
	var req struct {
		Stream     bool            `json:"stream"`
		ToolChoice json.RawMessage `json:"tool_choice"`
	}
	if err := json.Unmarshal(b, &req); err != nil {
		return nil, err
	}
	claude, viaResponses := strings.HasSuffix(r.URL.Path, "/messages"), strings.HasSuffix(r.URL.Path, "/responses")
	kind, body := "application/json", `{"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}]}`
	switch {
	case claude && req.Stream:
		kind, body = "text/event-stream", `data: {"type":"message_start","message":{"type":"message","role":"assistant","model":"m","content":[],"usage":{}}}

data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ok"}}

data: {"type":"content_block_stop","index":0}

data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}

data: {"type":"message_stop"}

`
		body = eventNames(body)
	case claude:
		body = `{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{}}`
	case viaResponses && req.Stream:
		kind, body = "text/event-stream", eventNames(`data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"ok"}

data: {"type":"response.completed","response":`+responseBody+`}

`)
	case viaResponses:
		body = responseBody
	case req.Stream:
		kind, body = "text/event-stream", `data: {"model":"m","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n"
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// responseBody is the text "ok" as a response of the Responses API.
const responseBody = `{"object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"ok","annotations":[]}]}]}`

// eventNames puts its name in front of each event, as the Messages API does.
func eventNames(stream string) string {
	var b strings.Builder
	for line := range strings.Lines(stream) {
		if _, rest, ok := strings.Cut(line, `data: {"type":"`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			b.WriteString("event: " + name + "\n")
		}
		b.WriteString(line)
	}
	return b.String()
}

func at[T any](v T) *T { return &v }

const (
	testSchema = `{"type":"object","properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false}`
	testImage  = "data:image/png;base64,aGk="
)

// wishes are what a request may ask for besides its text.
var wishes = []struct {
	name   string
	config func(*llm.Config)
	ask    func(*llm.Request)
}{
	{name: "nothing"},
	{name: "max output 500", config: func(c *llm.Config) { c.MaxOutputTokens = 500 }},
	{name: "temperature 1", config: func(c *llm.Config) { c.Options.Temperature = at(1.0) }},
	{name: "temperature 0.2", config: func(c *llm.Config) { c.Options.Temperature = at(0.2) }},
	{name: "temperature 1.5", config: func(c *llm.Config) { c.Options.Temperature = at(1.5) }},
	{name: "top_p 1", config: func(c *llm.Config) { c.Options.TopP = at(1.0) }},
	{name: "top_p 0.5", config: func(c *llm.Config) { c.Options.TopP = at(0.5) }},
	{name: "both", config: func(c *llm.Config) { c.Options.Temperature, c.Options.TopP = at(0.2), at(0.5) }},
	{name: "presence_penalty 0", config: func(c *llm.Config) { c.Options.PresencePenalty = at(0.0) }},
	{name: "presence_penalty 0.5", config: func(c *llm.Config) { c.Options.PresencePenalty = at(0.5) }},
	{name: "frequency_penalty 0.5", config: func(c *llm.Config) { c.Options.FrequencyPenalty = at(0.5) }},
	{name: "frequency_penalty 3", config: func(c *llm.Config) { c.Options.FrequencyPenalty = at(3.0) }},
	{name: "effort minimal", config: func(c *llm.Config) { c.Options.Effort = "minimal" }},
	{name: "effort low", config: func(c *llm.Config) { c.Options.Effort = "low" }},
	{name: "effort much", config: func(c *llm.Config) { c.Options.Effort = "much" }},
	{name: "stop", config: func(c *llm.Config) { c.Options.Stop = []string{"END"} }},
	{name: "n 1", config: func(c *llm.Config) { c.Options.N = at(1) }},
	{name: "n 2", config: func(c *llm.Config) { c.Options.N = at(2) }},
	{name: "logprobs off", config: func(c *llm.Config) { c.Options.LogProbs = at(false) }},
	{name: "logprobs", config: func(c *llm.Config) { c.Options.LogProbs = at(true) }},
	{name: "top_logprobs", config: func(c *llm.Config) { c.Options.LogProbs, c.Options.TopLogProbs = at(true), at(2) }},
	{name: "top_logprobs alone", config: func(c *llm.Config) { c.Options.TopLogProbs = at(2) }},
	{name: "logit_bias", config: func(c *llm.Config) { c.Options.LogitBias = map[string]int64{"1734": -100} }},
	{name: "parallel_tool_calls", config: func(c *llm.Config) { c.Options.ParallelToolCalls = at(true) }},
	{name: "one tool call", config: func(c *llm.Config) { c.Options.ParallelToolCalls = at(false) }, ask: withTool},
	{name: "one call of no tools", config: func(c *llm.Config) { c.Options.ParallelToolCalls = at(false) }},
	{name: "instructions", ask: func(r *llm.Request) { r.Instructions = "be kind" }},
	{name: "tools", ask: withTool},
	{name: "schema", ask: func(r *llm.Request) {
		r.Schema = &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}
	}},
	{name: "image", ask: func(r *llm.Request) { r.Messages[0].Images = []string{testImage, "https://example.com/a.png"} }},
	{name: "stream", ask: func(r *llm.Request) { r.Delta = func(string) error { return nil } }},
	{name: "turns", ask: func(r *llm.Request) {
		r.Messages = []llm.Message{{Role: llm.RoleUser, Text: "hi"}, {Role: llm.RoleAssistant, Text: "hello"}, {Role: llm.RoleUser, Text: "and?"}}
	}},
	{name: "result", ask: func(r *llm.Request) {
		withTool(r)
		r.Messages = append(r.Messages,
			llm.Message{Role: llm.RoleAssistant, Calls: []llm.Call{{ID: "c1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`)}}},
			llm.Message{Role: llm.RoleTool, CallID: "c1", Text: "found"})
	}},
	{name: "result of a call with encrypted reasoning", ask: func(r *llm.Request) {
		withTool(r)
		r.Messages = append(r.Messages,
			llm.Message{Role: llm.RoleAssistant, Text: "I will look.", Calls: []llm.Call{
				{ID: "c1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`), Items: []json.RawMessage{json.RawMessage(thoughts), json.RawMessage(looking), json.RawMessage(calling)}},
				{ID: "c2", Name: "look", Arguments: json.RawMessage(`{"x":"z"}`)},
			}},
			llm.Message{Role: llm.RoleTool, CallID: "c1", Text: "found"}, llm.Message{Role: llm.RoleTool, CallID: "c2", Text: "nothing"})
	}},
}

func withTool(r *llm.Request) {
	r.Tools = []llm.Tool{{Name: "look", Description: "looks", Parameters: json.RawMessage(testSchema)}}
}

// ask returns the one body that a request leads to, or why it was refused. A
// refused one must not have been sent.
func ask(t *testing.T, provider, profile, api string, wish int) (string, *transport) {
	t.Helper()
	tr := &transport{}
	c := llm.Config{Provider: provider, APIKey: "k", Model: "m", Profile: profile, API: api, HTTPClient: &http.Client{Transport: tr}}
	if provider == "azure" {
		c.BaseURL = "https://name.openai.azure.com"
	}
	r := llm.Request{Messages: llm.User("hi")}
	if f := wishes[wish].config; f != nil {
		f(&c)
	}
	if f := wishes[wish].ask; f != nil {
		f(&r)
	}
	cl, err := llm.New(c)
	if err == nil {
		_, err = cl.Complete(t.Context(), r)
	}
	if err != nil {
		if !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "m: ") {
			t.Errorf("%s, %s, %s: %v, want ErrConfig naming the model", provider, profile, wishes[wish].name, err)
		}
		if n := len(tr.bodies); n != 0 {
			t.Errorf("%s, %s, %s is refused, but the transport was called %d times", provider, profile, wishes[wish].name, n)
		}
		_, why, _ := strings.Cut(err.Error(), llm.ErrConfig.Error()+": ")
		return "refused: " + why, tr
	}
	if len(tr.bodies) != 1 {
		t.Fatalf("%s, %s, %s: %d requests, want 1", provider, profile, wishes[wish].name, len(tr.bodies))
	}
	return tr.bodies[0], tr
}

// limitField matches the limit of the output in a body.
var limitField = regexp.MustCompile(`"(max_tokens|max_completion_tokens|max_output_tokens)":(\d+)`)

// TestTable compares what is sent for every profile, wish and API with the golden
// file, to the byte. The file has each body once, with the profiles that it is sent
// for. LIMIT stands for the profile's usual limit and PROFILE for its name.
// Providers that speak OpenAI's protocol send the same by the same API.
func TestTable(t *testing.T) {
	const file = "testdata/bodies.golden"
	var limits, bodies strings.Builder
	usual := map[string]string{} // limit, by profile
	for _, profile := range llm.ProfileNames() {
		chat, _ := ask(t, "openai", profile, llm.APIChat, 0)
		usual[profile] = limitField.FindString(chat)
		fmt.Fprintf(&limits, "  %s: %s\n", profile, usual[profile])
	}
	for i, w := range wishes {
		senders := map[string][]string{} // profiles, by what they send
		for _, profile := range llm.ProfileNames() {
			_, limit, _ := strings.Cut(usual[profile], ":")
			mask := func(body string) string {
				body = limitField.ReplaceAllStringFunc(body, func(field string) string {
					if name, n, _ := strings.Cut(field, ":"); n == limit {
						return name + ":LIMIT"
					}
					return field
				})
				return strings.Replace(body, "profile "+profile+" ", "profile PROFILE ", 1)
			}
			chat, _ := ask(t, "openai", profile, llm.APIChat, i)
			responses, _ := ask(t, "openai", profile, llm.APIResponses, i)
			claude, _ := ask(t, "anthropic", profile, llm.APIAuto, i)
			by := map[string][]string{} // APIs, by what they send
			for _, sent := range [][2]string{{"chat", chat}, {"messages", claude}, {"responses", responses}} {
				by[mask(sent[1])] = append(by[mask(sent[1])], sent[0])
			}
			for body, apis := range by {
				line := strings.Join(apis, ", ") + ": " + body
				senders[line] = append(senders[line], profile)
			}
			for _, p := range llm.Providers() {
				if got, _ := ask(t, p.Name, profile, llm.APIAuto, i); p.Name != "anthropic" && got != chat && got != responses {
					t.Errorf("%s, %s, %s: %s, want the same as openai's: %s or %s", p.Name, profile, w.name, got, chat, responses)
				}
			}
		}
		fmt.Fprintf(&bodies, "\n%s\n", w.name)
		for _, body := range slices.Sorted(maps.Keys(senders)) {
			fmt.Fprintf(&bodies, "  %s\n    %s\n", body, strings.Join(senders[body], " "))
		}
	}
	got := "# What is sent for each wish, and for which profiles. go test ./answer/llm -run TestTable -update writes it.\n\nLIMIT\n" + limits.String() + bodies.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("bodies differ (-%s +sent):\n%s", file, diff)
	}
}
