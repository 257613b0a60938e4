package llm_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

// cited returns a request with documents, in both forms.
func cited() llm.Request {
	return llm.Request{Messages: llm.User("the list"), Cited: []llm.Message{{Role: llm.RoleUser, Text: "the question", Documents: []llm.Document{
		{Title: strings.Repeat("ü", 600), Context: "url: https://e.org/a", Text: "One. Two."}, {Text: "Three."},
	}}}}
}

// A textBlock is a block of text with the documents and passages that it cites.
type textBlock struct {
	text  string
	cites []llm.Quote
}

func (b textBlock) citations() []any {
	var out []any
	for _, q := range b.cites {
		out = append(out, map[string]any{"type": "char_location", "cited_text": q.Text, "document_index": q.Document - 1, "document_title": nil, "start_char_index": 0, "end_char_index": 4})
	}
	return out
}

// messageOf returns the blocks as one message, and as the events of a stream.
func messageOf(t *testing.T, blocks []textBlock) (whole, streamed answerer) {
	var content, events []string
	add := func(v map[string]any) { events = append(events, marshal(t, v)) }
	add(map[string]any{"type": "message_start", "message": json.RawMessage(`{"type":"message","role":"assistant","model":"claude-real","content":[],"usage":{"input_tokens":10,"output_tokens":1}}`)})
	for i, b := range blocks {
		content = append(content, marshal(t, map[string]any{"type": "text", "text": b.text, "citations": b.citations()}))
		add(map[string]any{"type": "content_block_start", "index": i, "content_block": map[string]any{"type": "text", "text": "", "citations": []any{}}})
		for _, c := range b.citations() {
			add(map[string]any{"type": "content_block_delta", "index": i, "delta": map[string]any{"type": "citations_delta", "citation": c}})
		}
		for _, r := range b.text {
			add(map[string]any{"type": "content_block_delta", "index": i, "delta": map[string]any{"type": "text_delta", "text": string(r)}})
		}
		add(map[string]any{"type": "content_block_stop", "index": i})
	}
	add(map[string]any{"type": "message_delta", "delta": map[string]any{"stop_reason": "end_turn"}, "usage": map[string]any{"output_tokens": 9}})
	add(map[string]any{"type": "message_stop"})
	return message("end_turn", strings.Join(content, ",")), messageStream(events...)
}

// Marks stand behind the text that a citation supports, where they are read as citations.
func TestCitations(t *testing.T) {
	one, two, three := llm.Quote{Document: 1, Text: "One."}, llm.Quote{Document: 1, Text: "Two."}, llm.Quote{Document: 2, Text: "Three."}
	for _, tt := range []struct {
		name   string
		blocks []textBlock
		want   string
	}{
		{"none", []textBlock{{"Nothing | is cited. ", nil}}, "Nothing | is cited."},
		{"parts", []textBlock{{"It is ", nil}, {"one", []llm.Quote{one}}, {" and ", nil}, {"three.\n\n", []llm.Quote{three}}, {"End.", nil}}, "It is one [source 1] and three. [source 2]\n\nEnd."},
		{"several", []textBlock{{"All", []llm.Quote{one, three, two}}, {".", nil}}, "All [source 1][source 2]."},
		{"row of a table", []textBlock{{"| a |\n|---|\n", nil}, {"| one |\n", []llm.Quote{one}}, {"| b |", nil}}, "| a |\n|---|\n| one [source 1] |\n| b |"},
		{"code", []textBlock{{"```\none", []llm.Quote{one}}, {"\ntwo\n```\n", []llm.Quote{two}}, {"End.", nil}}, "```\none\ntwo\n```\n[source 1]\nEnd."},
	} {
		whole, streamed := messageOf(t, tt.blocks)
		var quotes []llm.Quote
		for _, b := range tt.blocks {
			quotes = append(quotes, b.cites...)
		}
		for name, a := range map[string]answerer{"whole": whole, "streamed": streamed} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				f, r := serve(t, a), cited()
				var seen collector
				if name == "streamed" {
					r.Delta = seen.delta
				}
				got, err := claude(t, f, "claude-sonnet-4-5").Complete(t.Context(), r)
				if err != nil || got.Text != tt.want || r.Delta != nil && seen.joined() != tt.want {
					t.Errorf("Complete = %q, %v, shown %q, want %q", got.Text, err, seen.joined(), tt.want)
				}
				if diff := cmp.Diff(quotes, got.Quotes); diff != "" {
					t.Errorf("quotes differ (-want +got):\n%s", diff)
				}
				if sent := marshal(t, f.sent(1)["messages"]); !strings.Contains(sent, `"citations":{"enabled":true}`) || strings.Contains(sent, "the list") {
					t.Errorf("sent %s, want documents with citations", sent)
				}
			})
		}
	}
}

// A service that refuses documents with citations gets the sources in the text, from then
// on without a second request. Other requests never have documents.
func TestCitationsRefused(t *testing.T) {
	for _, says := range []string{
		`messages.0.content.0: Input tag 'document' found using 'type' does not match any of the expected tags: 'text', 'image'`,
		`messages.0.content.0.citations: Extra inputs are not permitted`,
		`Citations are not available for this model`,
		`1 validation error: {'loc': ('body', 'messages', 0, 'content', 0, 'type'), 'msg': 'Input should be text, image or tool_use'}`,
	} {
		f := serve(t, refusesWhile(func(body map[string]any) bool { return strings.Contains(fmt.Sprint(body), "citations:") }, http.StatusBadRequest,
			marshal(t, map[string]any{"type": "error", "error": map[string]any{"type": "invalid_request_error", "message": says}})))
		c := claude(t, f, "claude-sonnet-4-5")
		for _, requests := range []int{2, 3} {
			got, err := c.Complete(t.Context(), cited())
			if err != nil || got.Text != "ok" || f.count() != requests || !strings.Contains(fmt.Sprint(f.sent(requests)), "the list") {
				t.Errorf("%s: Complete = %q, %v after %d requests, want %d", says, got.Text, err, f.count(), requests)
			}
		}
	}
	f := serve(t, message("end_turn", `{"type":"text","text":"{}"}`))
	r := cited()
	r.Schema = &llm.Schema{Name: "s", JSON: json.RawMessage(`{"type":"object"}`)}
	if _, err := claude(t, f, "claude-opus-4-8").Complete(t.Context(), r); err != nil || strings.Contains(fmt.Sprint(f.sent(1)), "citations:") {
		t.Errorf("with a schema, Complete = %v after %v", err, f.sent(1))
	}
}
