package llm

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/citewell/citewell/internal/trace"
)

// A refusedParams holds what the server has refused and what it accepts.
type refusedParams struct {
	refused map[string]bool // parameters by their names in the API; roles are "role:developer" and "role:system"
	efforts []string        // values of the effort that it accepts, lowest first; nil if unknown
	output  int             // the largest limit of the output; 0 if unknown
	context int             // tokens of prompt and output together; 0 if unknown
	inline  bool            // the model has reasoned in its text without an opening mark
}

// negotiated holds the refused parameters of a Client: one base URL and model.
type negotiated struct {
	mu sync.Mutex
	refusedParams
}

// snapshot returns a copy.
func (l *negotiated) snapshot() refusedParams {
	l.mu.Lock()
	defer l.mu.Unlock()
	copied := l.refusedParams
	copied.refused = maps.Clone(l.refused)
	return copied
}

// setEfforts records the efforts that the server accepts.
func (l *negotiated) setEfforts(efforts []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.efforts = efforts
}

// setInline records that the model reasons in its text.
func (l *negotiated) setInline() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inline = true
}

// learn records what an allowance says about all requests.
func (l *negotiated) learn(a allowance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.lasting {
		l.output = a.output
	}
	if a.context > 0 {
		l.context = a.context
	}
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
// the refusal of another parameter or of a limit.
const maxAdaptations = 6

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

// negotiate sends the request, and repeats it in the way that the server accepts
// whenever its refusal tells one: by the other API, with a smaller limit or another
// effort, or without a parameter.
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
		resp, err := c.send(ctx, o)
		if err == nil {
			return c.finish(r, o, resp)
		}
		if n == maxAdaptations || !c.adapt(o, err) {
			return resp, err
		}
		limit = min(limit, o.maxOutput)
	}
}

// send sends one request.
func (c *Client) send(ctx context.Context, o *outgoing) (Response, error) {
	ctx, span := trace.Start(ctx, "model", trace.Client)
	span.Rename("chat " + o.model)
	span.Text(trace.Operation, "chat")
	span.Text(trace.Provider, traceName(c.provider.Name))
	span.Text(trace.Model, o.model)
	span.Number(trace.MaxTokens, o.maxOutput)
	span.Truth(trace.Streamed, o.stream)
	span.Peer(c.host)
	resp, err := c.protocolOf(o).send(ctx, o)
	span.Text(trace.ResponseModel, resp.Model)
	span.Texts(trace.FinishReasons, resp.FinishReason)
	if u := resp.Usage; !u.Unknown && u.PromptTokens+u.CompletionTokens > 0 {
		span.Number(trace.InputTokens, u.PromptTokens)
		span.Number(trace.CachedTokens, u.CachedTokens)
		span.Number(trace.OutputTokens, u.CompletionTokens)
		span.Number(trace.Reasoning, u.ReasoningTokens)
	}
	span.End(err)
	return resp, err
}

// traceName returns the name of a provider in OpenTelemetry's conventions.
func traceName(provider string) string {
	if provider == azureName {
		return "azure.ai.openai"
	}
	return provider
}

// adapt changes what is remembered of the server, and the limit of o, by the server's
// refusal of o. It reports whether the request can be repeated.
func (c *Client) adapt(o *outgoing, err error) bool {
	fact := c.refusedAPI(o, err)
	f, ok := errors.AsType[*apiError](err)
	if fact == "" && ok {
		if c.lowerLimit(o, f) {
			return true
		}
		if efforts := o.acceptedEfforts(f); efforts != nil {
			c.negotiated.setEfforts(efforts)
			c.log.Warn("use an effort that the server accepts", "model", c.model, "host", c.host, "refused", o.options.Effort, "accepted", efforts)
			return true
		}
		fact = o.refusedParam(f)
	}
	if fact == "" {
		return false
	}
	switch added := c.negotiated.add(fact); {
	case added && (fact == noChat || fact == noResponses):
		c.log.Warn("use the other API, since the server refuses this one", "model", c.model, "host", c.host, "refused", fact)
	case added:
		c.log.Warn("omit a parameter that the server refuses", "model", c.model, "host", c.host, "parameter", fact)
	}
	return true
}

// lowerLimit sets the limit of o to what the server allows, if that is why f refuses o
// and an answer fits. Then it reports true.
func (c *Client) lowerLimit(o *outgoing, f *apiError) bool {
	a, ok := f.allowed(o.maxOutput)
	if !ok {
		return false
	}
	c.negotiated.learn(a)
	if a.output >= o.maxOutput || a.output < leastOutput {
		return false
	}
	c.log.Warn("lower the limit of the output, which the server refuses", "model", c.model, "host", c.host, "limit", o.maxOutput, "next_limit", a.output)
	o.maxOutput = a.output
	return true
}
