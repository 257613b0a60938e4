package llm

import (
	"errors"
	"sync"
	"time"
)

// A State tells how the completions of a [Client] went.
type State struct {
	Asked         int       // completions that have ended
	Failed        int       // of these, the ones without a response
	Misconfigured int       // of these, the ones that failed because of wrong settings
	At            time.Time // when the last one ended; zero if there was none
	Err           error     // why the last one failed; nil if it did not; see [Advice]
}

// Name returns "unasked", "ok", or "failed" if the last completion failed.
func (s State) Name() string {
	switch {
	case s.Err != nil:
		return "failed"
	case s.Asked > 0:
		return "ok"
	}
	return "unasked"
}

// A state is a [State] that changes.
type state struct {
	mu sync.Mutex
	State
}

// record records the end of a completion. What a caller ended, or what a model could
// not write, says nothing about the service.
func (s *state) record(err error) {
	if _, ok := errors.AsType[*deltaError](err); ok || errors.Is(err, ErrNoText) || errors.Is(err, ErrTooLong) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Asked, s.At, s.Err = s.Asked+1, time.Now(), err
	if err != nil {
		s.Failed++
	}
	if errors.Is(err, ErrConfig) {
		s.Misconfigured++
	}
}

// State returns how c's completions went so far.
func (c *Client) State() State {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	s := c.state.State
	if s.Err != nil {
		s.Err = &callError{c.model, c.host, s.Err}
	}
	return s
}

// warnOfEnd logs that the model's vendor has stopped to sell it, or soon will.
func (c *Client) warnOfEnd() {
	date, past := end(c.model, time.Now())
	switch {
	case !c.atVendor || date == "":
	case past:
		c.log.Warn("the vendor has retired the model; choose another with --model", "model", c.model, "retired", date)
	default:
		c.log.Warn("the vendor will retire the model; choose another with --model", "model", c.model, "retires", date)
	}
}
