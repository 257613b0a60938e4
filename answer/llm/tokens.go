package llm

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// vocabulary returns o200k, that of OpenAI's models since gpt-4o. It is part of
// the program and read on first use, which takes a good second; most prompts are
// too short to need it.
var vocabulary = sync.OnceValue(func() *tiktoken.Tiktoken {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	t, err := tiktoken.GetEncoding(tiktoken.MODEL_O200K_BASE)
	if err != nil {
		panic("llm: the vocabulary is not in the program: " + err.Error()) // Unreachable: it is embedded.
	}
	return t
})

// pieceBytes is how much text is counted at once: the time for one word without
// end grows with its square. A cut may add a token.
const pieceBytes = 4096

// tokens counts the tokens of text, as OpenAI's models do or one more for each
// piece.
func tokens(text string) int {
	n := 0
	for len(text) > 0 {
		end := min(pieceBytes, len(text))
		for end < len(text) && end > pieceBytes-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		n += len(vocabulary().EncodeOrdinary(text[:end]))
		text = text[end:]
	}
	return n
}

const (
	// frameTokens is what stands around a message and a tool, generously.
	frameTokens = 16
	// imageTokens is the most that providers count for one image of the size that
	// they scale it to (OpenAI 1445, Anthropic about 1600; late 2024).
	imageTokens = 1_600
)

// parts calls count with each text of the request and adds what stands around.
func (r Request) parts(count func(string) int) int {
	n := frameTokens + count(r.Instructions)
	for _, m := range r.Messages {
		n += frameTokens + count(m.Text) + imageTokens*len(m.Images)
		for _, c := range m.Calls {
			n += frameTokens + count(c.Name) + count(string(c.Arguments))
		}
	}
	for _, t := range r.Tools {
		n += frameTokens + count(t.Name) + count(t.Description) + count(string(t.Parameters))
	}
	if r.Schema != nil {
		n += frameTokens + count(string(r.Schema.JSON))
	}
	return n
}

// bound returns a number of tokens that r does not exceed: a token covers at
// least a byte.
func (r Request) bound() int { return r.parts(func(s string) int { return len(s) }) }

// size counts the tokens of r. A vendor whose vocabulary is not ours may count a
// tenth more.
func (p profile) size(r Request) int {
	n := r.parts(tokens)
	if !p.ours {
		n += n / 10
	}
	return n
}

const (
	// reservedTokens is what a reasoning model must at least be left with; OpenAI
	// advises it to begin with (late 2024).
	reservedTokens = 25_000
	// plainTokens is the output asked of a model that does not reason first.
	plainTokens = 4_096
	// briefTokens is the most that a brief answer may take, reasoning included: with
	// little effort that is some hundred tokens.
	briefTokens = 2_000
	// enlarge is by how much the limit grows when it was too small.
	enlarge = 4
)

// budget returns the limit of the output, and the most that it may be when that
// was not enough. The prompt has no more tokens than n; exact counts them, if
// that matters. asked is the user's own limit, or 0.
func (p profile) budget(n int, exact func() int, asked int) (limit, most int, err error) {
	limit = plainTokens
	if p.reasoning {
		limit = p.maxOutput
	}
	if asked > 0 {
		limit = asked
	}
	most = limit * enlarge
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
	return c.profile.budget(r.bound(), func() int { return c.profile.size(r) }, c.maxOutput)
}

// Fit says without sending anything whether r is taken and leaves the model room
// to answer: [ErrTooLong] if not, [ErrConfig] if the model's profile does not take
// it.
func (c *Client) Fit(r Request) error {
	err := c.check(r)
	if err == nil {
		_, _, err = c.budget(r)
	}
	if err != nil {
		return fmt.Errorf("llm: %s: %w", c.model, err)
	}
	return nil
}
