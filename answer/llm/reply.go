package llm

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// A reply assembles a response from its parts.
type reply struct {
	resp          Response
	reasoningText strings.Builder
	visible       strings.Builder
	held          string // after the visible text so far; added if more text follows
	split         splitter
	delta         func(string) error // may be nil
	bound         *bound
}

func newReply(o *outgoing) *reply {
	r := &reply{split: splitter{maybeUnopened: o.maybeUnopened, reasons: o.inlineReasoning}, bound: newBound(o.maxOutput)}
	r.resp.Usage = reported(Usage{Calls: 1})
	if o.stream {
		r.delta = o.delta
	}
	return r
}

// addContent adds a piece of content, which may hold inline reasoning.
func (r *reply) addContent(piece string) error {
	thought, text := r.split.push(piece)
	if err := r.bound.add(piece, thought, text); err != nil {
		return err
	}
	r.reasoningText.WriteString(thought)
	return r.write(text)
}

// addReasoning adds a piece of reasoning from a field of its own.
func (r *reply) addReasoning(piece string) error {
	if piece == "" {
		return nil
	}
	if err := r.bound.add(piece, piece, ""); err != nil {
		return err
	}
	r.reasoningText.WriteString(piece)
	return r.write(r.split.noInlineReasoning())
}

// write adds visible text without the white space and the tokens around the whole, so
// that the streamed pieces add up to Response.Text.
func (r *reply) write(text string) error {
	if r.visible.Len() == 0 && r.held == "" {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	if strings.TrimSpace(text) == "" {
		r.held += text
		return nil
	}
	text = r.held + text
	out := text[:tail.FindStringIndex(text)[0]]
	r.held = text[len(out):]
	return r.show(out)
}

// show adds visible text.
func (r *reply) show(out string) error {
	if out == "" {
		return nil
	}
	r.visible.WriteString(out)
	if r.delta == nil {
		return nil
	}
	return r.delta(out)
}

// hasText reports whether visible text has arrived.
func (r *reply) hasText() bool { return r.visible.Len() > 0 || r.split.holdsText() }

// end returns the complete response.
func (r *reply) end() (Response, error) {
	thought, text := r.split.end(r.resp.FinishReason == finishLength || r.resp.FinishReason == finishCut)
	r.reasoningText.WriteString(thought)
	err := r.write(text)
	if rest := endings.ReplaceAllString(r.held, ""); err == nil && rest != "" {
		err = r.show(rest)
	}
	r.resp.Text, r.resp.Reasoning = r.visible.String(), strings.TrimSpace(r.reasoningText.String())
	if r.resp.Refusal != "" { // also where some text came before
		r.resp.Text = ""
	}
	return r.resp, err
}

// addRefusal adds a piece of a refusal.
func (r *reply) addRefusal(piece string) error {
	r.resp.Refusal += piece
	return r.bound.add("", "", piece)
}

// addCall adds a piece of the call at the index. The first piece has the id and the
// name.
func (r *reply) addCall(index int, id, name, arguments string) error {
	if index < 0 || index > len(r.resp.Calls) {
		return fmt.Errorf("%w: tool call %d comes out of order", errNoCompletion, index)
	}
	if err := r.bound.add("", "", arguments); err != nil {
		return err
	}
	if index == len(r.resp.Calls) {
		if err := r.bound.addItem(); err != nil {
			return err
		}
		r.resp.Calls = append(r.resp.Calls, Call{})
	}
	c := &r.resp.Calls[index]
	c.ID, c.Name = c.ID+id, c.Name+name
	c.Arguments = append(c.Arguments, arguments...)
	return nil
}

// raw returns JSON unchanged, or nil if it is empty.
func raw(s string) json.RawMessage {
	if s == "" || s == "null" || s == "{}" || s == "[]" {
		return nil
	}
	return json.RawMessage(s)
}

// finish converts the response to what the request asked for, and passes its text
// to Delta unless it was streamed.
func (c *Client) finish(r Request, o *outgoing, resp Response) (Response, error) {
	switch {
	case o.force != "" && len(resp.Calls) > 0:
		resp.Text, resp.Calls = string(resp.Calls[0].Arguments), nil
		if resp.FinishReason == "tool_calls" {
			resp.FinishReason = "stop"
		}
	case r.Schema != nil && o.schema == nil:
		resp.Text = stripFence(resp.Text)
	case len(r.Tools) > 0 && len(o.tools) == 0:
		if call, ok := parseTextCall(resp.Text, r.Tools); ok {
			resp.Text, resp.Calls, resp.FinishReason = "", []Call{call}, "tool_calls"
		}
	}
	if o.stream && holdsThinkEnd(resp.Text) { // it has been shown; the next text is held back
		c.negotiated.setInline()
	}
	for i, call := range resp.Calls {
		if len(call.Arguments) == 0 {
			resp.Calls[i].Arguments = json.RawMessage("{}")
		}
	}
	if resp.Model == "" {
		resp.Model = c.model
	}
	if r.Delta == nil || o.stream || resp.Text == "" {
		return resp, nil
	}
	return resp, r.Delta(resp.Text)
}
