package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"
)

// retries is how often the SDKs repeat a request after a rate limit, a failure of
// the provider or a failed connection. They wait as long as Retry-After says, else
// longer each time, with jitter.
const retries = 2

// A circuit rejects requests for a while after several failures in a row, so that
// the fallback need not wait for the next failure.
type circuit = *gobreaker.CircuitBreaker[Response]

const (
	failuresToOpen = 5 // each with its retries
	openFor        = 30 * time.Second
)

func newCircuit(model string, log *slog.Logger) circuit {
	return gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Timeout:      openFor,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresToOpen },
		IsSuccessful: func(err error) bool { return !isTransient(err) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			log.Warn("model circuit", "model", model, "from", from.String(), "to", to.String())
		},
	})
}

// isTransient reports whether err is a temporary failure of the service.
func isTransient(err error) bool {
	if f, ok := errors.AsType[*apiError](err); ok {
		return f.isTransient()
	}
	_, fromCaller := errors.AsType[*deltaError](err)
	return err != nil && !fromCaller && !isTokenError(err) && !errors.Is(err, errNoCompletion)
}

// A deltaError is an error that Request.Delta returned.
type deltaError struct{ error }

// ask sends the request through the circuit.
func (c *Client) ask(ctx context.Context, r Request, limit int, effort string) (Response, error) {
	resp, err := c.circuit.Execute(func() (Response, error) {
		resp, err := c.negotiate(ctx, r, limit, effort)
		if why := lostPatience(ctx); err != nil && why != nil {
			err = why // and not that the context was canceled
		}
		return resp, err
	})
	switch {
	case err == nil:
		return resp, nil
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return resp, fmt.Errorf("%s failed %d times in a row; it is asked again after %s", c.host, failuresToOpen, openFor)
	}
	if _, ok := errors.AsType[*deltaError](err); ok {
		return resp, err
	}
	if f, ok := errors.AsType[*apiError](err); ok && f.code == "content_filter" {
		resp = Response{Model: c.model, FinishReason: f.code, PromptFilter: raw(string(f.filter))}
	}
	if r.hasImages() && refusesImages(err) {
		c.negotiated.add(noImages)
		return resp, c.errNoImages()
	}
	err = c.explain(err)
	if errors.Is(err, errNoSuchModel) {
		err = c.nameOthers(ctx, err)
	}
	return resp, err
}
