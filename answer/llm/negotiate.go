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

// A refusedParams is what the server has refused of a model, by the parameters' names
// in the API. Roles are "role:developer" and "role:system".
type refusedParams struct{ refused map[string]bool }

// negotiated is the memory of a Client, and so of one base URL and model.
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

// add remembers a refusal, and reports whether it is news.
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

// maxAdaptations bounds the repetitions of one request. Each answers a refusal
// of another parameter, since none is sent again.
const maxAdaptations = 4

// droppable are the parameters that a request also works without.
var droppable = []string{"temperature", "top_p", "presence_penalty", "frequency_penalty", "reasoning_effort"}

// dropped returns those of them that are refused.
func (m refusedParams) dropped() []string {
	return slices.DeleteFunc(slices.Clone(droppable), func(name string) bool { return !m.refused[name] })
}

// limitField returns the field that limits the output: the other one where the
// profile's is refused.
// last says that there is no other left to try.
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

// instructionRole returns the role of instructions: the profile's, else the other of
// developer and system, else "", which is in front of the user's message.
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

// messageRole matches the parameter that names the role of a message.
var messageRole = regexp.MustCompile(`^messages\[(\d+)\]\.role$`)

// refusedParam returns under which name a fault is to be remembered, so that the
// request can be repeated in another way; "" if it can't.
func (o *outgoing) refusedParam(f *apiError) string {
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
		if i, err := strconv.Atoi(m[1]); err == nil && i == 0 { // ours is the first
			return "role:" + o.role
		}
	}
	return ""
}

// hasDroppable reports whether o holds a parameter that it also works without.
func (o *outgoing) hasDroppable(name string) bool {
	if name == "reasoning_effort" {
		return o.options.Effort != ""
	}
	return slices.Contains(droppable, name) && slices.ContainsFunc(o.options.settings(), func(s setting) bool { return s.name == name && s.given })
}

// negotiate sends the request, and again in another way for each parameter that
// the server refuses.
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
		resp, err := c.protocol.send(ctx, o)
		if err == nil {
			return c.finish(r, o, resp)
		}
		f, ok := errors.AsType[*apiError](err)
		if !ok || n == maxAdaptations {
			return resp, err
		}
		refused := o.refusedParam(f)
		if refused == "" {
			return resp, err
		}
		if c.negotiated.add(refused) {
			c.log.Warn("the server refuses a parameter; do without", "model", c.model, "host", c.host, "parameter", refused)
		}
	}
}
