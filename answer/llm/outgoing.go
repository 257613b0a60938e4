package llm

import (
	"context"
)

// An outgoing is a request as it will be sent, before it is converted to a protocol.
type outgoing struct {
	model           string
	instructions    string // in role; "" if there are none or they are part of a message
	role            string
	messages        []Message
	maxOutput       int
	limit           string // name of the field that holds maxOutput
	lastLimit       bool   // the server refuses the other name
	options         Options
	tools           []Tool
	force           string // the tool that must be called; "" if the model decides
	schema          *Schema
	stream          bool
	omitUsage       bool // the server refuses stream_options
	delta           func(string) error
	viaResponses    bool // the Responses API is asked
	carryReasoning  bool // the encrypted reasoning of calls is asked for
	inlineReasoning bool // the model is known to reason in its text
	maybeUnopened   bool // the content may hold reasoning without its opening mark
	cited           bool // the messages are those of Request.Cited
}

// A protocol is a client of one protocol.
type protocol interface {
	// send sends o and returns the response. With o.stream it calls o.delta. If a
	// stream breaks off, the Response holds the part that arrived and its
	// FinishReason is "cut". An HTTP error is an [*apiError].
	send(ctx context.Context, o *outgoing) (Response, error)
}

// prepare returns the request that fits the profile and what the server has refused.
func (c *Client) prepare(r Request, maxOutput int, effort string) *outgoing {
	p, m := c.profile, c.negotiated.snapshot()
	viaResponses := c.viaResponses(r, effort, m)
	if !viaResponses {
		effort = c.chatEffort(r, effort, m)
	}
	o := &outgoing{
		model: c.model, instructions: r.Instructions, role: m.instructionRole(p.instructionRole), messages: r.Messages,
		maxOutput: maxOutput, options: c.options, tools: r.Tools, delta: r.Delta,
		stream: r.Delta != nil && p.stream != no && !m.refused["stream"], omitUsage: m.refused["stream_options"], inlineReasoning: p.inlineReasoning || m.inline || reasonsInline(c.model),
		viaResponses: viaResponses, carryReasoning: viaResponses && p.mayReason() && len(r.Tools) > 0 && !m.refused["tools"] && !m.refused[itemsParam],
	}
	o.maybeUnopened = o.inlineReasoning || !o.stream && p.name == compatible.name // without a stream, to wait costs nothing
	if c.cites(r, m) {
		o.messages, o.cited = r.Cited, true
	}
	o.limit, o.lastLimit = m.limitField(p.limit)
	o.options.Effort = m.nearestEffort(effort)
	o.options = o.options.without(m.dropped())
	if len(o.tools) == 0 {
		o.options.ParallelToolCalls = nil // services refuse it without tools
	}
	if m.refused[itemsParam] {
		o.messages = withoutItems(o.messages)
	}
	if s := r.Schema; s != nil {
		switch {
		case m.refused["response_format"] || p.schema == asToolCall && m.refused["tools"]:
			o.messages = schemaAsText(o.messages, s)
		case p.schema == asToolCall:
			o.tools, o.force = []Tool{{Name: s.Name, Description: "Gives the answer in its form.", Parameters: s.JSON}}, s.Name
			o.stream = false // the text arrives as a tool call
		default:
			o.schema = s
		}
	}
	if len(r.Tools) > 0 && m.refused["tools"] {
		o.messages, o.tools, o.stream = toolsAsText(o.messages, r.Tools), nil, false // calls arrive as text
		o.options.ParallelToolCalls = nil
	}
	if o.instructions != "" && o.role == "" {
		o.messages = prependToFirst(o.messages, o.instructions)
		o.instructions = ""
	}
	return o
}

// prependToFirst returns messages with text before the first user message.
func prependToFirst(messages []Message, text string) []Message {
	out := append([]Message(nil), messages...)
	for i, m := range out {
		if m.Role == RoleUser {
			out[i].Text = text + "\n\n" + m.Text
			return out
		}
	}
	return append(User(text), out...)
}
