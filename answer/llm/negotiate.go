package llm

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A refusedParams holds the parameters that the server has refused, by their names
// in the API. Roles are "role:developer" and "role:system".
type refusedParams struct{ refused map[string]bool }

// negotiated holds the refused parameters of a Client: one base URL and model.
type negotiated struct {
	mu sync.Mutex
	refusedParams
}

// snapshot returns a copy.
func (l *negotiated) snapshot() refusedParams {
	l.mu.Lock()
	defer l.mu.Unlock()
	return refusedParams{maps.Clone(l.refused)}
}

// add records a refused parameter and reports whether it is new.
func (l *negotiated) add(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused[name] {
		return false
	}
	if l.refused == nil {
		l.refused = make(map[string]bool)
	}
	l.refused[name] = true
	return true
}

// maxAdaptations bounds how often one request is repeated. Each repetition follows
// the refusal of another parameter.
const maxAdaptations = 4

// droppable are the parameters that a request can do without.
var droppable = []string{"temperature", "top_p", "presence_penalty", "frequency_penalty", "reasoning_effort"}

// dropped returns the droppable parameters that are refused.
func (m refusedParams) dropped() []string {
	return slices.DeleteFunc(slices.Clone(droppable), func(name string) bool { return !m.refused[name] })
}

// limitField returns the field that limits the output: the profile's, or the other
// one if that is refused. last reports whether there is no further field to try.
func (m refusedParams) limitField(usual string) (field string, last bool) {
	other := maxTokens
	if usual == maxTokens {
		other = maxCompletionTokens
	}
	if m.refused[usual] && !m.refused[other] {
		return other, true
	}
	return usual, m.refused[other]
}

// instructionRole returns the role of the instructions: the profile's, else the
// other of developer and system, else "", which puts them before the user's message.
func (m refusedParams) instructionRole(usual string) string {
	if usual == "" {
		return ""
	}
	other := developer
	if usual == developer {
		other = system
	}
	for _, r := range []string{usual, other} {
		if !m.refused["role:"+r] {
			return r
		}
	}
	return ""
}

// messageRole matches the parameter that is the role of a message.
var messageRole = regexp.MustCompile(`^messages\[(\d+)\]\.role$`)

// refusedParam returns the parameter that f refuses and that the request can be
// repeated without; "" if there is none.
func (o *outgoing) refusedParam(f *apiError) string {
	if f.status == 400 && o.carryReasoning && strings.HasPrefix(f.param, "include") {
		return "include" // "Encrypted content is not supported with this model" has no code
	}
	if f.status != 400 || f.code != "unsupported_parameter" && f.code != "unsupported_value" {
		return ""
	}
	root, _, _ := strings.Cut(f.param, ".")
	switch {
	case f.param == o.limit && !o.lastLimit, f.param == "stream" && o.stream, f.param == "stream_options" && o.stream && !o.omitUsage, o.hasDroppable(f.param):
		return f.param
	case root == "response_format" && o.schema != nil:
		return "response_format"
	case (root == "tools" || strings.HasPrefix(root, "tools[") || root == "tool_choice") && len(o.tools) > 0:
		return "tools"
	}
	if m := messageRole.FindStringSubmatch(f.param); m != nil && o.role != "" && o.instructions != "" {
		if i, err := strconv.Atoi(m[1]); err == nil && i == 0 { // the instructions are the first message
			return "role:" + o.role
		}
	}
	return ""
}

// hasDroppable reports whether o has the droppable parameter of that name.
func (o *outgoing) hasDroppable(name string) bool {
	if name == "reasoning_effort" {
		return o.options.Effort != ""
	}
	return slices.Contains(droppable, name) && slices.ContainsFunc(o.options.settings(), func(s setting) bool { return s.name == name && s.given })
}

// negotiate sends the request, and repeats it without each parameter that the
// server refuses.
func (c *Client) negotiate(ctx context.Context, r Request, limit int, effort string) (Response, error) {
	if delta := r.Delta; delta != nil {
		r.Delta = func(text string) error {
			if err := delta(text); err != nil {
				return &deltaError{err}
			}
			return nil
		}
	}
	for n := 0; ; n++ { // at most maxAdaptations times
		o := c.prepare(r, limit, effort)
		resp, err := c.protocolOf(o).send(ctx, o)
		if err == nil {
			return c.finish(r, o, resp)
		}
		refused := c.refusedAPI(o, err)
		if f, ok := errors.AsType[*apiError](err); ok && refused == "" {
			refused = o.refusedParam(f)
		}
		if refused == "" || n == maxAdaptations {
			return resp, err
		}
		if c.negotiated.add(refused) {
			c.log.Warn("omit a parameter that the server refuses", "model", c.model, "host", c.host, "parameter", refused)
		}
	}
}
