package llm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/openai/openai-go/v3/packages/ssestream"
)

// A chatReply assembles a response from a chat completion or from the chunks of one.
// It accepts what services send beyond OpenAI's description, or in place of it:
//
//   - content as a list of parts, with reasoning in some of them;
//   - reasoning as reasoning_content, reasoning, thinking or reasoning_details;
//   - a message where a stream has a delta, and the other way round;
//   - a stream whose last chunk has no finish_reason;
//   - finish reasons of other APIs, such as MAX_TOKENS;
//   - an error in place of the choices, or in one of them.
type chatReply struct {
	*reply
	begun, choices, done bool // a completion, a choice, the end of the stream has arrived
}

// addEvent adds an event of a stream.
func (r *chatReply) addEvent(e ssestream.Event) error {
	switch {
	case bytes.EqualFold(bytes.Trim(e.Data, `[]" `), []byte("done")):
		r.done = true
		return io.EOF
	case e.Type == "error":
		return parseAPIError(string(e.Data))
	case e.Data[0] != '{': // such as "ping", to keep the connection open
		if failureData.Match(e.Data) {
			return parseAPIError(string(e.Data))
		}
		return nil
	}
	return r.addEach(e.Data)
}

// failureData matches an error that a server writes as text among the events.
var failureData = regexp.MustCompile(`(?i)^\W*error\b`)

// addWhole adds a completion that is not streamed.
func (r *chatReply) addWhole(b []byte) error {
	r.done = true
	if bytes.HasPrefix(b, []byte("[")) { // Google puts an error in a list
		return parseAPIError(string(b))
	}
	return r.addEach(b)
}

// addEach adds completions or chunks that stand one after the other, as servers send them
// that end an event with one line break, or send lines of JSON.
func (r *chatReply) addEach(b []byte) error {
	for values := json.NewDecoder(bytes.NewReader(b)); ; {
		var v json.RawMessage
		switch err := values.Decode(&v); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			if r.resp.FinishReason != "" && bytes.Contains(bytes.ToUpper(b[values.InputOffset():]), []byte("[DONE]")) {
				r.done = true
				return io.EOF
			}
			return errNoCompletion
		}
		if err := r.add(v); err != nil {
			return err
		}
	}
}

// add adds a completion or a chunk.
func (r *chatReply) add(b []byte) error {
	var top map[string]json.RawMessage
	if json.Unmarshal(b, &top) != nil {
		return errNoCompletion
	}
	var choices []map[string]json.RawMessage
	_ = json.Unmarshal(top["choices"], &choices) // what is not a list has no choices
	if isErrorBody(top) {
		return parseAPIError(string(b))
	}
	if _, ok := top["choices"]; ok {
		r.begun = true
	}
	r.resp.Model = cmp.Or(stringOf(top["model"]), r.resp.Model)
	r.addUsage(top)
	if f := raw(string(top["prompt_filter_results"])); f != nil {
		r.resp.PromptFilter = f
	}
	for _, choice := range choices {
		if i := strings.Trim(string(choice["index"]), `"`); i != "" && i != "0" && i != "null" {
			continue
		}
		r.choices = true
		if err := r.addChoice(choice); err != nil {
			return err
		}
	}
	return nil
}

// addChoice adds a choice.
func (r *chatReply) addChoice(choice map[string]json.RawMessage) error {
	if s := stringOf(choice["finish_reason"]); s != "" {
		r.resp.FinishReason = finishReason(s)
	}
	if v := raw(string(choice["logprobs"])); v != nil && r.delta == nil {
		r.resp.LogProbs = v
	}
	r.resp.ContentFilter = mergeFilter(r.resp.ContentFilter, raw(string(choice["content_filter_results"])))
	var m map[string]json.RawMessage
	for _, name := range []string{"delta", "message"} {
		if m == nil {
			_ = json.Unmarshal(choice[name], &m) // what is not an object holds nothing
		}
	}
	if m == nil {
		m = map[string]json.RawMessage{"content": choice["text"]}
	}
	if err := r.addMessage(m); err != nil {
		return err
	}
	if v := raw(string(choice["error"])); v != nil {
		return parseAPIError(string(v))
	}
	return nil
}

// addMessage adds a message or a delta.
func (r *chatReply) addMessage(m map[string]json.RawMessage) error {
	if err := r.addRefusal(stringOf(m["refusal"])); err != nil {
		return err
	}
	if err := r.addCalls(m["tool_calls"]); err != nil {
		return err
	}
	for _, name := range []string{"reasoning_content", "reasoning", "thinking", "reasoning_details"} {
		if thought := textOf(m[name]); thought != "" {
			if err := r.addReasoning(thought); err != nil {
				return err
			}
			break // the others repeat it
		}
	}
	for _, p := range partsOf(m["content"]) {
		var err error
		switch p.kind {
		case reasoningPart:
			err = r.addReasoning(p.text)
		case refusalPart:
			err = r.addRefusal(p.text)
		default:
			err = r.addContent(p.text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addCalls adds the calls of tools in a message or a delta.
func (r *chatReply) addCalls(b json.RawMessage) error {
	var calls []struct {
		Index    *int
		ID       any
		Function struct {
			Name      string
			Arguments json.RawMessage // a string; of some services an object
		}
	}
	_ = json.Unmarshal(b, &calls) // what is not a list of calls holds none
	for i, c := range calls {
		index := i
		switch id, _ := c.ID.(string); {
		case c.Index != nil:
			index = *c.Index
		case r.delta != nil && id == "" && c.Function.Name == "": // more of the last call
			index = max(0, len(r.resp.Calls)-1)
		case r.delta != nil:
			index = len(r.resp.Calls)
		}
		arguments := stringOf(c.Function.Arguments)
		if a := bytes.TrimSpace(c.Function.Arguments); bytes.HasPrefix(a, []byte("{")) {
			arguments = string(a)
		}
		id, _ := c.ID.(string)
		if err := r.addCall(index, id, c.Function.Name, arguments); err != nil {
			return err
		}
	}
	return nil
}

// end returns the response after the body has ended with err.
func (r *chatReply) end(err error) (Response, error) {
	switch {
	case err != nil && !r.hasText():
		return Response{}, err
	case !r.begun && err == nil:
		return Response{}, errNoCompletion
	case !r.choices && err == nil:
		return Response{}, errNoChoices
	case r.resp.FinishReason == "" && (err != nil || !r.done): // what fails after the last chunk does not matter
		r.resp.FinishReason = cutBy(err)
	case r.resp.FinishReason == "" && len(r.resp.Calls) > 0:
		r.resp.FinishReason = finishCalls
	case r.resp.FinishReason == "":
		r.resp.FinishReason = finishStop
	}
	resp, err := r.reply.end()
	if err == nil && resp.FinishReason == finishCut && r.done && resp.Text == "" { // finish_reason "error"
		return Response{}, &apiError{}
	}
	return resp, err
}

// mergeFilter returns the newer of two filter results, unless only the older one
// reports that something was filtered.
func mergeFilter(older, newer json.RawMessage) json.RawMessage {
	if newer == nil || isFiltered(older) && !isFiltered(newer) {
		return older
	}
	return newer
}

// isFiltered reports whether a filter result has any "filtered": true.
func isFiltered(b json.RawMessage) bool {
	var v bytes.Buffer
	return json.Compact(&v, b) == nil && strings.Contains(v.String(), `"filtered":true`)
}
