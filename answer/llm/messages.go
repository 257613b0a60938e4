package llm

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/param"
)

// A messages is a client of Anthropic's Messages API.
type messages struct {
	service anthropic.MessageService
	timeout time.Duration
}

var _ protocol = (*messages)(nil)

func newMessages(c Config, base *url.URL, hc *http.Client) *messages {
	opts := []option.RequestOption{
		option.WithoutEnvironmentDefaults(),
		option.WithBaseURL(strings.TrimSuffix(base.String(), "/") + "/"),
		option.WithHTTPClient(hc),
		option.WithMaxRetries(retries),
	}
	if c.APIKey != "" {
		opts = append(opts, option.WithAPIKey(c.APIKey))
	}
	return &messages{anthropic.NewClient(opts...).Messages, c.Timeout}
}

// send sends o. Without an explicit timeout the SDK refuses long answers that are
// not streamed.
func (m *messages) send(ctx context.Context, o *outgoing) (Response, error) {
	p := messageParams(o)
	if o.stream {
		return m.stream(ctx, o, p)
	}
	got, err := m.service.New(ctx, p, option.WithRequestTimeout(m.timeout))
	if err != nil {
		return Response{}, messageError(err)
	}
	if got == nil || got.Type != "message" {
		return Response{}, errNoCompletion
	}
	r := newReply(o)
	for _, b := range got.Content {
		if err := r.addBlock(b); err != nil {
			return Response{}, err // Unreachable: nothing is streamed.
		}
	}
	return r.finishMessage(*got)
}

// stream sends p and passes on its text as it arrives.
func (m *messages) stream(ctx context.Context, o *outgoing, p anthropic.MessageNewParams) (Response, error) {
	s := m.service.NewStreaming(ctx, p)
	defer func() { _ = s.Close() }() // cancels the request if the caller stops early
	r, got, complete := newReply(o), anthropic.Message{}, false
	for s.Next() {
		event := s.Current()
		if err := got.Accumulate(event); err != nil {
			return Response{}, errNoCompletion
		}
		complete = complete || event.Type == "message_stop"
		if err := r.addContent(event.Delta.Text); event.Type == "content_block_delta" && err != nil {
			return Response{}, err
		}
	}
	err := messageError(s.Err())
	switch {
	case ctx.Err() != nil:
		return Response{}, ctx.Err()
	case err != nil && r.visible.Len() == 0:
		return Response{}, err
	case got.Type != "message":
		return Response{}, errNoCompletion
	}
	for _, b := range got.Content {
		if b.Type != "text" { // which was streamed
			if err := r.addBlock(b); err != nil {
				return Response{}, err
			}
		}
	}
	if !complete {
		got.StopReason = finishCut
	}
	return r.finishMessage(got)
}

// addBlock adds a part of the content.
func (r *reply) addBlock(b anthropic.ContentBlockUnion) error {
	switch b.Type {
	case "text":
		return r.addContent(b.Text)
	case "thinking":
		return r.addReasoning(b.Thinking)
	case "tool_use":
		return r.addCall(len(r.resp.Calls), b.ID, b.Name, string(b.Input))
	}
	return nil
}

// finishes maps stop reasons to OpenAI's finish reasons.
var finishes = map[anthropic.StopReason]string{
	anthropic.StopReasonEndTurn:                    "stop",
	anthropic.StopReasonStopSequence:               "stop",
	anthropic.StopReasonMaxTokens:                  finishLength,
	anthropic.StopReasonModelContextWindowExceeded: finishLength,
	anthropic.StopReasonToolUse:                    "tool_calls",
}

// finishMessage adds model, finish reason and usage to the response. input_tokens
// does not include cached tokens.
func (r *reply) finishMessage(m anthropic.Message) (Response, error) {
	u := m.Usage
	r.resp.Model = m.Model
	r.resp.FinishReason = cmp.Or(finishes[m.StopReason], string(m.StopReason))
	r.resp.Usage = Usage{
		PromptTokens:     int(u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens),
		CachedTokens:     int(u.CacheReadInputTokens),
		CompletionTokens: int(u.OutputTokens),
		ReasoningTokens:  int(u.OutputTokensDetails.ThinkingTokens),
		Calls:            1,
	}
	resp, err := r.end()
	if m.StopReason == anthropic.StopReasonRefusal {
		resp.Refusal, resp.Text = cmp.Or(resp.Text, "The model declined to answer."), ""
	}
	return resp, err
}

// messageParams converts o to the parameters of the API.
func messageParams(o *outgoing) anthropic.MessageNewParams {
	p := anthropic.MessageNewParams{Model: o.model, MaxTokens: int64(o.maxOutput), StopSequences: o.options.Stop}
	if o.instructions != "" {
		p.System = []anthropic.TextBlockParam{{Text: o.instructions}}
	}
	if t := o.options.Temperature; t != nil {
		p.Temperature = anthropic.Float(*t)
	}
	if t := o.options.TopP; t != nil {
		p.TopP = anthropic.Float(*t)
	}
	p.OutputConfig.Effort = anthropic.OutputConfigEffort(o.options.Effort)
	if o.schema != nil {
		p.OutputConfig.Format.Schema = object(o.schema.JSON)
	}
	for _, t := range o.tools {
		p.Tools = append(p.Tools, anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
			Name: t.Name, Description: anthropic.String(t.Description), InputSchema: param.Override[anthropic.ToolInputSchemaParam](t.Parameters),
		}})
	}
	if one := o.options.ParallelToolCalls; one != nil {
		p.ToolChoice.OfAuto = &anthropic.ToolChoiceAutoParam{DisableParallelToolUse: anthropic.Bool(!*one)}
	}
	if o.force != "" {
		p.ToolChoice = anthropic.ToolChoiceParamOfTool(o.force)
	}
	for _, m := range o.messages {
		blocks := messageBlocks(m)
		role := anthropic.MessageParamRoleUser
		if m.Role == RoleAssistant {
			role = anthropic.MessageParamRoleAssistant
		}
		if last := len(p.Messages) - 1; last >= 0 && p.Messages[last].Role == role {
			p.Messages[last].Content = append(p.Messages[last].Content, blocks...) // results of several calls
			continue
		}
		p.Messages = append(p.Messages, anthropic.MessageParam{Role: role, Content: blocks})
	}
	return p
}

func messageBlocks(m Message) []anthropic.ContentBlockParamUnion {
	if m.Role == RoleTool {
		return []anthropic.ContentBlockParamUnion{anthropic.NewToolResultBlock(m.CallID, m.Text, false)}
	}
	var out []anthropic.ContentBlockParamUnion
	for _, image := range m.Images {
		if mediaType, data, ok := dataURI(image); ok {
			out = append(out, anthropic.NewImageBlockBase64(mediaType, data))
		} else {
			out = append(out, anthropic.NewImageBlock(anthropic.URLImageSourceParam{URL: image}))
		}
	}
	if m.Text != "" { // an empty block is refused
		out = append(out, anthropic.NewTextBlock(m.Text))
	}
	for _, c := range m.Calls {
		input := object(c.Arguments)
		if input == nil {
			input = map[string]any{}
		}
		out = append(out, anthropic.NewToolUseBlock(c.ID, input, c.Name))
	}
	return out
}
