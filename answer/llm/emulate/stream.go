package emulate

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A stream sends server-sent events without delay, and breaks the connection if the
// fault demands it.
type stream struct {
	x    *exchange
	sent int
}

// open sends the headers.
func (x *exchange) open() *stream {
	x.w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	x.w.Header().Set("Cache-Control", "no-cache")
	x.w.WriteHeader(http.StatusOK)
	return &stream{x: x}
}

// event sends one event; name may be empty.
func (s *stream) event(name string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("emulate: misuse: " + err.Error()) // Unreachable: only maps, strings and numbers come here.
	}
	if s.sent++; s.x.fault.Cut > 0 && s.sent > s.x.fault.Cut {
		panic(http.ErrAbortHandler)
	}
	if name != "" {
		s.line("event: " + name)
	}
	s.line("data: " + string(b) + "\n")
	s.flush()
}

// line sends a line unchanged.
func (s *stream) line(text string) {
	if _, err := fmt.Fprintln(s.x.w, text); err != nil {
		panic(http.ErrAbortHandler) // the client has left
	}
}

func (s *stream) flush() {
	if err := http.NewResponseController(s.x.w).Flush(); err != nil {
		panic(http.ErrAbortHandler) // the client has left
	}
}

// pieces cuts a text into pieces of 1 to 7 characters, also in the middle of marks
// and numbers.
func (x *exchange) pieces(text string) []string {
	var out []string
	rest, state := []rune(text), x.hash(text)|1
	for len(rest) > 0 {
		state = state*1664525 + 1013904223 // a linear congruence: the pieces must be the same each time
		n := min(len(rest), 1+int(state>>16)%7)
		out = append(out, string(rest[:n]))
		rest = rest[n:]
	}
	return out
}

// streamChat sends the model's output as a stream of the chat API.
func (x *exchange) streamChat(t *turn, s generated) {
	out := x.open()
	emit := func(delta map[string]any, finish any) {
		choices := make([]any, t.choices)
		for i := range choices {
			choice := map[string]any{"index": i, "delta": delta, "finish_reason": finish, "logprobs": nil}
			if x.api == azure {
				choice["content_filter_results"] = map[string]any{}
				if finish != nil {
					choice["content_filter_results"] = x.answerFilter(s)
				}
			}
			choices[i] = choice
		}
		out.event("", x.chunk(t, choices, nil))
	}
	if x.api == azure { // its first piece has no choice
		first := x.chunk(t, []any{}, nil)
		first["prompt_filter_results"] = promptFilter()
		out.event("", first)
	}
	if t.reasoningIn == inField {
		out.line(": keep-alive\n")
	}
	emit(map[string]any{"role": "assistant", "content": "", "refusal": nil}, nil)
	if t.reasoningIn == inField {
		for _, p := range x.pieces(s.reasoning) {
			emit(map[string]any{"reasoning_content": p, "content": nil}, nil)
		}
	}
	if s.refusal != "" {
		for _, p := range x.pieces(s.refusal) {
			emit(map[string]any{"refusal": p}, nil)
		}
	} else {
		for _, p := range x.pieces(x.content(t, s)) {
			emit(map[string]any{"content": p}, nil)
		}
	}
	x.streamCalls(s, emit)
	emit(map[string]any{}, s.finish)
	if t.includeUsage && !x.fault.NoUsage {
		out.event("", x.chunk(t, []any{}, x.usage(t, s)))
	}
	out.line("data: [DONE]\n")
	out.flush()
}

// chunk returns a piece of a streamed response. If usage is requested, OpenAI has the
// field in each chunk, null until the last.
func (x *exchange) chunk(t *turn, choices []any, usage any) map[string]any {
	body := x.envelope(t, "chat.completion.chunk", choices)
	if t.includeUsage && !x.fault.NoUsage {
		body["usage"] = usage
	}
	return body
}

// streamCalls sends tool calls: first the name, then the arguments in pieces.
func (x *exchange) streamCalls(s generated, emit func(map[string]any, any)) {
	for i, c := range s.calls {
		named := toolCalls(s.calls[i:i+1], true)
		named[0].(map[string]any)["index"] = i
		named[0].(map[string]any)["function"].(map[string]any)["arguments"] = ""
		emit(map[string]any{"tool_calls": named}, nil)
		for _, p := range x.pieces(string(c.arguments)) {
			emit(map[string]any{"tool_calls": []any{map[string]any{"index": i, "function": map[string]any{"arguments": p}}}}, nil)
		}
	}
}
