package llm

import (
	"fmt"
)

const (
	// reservedTokens is what a reasoning model must at least be left with; OpenAI
	// advises it to begin with (late 2024).
	reservedTokens = 25_000
	// defaultOutputTokens is the output asked of a model that does not reason first.
	defaultOutputTokens = 4_096
	// briefTokens is the most that a brief answer may take, reasoning included: with
	// little effort that is some hundred tokens.
	briefTokens = 2_000
	// limitGrowth is by how much the limit grows when it was too small.
	limitGrowth = 4
)

// budget returns the limit of the output, and the most that it may be when that
// was not enough. The prompt has no more tokens than n; exact counts them, if
// that matters. asked is the user's own limit, or 0.
func (p profile) budget(n int, exact func() int, asked int) (limit, most int, err error) {
	limit = defaultOutputTokens
	if p.reasoning {
		limit = p.maxOutput
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
	least := limit
	if p.reasoning {
		least = min(limit, reservedTokens)
	}
	room := p.context - n
	if room < least {
		return 0, 0, fmt.Errorf("%w: about %d tokens of %d leave less than %d to answer", ErrTooLong, n, p.context, least)
	}
	if p.maxInput > 0 && n > p.maxInput {
		return 0, 0, fmt.Errorf("%w: about %d tokens, more than the %d of a prompt", ErrTooLong, n, p.maxInput)
	}
	return min(limit, room), min(most, room), nil
}

func (c *Client) budget(r Request) (limit, most int, err error) {
	return c.profile.budget(r.maxTokenCount(), func() int { return c.profile.countTokens(r) }, c.maxOutput)
}

// Fit says without sending anything whether r is taken and leaves the model room
// to answer: [ErrTooLong] if not, [ErrConfig] if the model's profile does not take
// it.
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
