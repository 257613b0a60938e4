package emulate

import (
	"slices"
	"strings"
)

// A thinking says where a model's reasoning shows.
type thinking int

const (
	none    thinking = iota // it answers at once
	counted                 // in the usage only
	field                   // in reasoning_content, beside the text
	marked                  // in the text, between <think> marks
)

// A sampling says what becomes of temperature, top_p and the penalties.
type sampling int

const (
	free    sampling = iota // they are used, within their ranges
	fixed                   // only the default is taken
	ignored                 // they are taken and change nothing
)

// A rules is what one model takes and gives, as its provider documents it. Lists
// are words between spaces.
type rules struct {
	name, dated, aliases string
	vendor               string
	context, output      int    // tokens: of prompt and output together; of output with reasoning
	input                int    // tokens of the prompt; 0 means what the context leaves
	roles                string // of messages
	limit                string // parameters that limit the output
	sampling             sampling
	efforts              string // values of reasoning_effort; empty if it is no parameter
	tools, schema        bool
	images, stream       bool
	shows                thinking
	thinks               int    // tokens of reasoning on a question of middling difficulty
	azure                string // the first api-version that has it; empty if every one does
}

const (
	early    = "user assistant"
	later    = "developer user assistant tool"
	anyRole  = "system developer user assistant tool"
	classic  = "system user assistant tool"
	newLimit = "max_completion_tokens"
	oldLimit = "max_tokens"
	levels   = "low medium high"
)

// table lists the models by the documentation of their providers: those until
// o3-mini and Claude 3.5 as of early 2025, the others as of 2025-12.
var table = []rules{
	{"o1-preview", "o1-preview-2024-09-12", "", "openai", 128_000, 32_768, 0, early, newLimit, fixed, "", false, false, false, false, counted, 1600, "2024-09-01-preview"},
	{"o1-mini", "o1-mini-2024-09-12", "", "openai", 128_000, 65_536, 0, early, newLimit, fixed, "", false, false, false, false, counted, 640, "2024-09-01-preview"},
	{"o1", "o1-2024-12-17", "", "openai", 200_000, 100_000, 0, later, newLimit, fixed, levels, true, true, true, false, counted, 640, "2024-12-01-preview"},
	{"o3-mini", "o3-mini-2025-01-31", "", "openai", 200_000, 100_000, 0, later, newLimit, fixed, levels, true, true, false, true, counted, 512, "2024-12-01-preview"},
	{"o3", "o3-2025-04-16", "", "openai", 200_000, 100_000, 0, anyRole, newLimit, fixed, levels, true, true, true, true, counted, 768, "2024-12-01-preview"},
	{"o4-mini", "o4-mini-2025-04-16", "", "openai", 200_000, 100_000, 0, anyRole, newLimit, fixed, levels, true, true, true, true, counted, 512, "2024-12-01-preview"},
	{"gpt-5", "gpt-5-2025-08-07", "", "openai", 400_000, 128_000, 272_000, anyRole, newLimit, fixed, "minimal " + levels, true, true, true, true, counted, 640, "2024-12-01-preview"},
	{"gpt-5-mini", "gpt-5-mini-2025-08-07", "", "openai", 400_000, 128_000, 272_000, anyRole, newLimit, fixed, "minimal " + levels, true, true, true, true, counted, 448, "2024-12-01-preview"},
	{"gpt-5-nano", "gpt-5-nano-2025-08-07", "", "openai", 400_000, 128_000, 272_000, anyRole, newLimit, fixed, "minimal " + levels, true, true, true, true, counted, 384, "2024-12-01-preview"},
	{"gpt-5.1", "gpt-5.1-2025-11-13", "", "openai", 400_000, 128_000, 272_000, anyRole, newLimit, fixed, "none " + levels, true, true, true, true, counted, 512, "2024-12-01-preview"},
	{"gpt-5.2", "gpt-5.2-2025-12-11", "", "openai", 400_000, 128_000, 272_000, anyRole, newLimit, fixed, "none " + levels + " xhigh", true, true, true, true, counted, 512, "2024-12-01-preview"},
	{"gpt-4o", "gpt-4o-2024-08-06", "", "openai", 128_000, 16_384, 0, anyRole, newLimit + " " + oldLimit, free, "", true, true, true, true, none, 0, ""},
	{"gpt-4o-mini", "gpt-4o-mini-2024-07-18", "", "openai", 128_000, 16_384, 0, anyRole, newLimit + " " + oldLimit, free, "", true, true, true, true, none, 0, ""},
	{"gpt-4.1", "gpt-4.1-2025-04-14", "", "openai", 1_047_576, 32_768, 0, anyRole, newLimit + " " + oldLimit, free, "", true, true, true, true, none, 0, ""},
	{"deepseek-reasoner", "deepseek-reasoner", "", "deepseek", 64_000, 8_192, 0, "system user assistant", oldLimit, ignored, "", false, false, false, true, field, 480, ""},
	{"deepseek-r1", "deepseek-r1", "", "hosted", 64_000, 8_192, 0, "system user assistant", oldLimit, free, "", false, false, false, true, marked, 480, ""},
	{"claude-3-5-sonnet", "claude-3-5-sonnet-20241022", "claude-3.5-sonnet claude-3-5-sonnet-latest", "anthropic", 200_000, 8_192, 0, early, oldLimit, free, "", true, false, true, true, none, 0, ""},
	{"claude-opus-4-1", "claude-opus-4-1-20250805", "", "anthropic", 200_000, 32_000, 0, early, oldLimit, free, "", true, false, true, true, none, 0, ""},
	{"claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "", "anthropic", 200_000, 64_000, 0, early, oldLimit, free, "", true, false, true, true, none, 0, ""},
	{"claude-haiku-4-5", "claude-haiku-4-5-20251001", "", "anthropic", 200_000, 64_000, 0, early, oldLimit, free, "", true, false, true, true, none, 0, ""},
	{"compatible", "", "", "hosted", 131_072, 131_072, 0, classic, oldLimit, free, "", false, false, false, true, none, 0, ""},
}

// released is when the models of the list were made, in Unix seconds.
const released = 1_726_099_200

// lookup returns the rules of a model by its name, dated name or alias.
func lookup(name string) (rules, bool) {
	for _, m := range table {
		if name != "" && (name == m.name || name == m.dated || has(m.aliases, name)) {
			return m, true
		}
	}
	return rules{}, false
}

// has reports whether a list of words between spaces has this one.
func has(list, word string) bool { return slices.Contains(strings.Fields(list), word) }
