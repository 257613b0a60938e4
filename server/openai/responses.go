package openai

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/server/sse"
)

// responsesRefuse are the fields that must ask for nothing.
var responsesRefuse = []string{"tools", "background", "conversation", "prompt"}

// decodeResponses reads the body of POST /v1/responses.
func (a *API) decodeResponses(w http.ResponseWriter, r *http.Request) (asked, error) {
	f, err := decode(r, `{"model": "citewell", "input": "…"}`)
	if err != nil {
		return asked{}, err
	}
	q, err := a.common(f)
	if err != nil {
		return q, err
	}
	var text struct {
		Format struct{ Type string }
	}
	if err := f.get("text", &text); err != nil {
		return q, err
	}
	if text.Format.Type != "" && text.Format.Type != "text" {
		return q, unsupported("text.format", "Answers are text with citations: leave \"text.format\" out. POST /v1/extract extracts data by a schema.")
	}
	if err := f.refuse(responsesRefuse...); err != nil {
		return q, err
	}
	if f.has("previous_response_id") {
		return q, unsupported("previous_response_id", "Responses are not kept: send the conversation as \"input\".")
	}
	messages, err := readInput(f["input"])
	if err != nil {
		return q, err
	}
	instructed, err := q.converse("input", messages)
	warn(w, f, instructed)
	return q, err
}

// readInput reads the input of a response: a question, or the items of a conversation.
func readInput(input json.RawMessage) ([]message, error) {
	var question string
	if json.Unmarshal(input, &question) == nil {
		return []message{{role: "user", text: question}}, nil
	}
	var items []struct {
		Type    string          `json:"type"`
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	if json.Unmarshal(input, &items) != nil {
		return nil, invalid("input", "The input must be a string or a list of messages.")
	}
	var messages []message
	for _, item := range items {
		switch item.Type {
		case "", "message":
			m := message{role: item.Role}
			if err := m.readContent("input", item.Content); err != nil {
				return nil, err
			}
			messages = append(messages, m)
		case "reasoning": // of another model, before it answered
		default:
			return nil, unsupported("input", fmt.Sprintf("Items of the type %q are not supported: send messages.", item.Type))
		}
	}
	return messages, nil
}

// A response is the reply of the Responses API. The fields without a meaning here have
// the values that the API gives them by default.
type response struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	CreatedAt          int64             `json:"created_at"`
	Status             string            `json:"status"`
	Error              *struct{}         `json:"error"`
	IncompleteDetails  map[string]string `json:"incomplete_details"`
	Instructions       *string           `json:"instructions"`
	MaxOutputTokens    *int              `json:"max_output_tokens"`
	Model              string            `json:"model"`
	Output             []item            `json:"output"`
	ParallelToolCalls  bool              `json:"parallel_tool_calls"`
	PreviousResponseID *string           `json:"previous_response_id"`
	Store              bool              `json:"store"`
	Temperature        float64           `json:"temperature"`
	Text               map[string]any    `json:"text"`
	ToolChoice         string            `json:"tool_choice"`
	Tools              []struct{}        `json:"tools"`
	TopP               float64           `json:"top_p"`
	Truncation         string            `json:"truncation"`
	Usage              *responseUsage    `json:"usage,omitempty"`
	Metadata           map[string]string `json:"metadata"`
	Citewell           any               `json:"x_citewell,omitempty"`
}

type item struct {
	Type    string        `json:"type"`
	ID      string        `json:"id"`
	Status  string        `json:"status"`
	Role    string        `json:"role"`
	Content []contentPart `json:"content"`
}

type contentPart struct {
	Type        string               `json:"type"`
	Text        string               `json:"text"`
	Annotations []responseAnnotation `json:"annotations"`
	LogProbs    []struct{}           `json:"logprobs"`
}

type responseAnnotation struct {
	Type string `json:"type"`
	annotation
}

type responseUsage struct {
	Input        int               `json:"input_tokens"`
	InputDetails cachedTokens      `json:"input_tokens_details"`
	Output       int               `json:"output_tokens"`
	Details      completionDetails `json:"output_tokens_details"`
	Total        int               `json:"total_tokens"`
}

// newResponse returns a response that is in progress.
func (a *API) newResponse(id string, q asked) response {
	return response{
		ID: "resp_" + id, Object: "response", CreatedAt: a.Now().Unix(), Status: "in_progress", Model: q.model.ID, Output: []item{},
		ParallelToolCalls: true, Temperature: 1, Text: map[string]any{"format": map[string]string{"type": "text"}}, ToolChoice: "auto", Tools: []struct{}{},
		TopP: 1, Truncation: "disabled", Metadata: map[string]string{},
	}
}

func newItem(id, status string, content ...contentPart) item {
	return item{Type: "message", ID: "msg_" + id, Status: status, Role: "assistant", Content: append([]contentPart{}, content...)}
}

func newPart(text string, annotations ...responseAnnotation) contentPart {
	return contentPart{Type: "output_text", Text: text, Annotations: append([]responseAnnotation{}, annotations...), LogProbs: []struct{}{}}
}

// complete adds an answer with its whole text.
func (r *response) complete(id string, ans *answer.Answer, text string, own bool) {
	r.Status = "completed"
	switch {
	case isCut(ans):
		r.Status, r.IncompleteDetails = "incomplete", map[string]string{"reason": "max_output_tokens"}
	case ans.FinishReason == "content_filter":
		r.Status, r.IncompleteDetails = "incomplete", map[string]string{"reason": "content_filter"}
	}
	u := usageOf(ans)
	r.Usage = &responseUsage{Input: u.Prompt, InputDetails: u.PromptDetails, Output: u.Completion, Details: u.CompletionDetails, Total: u.Total}
	r.Output = []item{newItem(id, r.Status, newPart(text, responseAnnotations(ans)...))}
	if own {
		r.Citewell = ans
	}
}

func responseAnnotations(ans *answer.Answer) []responseAnnotation {
	var out []responseAnnotation
	for _, c := range annotations(ans) {
		out = append(out, responseAnnotation{"url_citation", c})
	}
	return out
}

// Responses serves POST /v1/responses.
func (a *API) Responses(w http.ResponseWriter, r *http.Request) {
	q, err := a.decodeResponses(w, r)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	id := a.RequestID(r.Context())
	head := a.newResponse(id, q)
	if q.stream {
		a.stream(w, r, q, &responseEvents{id: id, head: head})
		return
	}
	ans, err := a.ask(r.Context(), q, nil)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	head.complete(id, ans, q.textOf(ans), q.own)
	writeJSON(w, http.StatusOK, head)
}

// responseEvents are the events of a streamed response.
type responseEvents struct {
	st     *sse.Stream
	id     string
	head   response
	number int // of the next event
}

// send sends an event with its type and number, and with the place in the response that
// it is about.
func (e *responseEvents) send(name string, data map[string]any) error {
	data["type"], data["sequence_number"] = name, e.number
	e.number++
	return e.st.Send(name, data)
}

// inPart adds what names the one part of the one item.
func (e *responseEvents) inPart(data map[string]any) map[string]any {
	data["item_id"], data["output_index"], data["content_index"] = "msg_"+e.id, 0, 0
	return data
}

func (e *responseEvents) begin(st *sse.Stream) error {
	e.st = st
	for _, name := range []string{"response.created", "response.in_progress"} {
		if err := e.send(name, map[string]any{"response": e.head}); err != nil {
			return err
		}
	}
	if err := e.send("response.output_item.added", map[string]any{"output_index": 0, "item": newItem(e.id, "in_progress")}); err != nil {
		return err
	}
	return e.send("response.content_part.added", e.inPart(map[string]any{"part": newPart("")}))
}

func (e *responseEvents) text(piece string) error {
	return e.send("response.output_text.delta", e.inPart(map[string]any{"delta": piece, "logprobs": []struct{}{}}))
}

func (e *responseEvents) end(ans *answer.Answer, text string, own bool) error {
	cited := responseAnnotations(ans)
	for i, c := range cited {
		if err := e.send("response.output_text.annotation.added", e.inPart(map[string]any{"annotation_index": i, "annotation": c})); err != nil {
			return err
		}
	}
	e.head.complete(e.id, ans, text, own)
	for _, event := range []struct {
		name string
		data map[string]any
	}{
		{"response.output_text.done", e.inPart(map[string]any{"text": text, "logprobs": []struct{}{}})},
		{"response.content_part.done", e.inPart(map[string]any{"part": newPart(text, cited...)})},
		{"response.output_item.done", map[string]any{"output_index": 0, "item": e.head.Output[0]}},
		{"response." + e.head.Status, map[string]any{"response": e.head}},
	} {
		if err := e.send(event.name, event.data); err != nil {
			return err
		}
	}
	return nil
}

func (e *responseEvents) fail(err *apiError) error {
	return e.send("error", map[string]any{"code": err.Code, "message": err.Message, "param": err.Param})
}
