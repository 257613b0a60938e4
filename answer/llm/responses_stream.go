package llm

import (
	"context"
	"errors"

	"github.com/openai/openai-go/v3/responses"
)

// stream sends a request and passes on its text as it arrives.
func (c *responsesAPI) stream(ctx context.Context, o *outgoing, params responses.ResponseNewParams) (Response, error) {
	s := c.service.NewStreaming(ctx, params)
	defer func() { _ = s.Close() }() // cancels the request if the caller stops early
	r := &responsesStream{responsesReply: responsesReply{reply: newReply(o)}, commentary: map[string]bool{}}
	for !r.ended && s.Next() {
		if err := r.addEvent(s.Current()); err != nil {
			return Response{}, err
		}
	}
	err := r.err
	if err == nil {
		err = responsesError(s.Err())
	}
	switch {
	case ctx.Err() != nil:
		return Response{}, ctx.Err()
	case err != nil && r.visible.Len() == 0:
		return Response{}, err
	case !r.begun:
		return Response{}, errNoCompletion
	case err != nil || !r.ended:
		r.resp.FinishReason, r.resp.Calls = finishCut, nil
	}
	return r.end()
}

// A responsesStream assembles a response from the events of a stream.
type responsesStream struct {
	responsesReply
	commentary map[string]bool // ids of messages that are not part of the answer
	items      []responses.ResponseOutputItemUnion
	begun      bool  // an event of the API has arrived
	ended      bool  // the last event has arrived
	err        error // of the service, in an event
}

// addEvent adds one event. It returns an error of the caller's Delta only.
func (r *responsesStream) addEvent(e responses.ResponseStreamEventUnion) error {
	r.begun = r.begun || e.Type != ""
	switch e.Type {
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
		r.resp.Refusal += e.Delta
	case "response.completed", "response.incomplete", "response.failed":
		r.ended = true
		got := e.Response
		if len(got.Output) == 0 {
			got.Output = r.items // some services send the items only once
		}
		r.err = r.finishResponse(&got)
		if caller, ok := errors.AsType[*deltaError](r.err); ok {
			return caller
		}
	case "error":
		r.ended, r.err = true, failure(e.Code, e.Param, e.Message)
	}
	return nil
}
