package llm

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// An order is a request as it is to be sent, before it takes the form of a
// protocol.
type order struct {
	model        string
	instructions string // in role; "" if there are none, or they went into a message
	role         string
	messages     []Message
	maxOutput    int
	limit        string // name of the field that holds maxOutput
	lastLimit    bool   // its other name is refused
	options      Options
	tools        []Tool
	force        string // the tool that must be called; "" if the model is free
	schema       *Schema
	stream       bool
	noUsage      bool // the stream does not take the wish for usage
	delta        func(string) error
	inline       bool // reasoning may stand in the content, even without its first mark
}

// A wire speaks one protocol.
type wire interface {
	// send sends o and returns what came back. With o.stream it calls o.delta. If
	// a stream breaks off, the Response holds what came and its FinishReason is
	// "cut". An error of HTTP is a [*fault].
	send(ctx context.Context, o *order) (Response, error)
}

// toolName is what OpenAI and Anthropic take as the name of a tool or a schema.
var toolName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// check refuses what the model's profile does not take.
func (c *Client) check(r Request) error {
	p := c.profile
	if len(r.Messages) == 0 {
		return fmt.Errorf("%w: the request has no message", ErrConfig)
	}
	if len(r.Tools) > 0 && !p.tools {
		return fmt.Errorf("%w: profile %s has no tools; choose another model with --model", ErrConfig, p.name)
	}
	for _, t := range r.Tools {
		if !toolName.MatchString(t.Name) {
			return fmt.Errorf("%w: a tool's name holds other than letters, digits, _ and -", ErrConfig)
		}
	}
	if s := r.Schema; s != nil {
		switch {
		case p.schema == noSchema:
			return fmt.Errorf("%w: profile %s has no structured outputs; choose another model with --model", ErrConfig, p.name)
		case !toolName.MatchString(s.Name):
			return fmt.Errorf("%w: the schema's name holds other than letters, digits, _ and -", ErrConfig)
		case p.schema == asToolCall && len(r.Tools) > 0:
			return fmt.Errorf("%w: profile %s takes tools or a schema, not both", ErrConfig, p.name)
		}
		if err := tooOld(c.apiVersion, p.azure.schema, "structured outputs with profile "+p.name); err != nil {
			return err
		}
	}
	return c.checkMessages(r.Messages)
}

func (c *Client) checkMessages(messages []Message) error {
	for _, m := range messages {
		switch {
		case m.Role != RoleUser && m.Role != RoleAssistant && m.Role != RoleTool:
			return fmt.Errorf("%w: a message has the role %q", ErrConfig, m.Role)
		case (m.Role == RoleTool || len(m.Calls) > 0) && !c.profile.tools:
			return fmt.Errorf("%w: profile %s has no tools; choose another model with --model", ErrConfig, c.profile.name)
		case len(m.Images) > 0 && !c.profile.images:
			return fmt.Errorf("%w: profile %s does not see images; choose another model with --model", ErrConfig, c.profile.name)
		case len(m.Images) > 0 && m.Role != RoleUser:
			return fmt.Errorf("%w: only a user's message has images", ErrConfig)
		}
		for _, image := range m.Images {
			if _, _, ok := dataURI(image); !ok && !strings.HasPrefix(image, "https://") {
				return fmt.Errorf("%w: an image is neither an https address nor a data URI such as data:image/png;base64,…", ErrConfig)
			}
		}
	}
	return nil
}

// dataURI returns the type and the base64 of an image's data URI.
func dataURI(s string) (mediaType, data string, ok bool) {
	rest, ok := strings.CutPrefix(s, "data:")
	if !ok {
		return "", "", false
	}
	mediaType, data, ok = strings.Cut(rest, ";base64,")
	return mediaType, data, ok && strings.HasPrefix(mediaType, "image/") && data != ""
}

// order forms the request by the profile and by what its server has refused.
func (c *Client) order(r Request, maxOutput int, effort string) *order {
	p, m := c.profile, c.learned.now()
	o := &order{
		model: c.model, instructions: r.Instructions, role: m.role(p.instruct), messages: r.Messages,
		maxOutput: maxOutput, options: c.options, tools: r.Tools, delta: r.Delta,
		stream: r.Delta != nil && p.stream != no && !m.refused["stream"], noUsage: m.refused["stream_options"], inline: p.inline,
	}
	o.limit, o.lastLimit = m.limit(p.limit)
	o.options.Effort = effort
	o.options = o.options.without(m.dropped())
	if len(o.tools) == 0 {
		o.options.ParallelToolCalls = nil // it is refused without tools
	}
	if s := r.Schema; s != nil {
		switch {
		case m.refused["response_format"] || p.schema == asToolCall && m.refused["tools"]:
			o.messages = spellSchema(o.messages, s)
		case p.schema == asToolCall:
			o.tools, o.force = []Tool{{Name: s.Name, Description: "Gives the answer in its form.", Parameters: s.JSON}}, s.Name
			o.stream = false // its text comes as a call
		default:
			o.schema = s
		}
	}
	if len(r.Tools) > 0 && m.refused["tools"] {
		o.messages, o.tools, o.stream = spellTools(o.messages, r.Tools), nil, false // calls come as text
		o.options.ParallelToolCalls = nil
	}
	if o.instructions != "" && o.role == "" {
		o.messages = prefixed(o.messages, o.instructions)
		o.instructions = ""
	}
	return o
}

// prefixed returns messages with text in front of the first user message.
func prefixed(messages []Message, text string) []Message {
	out := append([]Message(nil), messages...)
	for i, m := range out {
		if m.Role == RoleUser {
			out[i].Text = text + "\n\n" + m.Text
			return out
		}
	}
	return append(User(text), out...)
}
