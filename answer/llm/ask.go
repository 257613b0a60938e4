package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/citewell/citewell/internal/entra"
)

// retries is how often the SDKs repeat a request that was limited, failed on the
// provider's side or was not connected. They wait as Retry-After says, else
// longer each time and never equally long.
const retries = 2

// A circuit keeps requests back for a while after several failed in a row, so
// that what stands in for the model need not wait for the next failure.
type circuit = *gobreaker.CircuitBreaker[Response]

const (
	failuresToOpen = 5 // each with its retries
	openFor        = 30 * time.Second
)

func newCircuit(model string, log *slog.Logger) circuit {
	return gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Timeout:      openFor,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresToOpen },
		IsSuccessful: func(err error) bool { return !passing(err) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			log.Warn("model circuit", "model", model, "from", from.String(), "to", to.String())
		},
	})
}

// passing reports whether err is a failure of the service that may pass.
func passing(err error) bool {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.status == 0 || f.status == http.StatusTooManyRequests || f.status >= 500
	}
	_, fromCaller := errors.AsType[*deltaError](err)
	_, noToken := errors.AsType[*entra.TokenError](err)
	return err != nil && !fromCaller && !noToken && !errors.Is(err, errNoCompletion)
}

// A deltaError is one that Request.Delta returned.
type deltaError struct{ error }

// ask sends the request through the circuit.
func (c *Client) ask(ctx context.Context, r Request, limit int, effort string) (Response, error) {
	resp, err := c.circuit.Execute(func() (Response, error) { return c.negotiate(ctx, r, limit, effort) })
	switch {
	case err == nil:
		return resp, nil
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return resp, fmt.Errorf("%s failed %d times in a row; it is asked again after %s", c.host, failuresToOpen, openFor)
	}
	if _, ours := errors.AsType[*deltaError](err); ours {
		return resp, err
	}
	if f, ok := errors.AsType[*fault](err); ok && f.code == "content_filter" {
		resp = Response{Model: c.model, FinishReason: f.code, PromptFilter: raw(string(f.filter))}
	}
	return resp, c.explain(err)
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
		o := c.order(r, limit, effort)
		resp, err := c.wire.send(ctx, o)
		if err == nil {
			return c.finish(r, o, resp)
		}
		f, ok := errors.AsType[*fault](err)
		if !ok || n == maxAdaptations {
			return resp, err
		}
		refused := o.refusal(f)
		if refused == "" {
			return resp, err
		}
		if c.learned.note(refused) {
			c.log.Warn("the server refuses a parameter; do without", "model", c.model, "host", c.host, "parameter", refused)
		}
	}
}

// finish gives the response the form that the request asked for, and hands on
// its text if that was not streamed.
func (c *Client) finish(r Request, o *order, resp Response) (Response, error) {
	switch {
	case o.force != "" && len(resp.Calls) > 0:
		resp.Text, resp.Calls = string(resp.Calls[0].Arguments), nil
		if resp.FinishReason == "tool_calls" {
			resp.FinishReason = "stop"
		}
	case r.Schema != nil && o.schema == nil:
		resp.Text = unfenced(resp.Text)
	case len(r.Tools) > 0 && len(o.tools) == 0:
		if call, ok := readCall(resp.Text, r.Tools); ok {
			resp.Text, resp.Calls, resp.FinishReason = "", []Call{call}, "tool_calls"
		}
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
