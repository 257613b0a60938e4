package llm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/param"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// A messages is a client of Anthropic's Messages API.
type messages struct {
	service anthropic.MessageService
	models  anthropic.ModelService
	timeout time.Duration
}

var _ protocol = (*messages)(nil)

func newMessages(c Config, base *url.URL, hc *http.Client) *messages {
	opts := []option.RequestOption{
		option.WithoutEnvironmentDefaults(),
		option.WithBaseURL(strings.TrimSuffix(base.String(), "/") + "/"),
		option.WithHTTPClient(hc),
		option.WithMaxRetries(retries),
		option.WithMiddleware(normalizeFault),
	}
	if c.APIKey != "" {
		opts = append(opts, option.WithAPIKey(c.APIKey))
	}
	client := anthropic.NewClient(opts...)
	return &messages{client.Messages, client.Models, c.Timeout}
}

// send sends o. Without an explicit timeout the SDK refuses long answers that are
// not streamed.
func (m *messages) send(ctx context.Context, o *outgoing) (Response, error) {
	var res *http.Response
	opts := []option.RequestOption{option.WithRequestTimeout(m.timeout), option.WithResponseBodyInto(&res)}
	if o.stream {
		opts = append(opts, option.WithJSONSet("stream", true))
	}
	if _, err := m.service.New(ctx, messageParams(o), opts...); err != nil {
		return Response{}, messageError(err)
	}
	r := &messageReply{reply: newReply(o), citing: citing{on: o.cited}}
	return receive(ctx, res, r.addWhole, r.addEvent, r.end)
}

// A messageReply assembles a response from a message or from the events of one.
type messageReply struct {
	*reply
	citing
	message  anthropic.Message
	streamed bool
	complete bool // the end of the message has arrived
}

// addWhole adds a message that is not streamed.
func (r *messageReply) addWhole(b []byte) error {
	var top map[string]json.RawMessage
	if json.Unmarshal(b, &top) == nil && isErrorBody(top) {
		return parseAPIError(string(b))
	}
	if json.Unmarshal(b, &r.message) != nil || r.message.Type != "message" {
		return errNoCompletion
	}
	r.complete = true
	for _, block := range r.message.Content {
		if err := r.addBlock(block); err != nil {
			return err
		}
	}
	return nil
}

// addEvent adds an event of a stream and passes on its text.
func (r *messageReply) addEvent(e ssestream.Event) error {
	r.streamed = true
	if e.Type == "error" {
		return parseAPIError(string(e.Data))
	}
	var event anthropic.MessageStreamEventUnion
	if bytes.HasPrefix(e.Data, []byte("[DONE]")) {
		return io.EOF
	}
	if json.Unmarshal(e.Data, &event) != nil {
		return errNoCompletion
	}
	if event.Type == "error" {
		return parseAPIError(string(e.Data))
	}
	if event.Type == "ping" {
		return nil
	}
	if err := r.boundEvent(event); err != nil {
		return err
	}
	if err := r.message.Accumulate(event); err != nil {
		return errNoCompletion
	}
	switch event.Type {
	case "message_stop":
		r.complete = true
	case "content_block_delta":
		r.addQuote(anthropic.TextCitationUnion{DocumentIndex: event.Delta.Citation.DocumentIndex, CitedText: event.Delta.Citation.CitedText})
		return r.addText(event.Delta.Text)
	case "content_block_stop":
		return r.endText()
	}
	return nil
}

// boundEvent counts what the message accumulates besides its text.
func (r *messageReply) boundEvent(event anthropic.MessageStreamEventUnion) error {
	switch d := event.Delta; event.Type {
	case "content_block_start":
		return r.bound.addItem()
	case "content_block_delta":
		aside := d.Thinking + d.Citation.CitedText
		return r.bound.add(aside, aside, d.PartialJSON)
	}
	return nil
}

// addOthers adds the blocks that were not streamed.
func (r *messageReply) addOthers() error {
	r.bound = nil // they are counted
	if !r.streamed {
		return nil
	}
	for _, b := range r.message.Content {
		if b.Type != "text" {
			if err := r.addBlock(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// end returns the response after the body has ended with err.
func (r *messageReply) end(err error) (Response, error) {
	switch {
	case err != nil && !r.hasText():
		return Response{}, err
	case r.message.Type != "message":
		return Response{}, errNoCompletion
	case !r.complete && r.message.StopReason == "":
		r.message.StopReason = anthropic.StopReason(cutBy(err))
	}
	if err := errors.Join(r.endText(), r.addOthers()); err != nil {
		return Response{}, err
	}
	r.resp.Quotes = r.quotes
	return r.finishMessage(r.message)
}

// addBlock adds a part of the content.
func (r *messageReply) addBlock(b anthropic.ContentBlockUnion) error {
	switch b.Type {
	case "text":
		for _, c := range b.Citations {
			r.addQuote(c)
		}
		if err := r.addText(b.Text); err != nil {
			return err
		}
		return r.endText()
	case "thinking":
		return r.addReasoning(b.Thinking)
	case "tool_use":
		return r.addCall(len(r.resp.Calls), b.ID, b.Name, string(b.Input))
	}
	return nil
}

// finishMessage adds model, finish reason and usage to the response. input_tokens
// does not include cached tokens.
func (r *reply) finishMessage(m anthropic.Message) (Response, error) {
	u := m.Usage
	r.resp.Model = m.Model
	r.resp.FinishReason = finishReason(string(m.StopReason))
	r.resp.Usage = reported(Usage{
		PromptTokens:     int(u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens),
		CachedTokens:     int(u.CacheReadInputTokens),
		CompletionTokens: int(u.OutputTokens),
		ReasoningTokens:  int(u.OutputTokensDetails.ThinkingTokens),
		Calls:            1,
	})
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
	out := documentBlocks(m.Documents)
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
