package llm

import (
	"fmt"
)

const (
	// reservedTokens is the output of a reasoning model, reasoning included: OpenAI
	// advises to reserve so much as a start (late 2024). It is also the default limit,
	// and not the most that the model can write, because services count the whole limit
	// against an account's tokens per minute before the model writes anything: the
	// smallest paid accounts had 30 000 (2026). A model that uses it up is asked again
	// with a larger limit.
	reservedTokens = 25_000
	// defaultOutputTokens is the output limit of a model that does not reason first.
	defaultOutputTokens = 4_096
	// briefTokens is the output limit of a brief request, reasoning included; with low
	// effort a model uses some hundred tokens.
	briefTokens = 2_000
	// limitGrowth is the factor by which a limit that was too small grows.
	limitGrowth = 4
)

// budget returns the limit of the output, and the largest limit for a second request
// if that was too small. n is an upper bound of the prompt's tokens; exact counts
// them and is called only if that matters. asked is the user's limit, or 0.
func (p profile) budget(n int, exact func() int, asked int) (limit, most int, err error) {
	limit = defaultOutputTokens
	if p.reasoning {
		limit = reservedTokens
	}
	if asked > 0 {
		limit = asked
	}
	most = limit * limitGrowth
	if p.maxOutput > 0 {
		limit, most = min(limit, p.maxOutput), p.maxOutput
	}
	if p.context == 0 {
		return limit, most, nil
	}
	if n > p.context-most || p.maxInput > 0 && n > p.maxInput {
		n = exact()
	}
	needed := limit
	if p.reasoning {
		needed = min(limit, reservedTokens)
	}
	room := p.context - n
	if room < needed {
		return 0, 0, fmt.Errorf("%w: about %d of %d tokens leave less than %d for the answer", ErrTooLong, n, p.context, needed)
	}
	if p.maxInput > 0 && n > p.maxInput {
		return 0, 0, fmt.Errorf("%w: about %d tokens, more than the limit of %d", ErrTooLong, n, p.maxInput)
	}
	return min(limit, room), min(most, room), nil
}

// budget returns the limits of r by the profile and by what the service has said about
// its own limits.
func (c *Client) budget(r Request) (limit, most int, err error) {
	return c.profile.within(c.negotiated.snapshot()).budget(r.maxTokenCount(), func() int { return c.profile.countTokens(r) }, c.maxOutput)
}

// within returns the profile with the limits that the service has named, where they are
// smaller. Of a small context, the output gets at most half.
func (p profile) within(m refusedParams) profile {
	smaller := func(n, limit int) int {
		if n == 0 || limit > 0 && limit < n {
			return limit
		}
		return n
	}
	p.maxOutput = smaller(p.maxOutput, m.output)
	if m.context > 0 {
		p.context = smaller(p.context, m.context)
		p.maxOutput = smaller(p.maxOutput, max(1, p.context/2))
	}
	return p
}

// Fit checks r without sending it. It returns [ErrTooLong] if the model has no room
// to answer, and [ErrConfig] if the model's profile does not accept r.
func (c *Client) Fit(r Request) error {
	err := c.validate(r)
	if err == nil {
		_, _, err = c.budget(r)
	}
	if err != nil {
		return fmt.Errorf("llm: %s: %w", c.model, err)
	}
	return nil
}

// OutputLimit returns how many tokens the model may write in an answer, reasoning
// included, before it is asked again with a larger limit.
func (c *Client) OutputLimit() int {
	p := c.profile.within(c.negotiated.snapshot())
	p.context, p.maxInput = 0, 0 // without them, every prompt fits
	limit, _, err := p.budget(0, func() int { return 0 }, c.maxOutput)
	if err != nil {
		// Unreachable: without a context, every prompt fits.
		return 0
	}
	return limit
}
