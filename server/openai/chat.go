package openai

import (
	"encoding/json"
	"net/http"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/server/sse"
)

// chatRefuses are the fields that must ask for nothing.
var chatRefuses = []string{"tools", "functions", "audio", "web_search_options"}

// decodeChat reads the body of POST /v1/chat/completions.
func (a *API) decodeChat(w http.ResponseWriter, r *http.Request) (asked, error) {
	f, err := decode(r, `{"model": "citewell", "messages": [{"role": "user", "content": "…"}]}`)
	if err != nil {
		return asked{}, err
	}
	q, err := a.common(f)
	if err != nil {
		return q, err
	}
	var in struct {
		n       whole
		format  struct{ Type string }
		options struct {
			IncludeUsage bool `json:"include_usage"`
		}
		messages []struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
		}
	}
	for name, v := range map[string]any{"n": &in.n, "response_format": &in.format, "stream_options": &in.options, "messages": &in.messages} {
		if err := f.get(name, v); err != nil {
			return q, err
		}
	}
	if f.has("n") && in.n != 1 {
		return q, unsupported("n", "One answer a request is given: leave \"n\" out, or send 1.")
	}
	if in.format.Type != "" && in.format.Type != "text" {
		return q, unsupported("response_format", "Answers are text with citations: leave \"response_format\" out, or send {\"type\": \"text\"}. POST /v1/extract extracts data by a schema.")
	}
	if err := f.refuse(chatRefuses...); err != nil {
		return q, err
	}
	messages := make([]message, len(in.messages))
	for i, m := range in.messages {
		messages[i].role = m.Role
		if err := messages[i].readContent("messages", m.Content); err != nil {
			return q, err
		}
	}
	q.usage = in.options.IncludeUsage
	instructed, err := q.converse("messages", messages)
	warn(w, f, instructed)
	return q, err
}

// A completion is the reply of chat completions, or a piece of it.
type completion struct {
	ID       string   `json:"id"`
	Object   string   `json:"object"`
	Created  int64    `json:"created"`
	Model    string   `json:"model"`
	Choices  []choice `json:"choices"`
	Usage    *usage   `json:"usage,omitempty"`
	Citewell any      `json:"x_citewell,omitempty"`
}

type choice struct {
	Index        int        `json:"index"`
	Message      *chatReply `json:"message,omitempty"`
	Delta        *chatDelta `json:"delta,omitempty"`
	LogProbs     *struct{}  `json:"logprobs"`
	FinishReason *string    `json:"finish_reason"`
}

type chatReply struct {
	Role        string           `json:"role"`
	Content     string           `json:"content"`
	Refusal     *string          `json:"refusal"`
	Annotations []chatAnnotation `json:"annotations"`
}

type chatDelta struct {
	Role        string           `json:"role,omitempty"`
	Content     *string          `json:"content,omitempty"`
	Annotations []chatAnnotation `json:"annotations,omitempty"`
}

type chatAnnotation struct {
	Type     string     `json:"type"`
	Citation annotation `json:"url_citation"`
}

type usage struct {
	Prompt            int               `json:"prompt_tokens"`
	Completion        int               `json:"completion_tokens"`
	Total             int               `json:"total_tokens"`
	PromptDetails     cachedTokens      `json:"prompt_tokens_details"`
	CompletionDetails completionDetails `json:"completion_tokens_details"`
}

type cachedTokens struct {
	Cached  int `json:"cached_tokens"`
	Written int `json:"cache_write_tokens"` // not known
}

type completionDetails struct {
	Reasoning int `json:"reasoning_tokens"`
}

// usageOf returns the usage of an answer: zeros if no model was asked, or if its service
// reports none, since clients expect numbers.
func usageOf(ans *answer.Answer) *usage {
	var u usage
	if ans.Usage != nil {
		u.Prompt, u.Completion = ans.Usage.PromptTokens, ans.Usage.CompletionTokens
		u.PromptDetails.Cached, u.CompletionDetails.Reasoning = ans.Usage.CachedTokens, ans.Usage.ReasoningTokens
		u.Total = u.Prompt + u.Completion
	}
	return &u
}

// isCut reports whether an answer stopped at the model's limit.
func isCut(ans *answer.Answer) bool { return ans.Truncated && ans.FinishReason == "length" }

func finishReason(ans *answer.Answer) *string {
	reason := "stop"
	switch {
	case isCut(ans):
		reason = "length"
	case ans.FinishReason == "content_filter":
		reason = ans.FinishReason
	}
	return &reason
}

func chatAnnotations(ans *answer.Answer) []chatAnnotation {
	out := []chatAnnotation{}
	for _, c := range annotations(ans) {
		out = append(out, chatAnnotation{Type: "url_citation", Citation: c})
	}
	return out
}

// Chat serves POST /v1/chat/completions.
func (a *API) Chat(w http.ResponseWriter, r *http.Request) {
	q, err := a.decodeChat(w, r)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	id := a.RequestID(r.Context())
	head := completion{ID: "chatcmpl-" + id, Object: "chat.completion", Created: a.Now().Unix(), Model: q.model.ID}
	if q.stream {
		head.Object = "chat.completion.chunk"
		a.stream(w, r, q, &chatEvents{head: head, usage: q.usage})
		return
	}
	ans, err := a.ask(r.Context(), q, nil)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	head.Choices = []choice{{Message: &chatReply{Role: "assistant", Content: q.textOf(ans), Annotations: chatAnnotations(ans)}, FinishReason: finishReason(ans)}}
	head.Usage = usageOf(ans)
	if q.own {
		head.Citewell = ans
	}
	writeJSON(w, http.StatusOK, head)
}

// chatEvents are the events of a streamed chat completion.
type chatEvents struct {
	st    *sse.Stream
	head  completion
	usage bool // the stream ends with the usage
}

func (e *chatEvents) send(c choice) error {
	chunk := e.head
	chunk.Choices = []choice{c}
	return e.st.Send("", chunk)
}

func (e *chatEvents) begin(st *sse.Stream) error {
	e.st = st
	empty := ""
	return e.send(choice{Delta: &chatDelta{Role: "assistant", Content: &empty}})
}

func (e *chatEvents) text(piece string) error {
	return e.send(choice{Delta: &chatDelta{Content: &piece}})
}

func (e *chatEvents) end(ans *answer.Answer, _ string, own bool) error {
	if own {
		e.head.Citewell = ans
	}
	if err := e.send(choice{Delta: &chatDelta{Annotations: chatAnnotations(ans)}, FinishReason: finishReason(ans)}); err != nil {
		return err
	}
	if e.usage {
		chunk := e.head
		chunk.Choices, chunk.Usage, chunk.Citewell = []choice{}, usageOf(ans), nil
		if err := e.st.Send("", chunk); err != nil {
			return err
		}
	}
	return e.st.SendText("[DONE]")
}

func (e *chatEvents) fail(err *apiError) error {
	return e.st.Send("", map[string]any{"error": err})
}
