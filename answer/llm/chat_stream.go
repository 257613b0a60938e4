package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/openai/openai-go/v3"
)

// stream sends a request and passes on its text as it arrives.
func (c *chat) stream(ctx context.Context, o *outgoing, params openai.ChatCompletionNewParams) (Response, error) {
	s := c.service.NewStreaming(ctx, params)
	defer func() { _ = s.Close() }() // cancels the request if the caller stops early
	r := newReply(o)
	begun := false
	for s.Next() {
		begun = true
		if err := r.addChunk(s.Current()); err != nil {
			return Response{}, err
		}
	}
	err := chatError(s.Err())
	switch {
	case ctx.Err() != nil:
		return Response{}, ctx.Err()
	case err != nil && r.visible.Len() == 0, !begun && err != nil:
		return Response{}, err
	case !begun:
		return Response{}, errNoCompletion
	case err != nil || r.resp.FinishReason == "":
		r.resp.FinishReason = finishCut
	}
	return r.end()
}

// addChunk adds one event.
func (r *reply) addChunk(c openai.ChatCompletionChunk) error {
	if c.Model != "" {
		r.resp.Model = c.Model
	}
	if c.Usage.TotalTokens > 0 || c.Usage.PromptTokens > 0 {
		r.resp.Usage = chatUsage(c.Usage)
	}
	if f := raw(c.JSON.ExtraFields["prompt_filter_results"].Raw()); f != nil {
		r.resp.PromptFilter = f
	}
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue
		}
		d := choice.Delta
		if choice.FinishReason != "" {
			r.resp.FinishReason = choice.FinishReason
		}
		r.resp.Refusal += d.Refusal
		r.resp.ContentFilter = mergeFilter(r.resp.ContentFilter, raw(choice.JSON.ExtraFields["content_filter_results"].Raw()))
		for _, t := range d.ToolCalls {
			if err := r.addCall(int(t.Index), t.ID, t.Function.Name, t.Function.Arguments); err != nil {
				return err
			}
		}
		if err := r.addReasoning(extra(d.JSON.ExtraFields, "reasoning_content", "reasoning")); err != nil {
			return err
		}
		if err := r.addContent(d.Content); err != nil {
			return err
		}
	}
	return nil
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
