package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

// viaResponses returns a client that asks the fake by the Responses API.
func (f *fake) viaResponses(t *testing.T, c llm.Config) *llm.Client {
	t.Helper()
	c.API = llm.APIResponses
	return f.client(t, c)
}

// response returns a body of the Responses API with that status and these items.
func response(status, details string, output ...string) string {
	return fmt.Sprintf(`{"id":"resp_1","object":"response","created_at":1,"status":%q,"error":null,"incomplete_details":%s,"model":"real","output":[%s],
		"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":16},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":24},"total_tokens":50}}`,
		status, details, strings.Join(output, ","))
}

// outputMessage returns an output item with parts of text.
func outputMessage(id string, texts ...string) string {
	var parts []string
	for _, text := range texts {
		parts = append(parts, fmt.Sprintf(`{"type":"output_text","text":%q,"annotations":[]}`, text))
	}
	return fmt.Sprintf(`{"type":"message","id":%q,"role":"assistant","status":"completed","content":[%s]}`, id, strings.Join(parts, ","))
}

const (
	declines   = `{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"refusal","refusal":"I can't."}]}`
	thoughts   = `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"c2VhbGVk"}`
	looking    = `{"type":"message","id":"msg_0","role":"assistant","status":"completed","phase":"commentary","content":[{"type":"output_text","text":"I will look.","annotations":[]}]}`
	calling    = `{"type":"function_call","id":"fc_1","call_id":"call_1","name":"look","arguments":"{\"x\":\"y\"}","status":"completed"}`
	maxTokens  = `{"reason":"max_output_tokens"}`
	filtered   = `{"reason":"content_filter"}`
	failedBody = `{"id":"resp_1","object":"response","status":"failed","error":{"code":%q,"message":"the secret prompt"},"model":"real","output":[]}`
)

// What a response says arrives, whole and streamed.
func TestResponses(t *testing.T) {
	usage := llm.Usage{PromptTokens: 20, CachedTokens: 16, CompletionTokens: 30, ReasoningTokens: 24, Calls: 1}
	sealed := []json.RawMessage{json.RawMessage(thoughts), json.RawMessage(looking), json.RawMessage(calling)}
	for _, tt := range []struct {
		name string
		body string
		want llm.Response
		err  error
	}{
		{"text", response("completed", "null", thoughts, outputMessage("msg_1", "One", " two.")), llm.Response{Text: "One two.", Reasoning: "hm", FinishReason: "stop"}, nil},
		{"two messages", response("completed", "null", outputMessage("msg_1", "One."), outputMessage("msg_2", "Two.")), llm.Response{Text: "One.\n\nTwo.", FinishReason: "stop"}, nil},
		{"commentary", response("completed", "null", looking, outputMessage("msg_1", "One.")), llm.Response{Text: "One.", Reasoning: "I will look.", FinishReason: "stop"}, nil},
		{"marks", response("completed", "null", outputMessage("msg_1", "<think>hm</think>One.")), llm.Response{Text: "One.", Reasoning: "hm", FinishReason: "stop"}, nil},
		{"refusal", response("completed", "null", declines), llm.Response{Refusal: "I can't.", FinishReason: "stop"}, nil},
		{"cut at the limit", response("incomplete", maxTokens, outputMessage("msg_1", "One tw")), llm.Response{Text: "One tw", FinishReason: "length"}, nil},
		{"cut by the filter", response("incomplete", filtered, outputMessage("msg_1", "One tw")), llm.Response{Text: "One tw", FinishReason: "content_filter"}, nil},
		{"filtered", response("incomplete", filtered), llm.Response{FinishReason: "content_filter"}, llm.ErrNoText},
		{"call", response("completed", "null", thoughts, looking, calling), llm.Response{
			Reasoning: "hm\nI will look.", FinishReason: "tool_calls",
			Calls: []llm.Call{{ID: "call_1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`), Items: sealed}}}, nil},
		{"call without encrypted reasoning", response("completed", "null", strings.Replace(thoughts, `,"encrypted_content":"c2VhbGVk"`, "", 1), calling), llm.Response{
			Reasoning: "hm", FinishReason: "tool_calls", Calls: []llm.Call{{ID: "call_1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`)}}}, nil},
		{"cut call", response("incomplete", maxTokens, outputMessage("msg_1", "One."), calling), llm.Response{Text: "One.", FinishReason: "length"}, nil},
		{"canceled", response("cancelled", "null", outputMessage("msg_1", "One.")), llm.Response{Text: "One.", FinishReason: "cut"}, nil},
	} {
		for _, streamed := range []bool{false, true} {
			t.Run(tt.name+map[bool]string{true: "/stream"}[streamed], func(t *testing.T) {
				if streamed && tt.name == "canceled" {
					t.Skip("there is no such event")
				}
				var seen collector
				r, answer := llm.Request{Messages: llm.User("hi")}, says(tt.body)
				withTool(&r)
				if streamed {
					r.Delta, answer = seen.delta, typed(t, tt.body)
				}
				got, err := serve(t, answer).viaResponses(t, llm.Config{Model: "o1"}).Complete(t.Context(), r)
				want := tt.want
				want.Model, want.Usage = "real", usage
				if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, tt.err) {
					t.Errorf("Complete = %v, want %v; the response differs (-want +got):\n%s", err, tt.err, diff)
				}
				if streamed && seen.joined() != want.Text {
					t.Errorf("streamed %q, want %q", seen.pieces, want.Text)
				}
			})
		}
	}
}

// events returns the typed events of a stream that ends in the response body.
func events(t *testing.T, body string) []string {
	t.Helper()
	var final struct {
		Status string            `json:"status"`
		Output []json.RawMessage `json:"output"`
	}
	if err := json.Unmarshal([]byte(body), &final); err != nil {
		t.Fatal(err)
	}
	out := []string{`{"type":"response.created","response":{"id":"resp_1","object":"response","status":"in_progress","model":"real","output":[]}}`}
	for i, raw := range final.Output {
		var item struct {
			ID, Type string
			Content  []struct{ Type, Text, Refusal string }
		}
		if err := json.Unmarshal(raw, &item); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf(`{"type":"response.output_item.added","output_index":%d,"item":%s}`, i, raw))
		for j, part := range item.Content {
			kind := strings.Replace(part.Type, "summary_text", "reasoning_summary_text", 1)
			for _, piece := range strings.SplitAfter(part.Text+part.Refusal, " ") {
				delta, err := json.Marshal(piece)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, fmt.Sprintf(`{"type":"response.%s.delta","item_id":%q,"output_index":%d,"content_index":%d,"delta":%s}`, kind, item.ID, i, j, delta))
			}
		}
		out = append(out, fmt.Sprintf(`{"type":"response.output_item.done","output_index":%d,"item":%s}`, i, raw))
	}
	return append(out, fmt.Sprintf(`{"type":"response.%s","response":%s}`, final.Status, strings.ReplaceAll(body, "\n", " ")))
}

// typed answers with the events of a stream that ends in the response body.
func typed(t *testing.T, body string) answerer { return sends(events(t, body)...) }

// sends answers with typed events, and ends the stream after them.
func sends(events ...string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, e := range events {
			fmt.Fprint(w, eventNames("data: "+e+"\n\n"))
			w.(http.Flusher).Flush()
		}
	}
}

// A stream that breaks off or fails gives its text so far, or an error.
func TestResponsesStreamFails(t *testing.T) {
	whole := events(t, response("completed", "null", thoughts, outputMessage("msg_1", "One two.")))
	begin, started := whole[:1], whole[:5] // the first piece has arrived
	failed := func(code string) string {
		return `{"type":"response.failed","response":` + fmt.Sprintf(failedBody, code) + `}`
	}
	breaks := func(events ...string) answerer { // as for chat completions
		return func(w http.ResponseWriter, r *http.Request, body map[string]any) {
			sends(events...)(w, r, body)
			panic(http.ErrAbortHandler)
		}
	}
	for _, tt := range []struct {
		name   string
		answer answerer
		text   string // with FinishReason cut
		is     error
		says   string // in the error
	}{
		{"no end", sends(started...), "One", nil, ""},
		{"breaks", breaks(started...), "One", nil, ""},
		{"fails later", sends(append(started[:5:5], failed("server_error"))...), "One", nil, ""},
		{"no text and no end", sends(begin...), "", nil, "broke off"},
		{"breaks at once", breaks(begin...), "", nil, "unexpected EOF"},
		{"no end after a call", sends(events(t, response("completed", "null", thoughts, calling))[:5]...), "", nil, "broke off"},
		{"fails", sends(append(begin[:1:1], failed("server_error"))...), "", nil, "server_error"},
		{"rate limit", sends(append(begin[:1:1], failed("rate_limit_exceeded"))...), "", nil, "rate limit"},
		{"policy", sends(append(begin[:1:1], failed("invalid_prompt"))...), "", llm.ErrNoText, "content filter"},
		{"image", sends(append(begin[:1:1], failed("invalid_image_url"))...), "", llm.ErrConfig, "invalid_image_url"},
		{"error event", sends(append(begin[:1:1], `{"type":"error","code":"server_error","message":"the secret prompt","param":null,"sequence_number":1}`)...), "", nil, "server_error"},
		{"error in the form of chat completions", sends(append(begin[:1:1], `{"type":"error","error":{"type":"server_error","message":"the secret prompt"}}`)...), "", nil, "server_error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answer)
			var seen collector
			got, err := s.viaResponses(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
			if tt.text != "" && (err != nil || got.Text != tt.text || got.FinishReason != "cut" || seen.joined() != tt.text) {
				t.Errorf("Complete = %+v, %v, shown %q, want %q, cut", got, err, seen.pieces, tt.text)
			}
			if tt.text == "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "secret") || tt.is != nil && !errors.Is(err, tt.is)) {
				t.Errorf("Complete = %v, want %v saying %s", err, tt.is, tt.says)
			}
			if len(got.Calls) != 0 || s.count() != 1 {
				t.Errorf("%d requests, calls %v, want 1 and none", s.count(), got.Calls)
			}
		})
	}
}

// A response that failed is an error, whether or not it is streamed.
func TestResponsesFailed(t *testing.T) {
	for _, body := range []string{fmt.Sprintf(failedBody, "server_error"), `{"error":{"code":"server_error","message":"the secret prompt"}}`} {
		_, err := serve(t, says(body)).viaResponses(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
		if err == nil || !strings.Contains(err.Error(), "failed while it answered") || strings.Contains(err.Error(), "secret") || errors.Is(err, llm.ErrConfig) {
			t.Errorf("Complete = %v for %s, want an error that may pass", err, body)
		}
	}
}

// The body decides whether it is a stream, whatever was asked for or the header says.
func TestResponsesBodies(t *testing.T) {
	body := response("completed", "null", outputMessage("msg_1", "One two."))
	plain := func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, body)
	}
	for name, answer := range map[string]answerer{"JSON": says(body), "events": typed(t, body), "plain": plain} {
		for _, delta := range []func(string) error{nil, func(string) error { return nil }} {
			s := serve(t, answer)
			got, err := s.viaResponses(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: delta})
			if err != nil || got.Text != "One two." || got.FinishReason != "stop" || s.count() != 1 {
				t.Errorf("%s, streamed %v: Complete = %+v, %v after %d requests", name, delta != nil, got, err, s.count())
			}
		}
	}
}

// A piece of text is passed on before the next one is written.
func TestResponsesFirstByte(t *testing.T) {
	whole := events(t, response("completed", "null", outputMessage("msg_1", "One two.")))
	arrived := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		sends(whole[:3]...)(w, r, body)
		<-arrived
		sends(whole[3:]...)(w, r, body)
	})
	first := true
	got, err := s.viaResponses(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: func(string) error {
		if first {
			close(arrived)
		}
		first = false
		return nil
	}})
	if err != nil || got.Text != "One two." {
		t.Errorf("Complete = %q, %v", got.Text, err)
	}
}

// An error of Delta ends the call and comes back as it is, by this API, too.
func TestResponsesDeltaError(t *testing.T) {
	enough := errors.New("enough")
	for _, answer := range []answerer{typed(t, response("completed", "null", outputMessage("msg_1", "One two."))),
		sends(`{"type":"response.completed","response":` + responseBody + `}`)} { // all the text in the last event
		_, err := serve(t, answer).viaResponses(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: func(string) error { return enough }})
		if !errors.Is(err, enough) || err.Error() != enough.Error() {
			t.Errorf("Complete = %v, want %v", err, enough)
		}
	}
}
