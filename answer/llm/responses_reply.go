package llm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/responses"
)

// Types of output items and of their parts.
const (
	itemMessage   = "message"
	itemReasoning = "reasoning"
	itemCall      = "function_call"

	partText    = "output_text"
	partRefusal = "refusal"
)

// A responsesReply assembles a response from a body of the Responses API or from the
// events of one.
type responsesReply struct {
	*reply
	message    string          // id of the message whose text came last
	commentary map[string]bool // ids of messages that are not part of the answer
	items      []responses.ResponseOutputItemUnion
	streamed   bool // text or a refusal has been streamed
	begun      bool // something of the API has arrived
	ended      bool // the response is whole
}

// addWhole adds a response that is not streamed.
func (r *responsesReply) addWhole(b []byte) error {
	var got responses.Response
	if json.Unmarshal(b, &got) != nil {
		return parseAPIError(string(b)) // in a list, as of Google
	}
	return r.finishResponse(&got)
}

// addEvent adds an event of a stream.
func (r *responsesReply) addEvent(event ssestream.Event) error {
	var e responses.ResponseStreamEventUnion
	switch {
	case bytes.HasPrefix(event.Data, []byte("[DONE]")):
		return io.EOF
	case json.Unmarshal(event.Data, &e) != nil:
		return errNoCompletion
	}
	kind := cmp.Or(e.Type, event.Type)
	r.begun = r.begun || strings.HasPrefix(kind, "response.")
	if strings.HasPrefix(kind, "response.output_item.") {
		if err := r.bound.addItem(); err != nil {
			return err
		}
	}
	switch kind {
	case "response.output_item.added":
		r.commentary[e.Item.ID] = e.Item.Phase == responses.ResponseOutputMessagePhaseCommentary
	case "response.output_item.done":
		r.items = append(r.items, e.Item)
	case "response.output_text.delta":
		if r.commentary[e.ItemID] {
			return nil // it is added with its item
		}
		r.streamed = true
		return r.addText(e.ItemID, e.Delta)
	case "response.refusal.delta":
		r.streamed = true
		return r.addRefusal(e.Delta)
	case "response.completed", "response.incomplete", "response.failed":
		got := e.Response
		if len(got.Output) == 0 {
			got.Output = r.items // some services send the items only once
		}
		if err := r.finishResponse(&got); err != nil {
			return err
		}
		return io.EOF
	case "error":
		if e.Message == "" {
			return parseAPIError(string(event.Data))
		}
		return failure(e.Code, e.Param, e.Message)
	case "":
		var top map[string]json.RawMessage
		if json.Unmarshal(event.Data, &top) == nil && isErrorBody(top) {
			return parseAPIError(string(event.Data))
		}
	}
	return nil
}

// endOr returns the response. After an error, it is the text so far; without any, it
// is the error.
func (r *responsesReply) endOr(err error) (Response, error) {
	switch {
	case err != nil && r.visible.Len() == 0:
		return Response{}, err
	case !r.begun:
		return Response{}, errNoCompletion
	case err != nil || !r.ended:
		r.resp.FinishReason, r.resp.Calls = cutBy(err), nil
	}
	return r.end()
}

// finishResponse adds what a finished response holds. Text that was streamed is not
// added again.
func (r *responsesReply) finishResponse(got *responses.Response) error {
	switch {
	case got.Status != "" || len(got.Output) > 0:
	case got.JSON.Error.Raw() != "" && got.JSON.Error.Raw() != "null":
		return parseAPIError(got.RawJSON()) // in place of a response
	default:
		return errNoCompletion
	}
	r.begun, r.ended = true, true
	r.resp.Model = got.Model
	r.resp.Usage = responseUsage(got.Usage)
	if f := raw(got.JSON.ExtraFields["content_filters"].Raw()); f != nil {
		r.resp.ContentFilter = f
	}
	for _, item := range got.Output {
		if err := r.addItem(item); err != nil {
			return err
		}
	}
	switch {
	case got.Status == responses.ResponseStatusIncomplete && got.IncompleteDetails.Reason == "max_output_tokens":
		r.resp.FinishReason = finishLength
	case got.Status == responses.ResponseStatusIncomplete:
		r.resp.FinishReason = cmp.Or(got.IncompleteDetails.Reason, finishCut)
	case got.Status == responses.ResponseStatusFailed:
		return failure(string(got.Error.Code), got.Error.Param, got.Error.Message)
	case got.Status != "" && got.Status != responses.ResponseStatusCompleted: // canceled, or still at work
		r.resp.FinishReason = finishCut
	case len(r.resp.Calls) > 0:
		r.resp.FinishReason = "tool_calls"
	default:
		r.resp.FinishReason = "stop"
	}
	if r.resp.FinishReason == "tool_calls" {
		r.resp.Calls = carry(r.resp.Calls, got.Output)
	} else {
		r.resp.Calls = nil // its arguments may be cut
	}
	return nil
}

// addItem adds an output item.
func (r *responsesReply) addItem(item responses.ResponseOutputItemUnion) error {
	switch item.Type {
	case itemReasoning:
		return r.addReasoningItem(item)
	case itemCall:
		return r.addCall(len(r.resp.Calls), item.CallID, item.Name, item.Arguments.OfString)
	case itemMessage:
	default:
		return nil
	}
	for _, part := range item.Content {
		switch {
		case part.Type == partText && item.Phase == responses.ResponseOutputMessagePhaseCommentary:
			r.reasoningText.WriteString(part.Text)
		case r.streamed:
		case part.Type == partText:
			if err := r.addText(item.ID, part.Text); err != nil {
				return err
			}
		case part.Type == partRefusal:
			r.resp.Refusal += part.Refusal
		}
	}
	return nil
}

// addReasoningItem adds the text of reasoning, if the service shows any.
func (r *responsesReply) addReasoningItem(item responses.ResponseOutputItemUnion) error {
	for _, s := range item.Summary {
		r.reasoningText.WriteString(s.Text + "\n")
	}
	for _, part := range item.Content {
		r.reasoningText.WriteString(part.Text)
	}
	return r.write(r.split.noInlineReasoning())
}

// addText adds a piece of a message's text. A further message is a paragraph of its
// own.
func (r *responsesReply) addText(message, piece string) error {
	if r.message != "" && message != r.message {
		piece = "\n\n" + piece
	}
	r.message = message
	return r.addContent(piece)
}

// carry gives each call the output items that came before it, and the last one those
// behind it. Items of reasoning that is not encrypted cannot be sent back, since the
// service does not store them; without any that can, no call has items.
func carry(calls []Call, output []responses.ResponseOutputItemUnion) []Call {
	var items []json.RawMessage
	encrypted := false
	n := 0
	for _, item := range output {
		if item.Type == itemReasoning && item.EncryptedContent == "" {
			continue
		}
		encrypted = encrypted || item.Type == itemReasoning
		items = append(items, json.RawMessage(item.RawJSON()))
		if item.Type == itemCall {
			calls[n].Items, items = items, nil
			n++
		}
	}
	if n > 0 {
		calls[n-1].Items = append(calls[n-1].Items, items...)
	}
	if !encrypted {
		for i := range calls {
			calls[i].Items = nil
		}
	}
	return calls
}

func responseUsage(u responses.ResponseUsage) Usage {
	return reported(Usage{
		PromptTokens:     int(u.InputTokens),
		CachedTokens:     int(u.InputTokensDetails.CachedTokens),
		CompletionTokens: int(u.OutputTokens),
		ReasoningTokens:  int(u.OutputTokensDetails.ReasoningTokens),
		Calls:            1,
	})
}

// failure returns the error of a response that failed while it was written.
func failure(code, param, message string) error {
	f := &apiError{code: code, kind: code, param: param, message: message}
	switch {
	case code == "rate_limit_exceeded" || code == "insufficient_quota":
		f.status = http.StatusTooManyRequests
	case code == "invalid_prompt" || strings.HasSuffix(code, "policy") || strings.HasSuffix(code, "policy_violation"):
		f.status, f.code = http.StatusBadRequest, "content_filter"
	case strings.Contains(code, "image"), code == "context_length_exceeded":
		f.status = http.StatusBadRequest
	}
	return f
}
