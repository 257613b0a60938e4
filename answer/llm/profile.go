package llm

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openai/openai-go/v3"
)

// A profile is what a model takes and gives, by its provider's documentation of
// late 2024. No model is sent sampling parameters, tools or other roles.
type profile struct {
	name      string
	context   int // tokens of prompt and output together; 0 if unknown
	maxOutput int // tokens, reasoning included; 0 if unknown
	reasoning bool
	limit     func(*openai.ChatCompletionNewParams, int64) // sets the field that limits the output
}

// profiles is the table of the models that are known.
var profiles = []profile{
	{"o1-preview", 128_000, 32_768, true, maxCompletionTokens},
	{"o1-mini", 128_000, 65_536, true, maxCompletionTokens},
	{"o1", 200_000, 100_000, true, maxCompletionTokens},
	{"o3-mini", 200_000, 100_000, true, maxCompletionTokens},
	{"gpt-4o", 128_000, 16_384, false, maxTokens},
	{"gpt-4o-mini", 128_000, 16_384, false, maxTokens},
	{"deepseek-r1", 64_000, 8_192, true, maxTokens},
	{"deepseek-reasoner", 64_000, 8_192, true, maxTokens},
}

// compatible is the profile of a model that is not known, behind an
// OpenAI-compatible API.
var compatible = profile{name: "compatible", limit: maxTokens}

func maxTokens(p *openai.ChatCompletionNewParams, n int64) { p.MaxTokens = openai.Int(n) }

func maxCompletionTokens(p *openai.ChatCompletionNewParams, n int64) {
	p.MaxCompletionTokens = openai.Int(n)
}

// version is what stands behind the name of a model: a date or a tag.
var version = regexp.MustCompile(`(-\d{4}-\d{2}-\d{2}|-\d{8}|-latest)?(:[\w.-]+)?$`)

// profileOf returns the profile of a model by name. Case, the provider in front
// and the version behind don't matter: openai/o1-2024-12-17 is an o1.
func profileOf(model string) profile {
	name := strings.ToLower(model[strings.LastIndex(model, "/")+1:])
	name = strings.TrimSuffix(name, version.FindString(name))
	for _, p := range profiles {
		if p.name == name {
			return p
		}
	}
	return compatible
}

const (
	// reservedTokens is what a reasoning model must at least be left with; the
	// provider advises it to begin with.
	reservedTokens = 25_000
	// plainTokens is the output asked of a model that does not reason first.
	plainTokens = 4_096
)

// budget returns the limit of the output for a prompt of n tokens; asked is the
// user's own limit, or 0.
func (p profile) budget(n, asked int) (int, error) {
	limit := plainTokens
	if p.reasoning {
		limit = p.maxOutput
	}
	if asked > 0 {
		limit = asked
	}
	if p.maxOutput > 0 {
		limit = min(limit, p.maxOutput)
	}
	if p.context == 0 {
		return limit, nil
	}
	least := limit
	if p.reasoning {
		least = min(limit, reservedTokens)
	}
	room := p.context - n
	if room < least {
		return 0, fmt.Errorf("%w: about %d tokens of %d leave less than %d to answer; use a smaller -k", ErrTooLong, n, p.context, least)
	}
	return min(limit, room), nil
}

// tokens estimates how many tokens text has: not less than it really has if the
// characters are of everyday use, and about double for English prose. Tests
// compare it with the o200k vocabulary, which is not compiled in: it would add
// megabytes to the binary, to save room that no prompt of ours needs.
func tokens(text string) int {
	n := 16 // the message's own frame
	var before rune
	run := 0 // characters of the same class so far
	for _, r := range text {
		class := classOf(r)
		if class != before {
			run = 0
		}
		before = class
		switch {
		case r == ' ': // goes with the word behind it
		case class != 0: // a pair is a token at most, also in keys and hashes
			n += 1 - run%2
			run++
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			n += 2
		default:
			n += utf8.RuneLen(r) // the vocabulary has every byte
		}
	}
	return n
}

// classOf returns 'a', 'A' or '0' for an ASCII letter or digit, else 0.
func classOf(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return 'a'
	case r >= 'A' && r <= 'Z':
		return 'A'
	case r >= '0' && r <= '9':
		return '0'
	}
	return 0
}
