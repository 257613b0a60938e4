package emulate

import (
	"cmp"
	"slices"
	"strings"
)

// A reasoningPlace tells where a model's reasoning is visible.
type reasoningPlace int

const (
	noReasoning reasoningPlace = iota // it answers at once
	inUsage                           // in the usage only
	inField                           // in reasoning_content, beside the text
	inText                            // in the text, between <think> marks
)

// A sampling tells how temperature, top_p and the penalties are treated.
type sampling int

const (
	free    sampling = iota // they are used, within their ranges
	fixed                   // only the default is accepted
	ignored                 // they are accepted and have no effect
)

// A rules describes one model as its provider documents it. Lists are words separated
// by spaces.
type rules struct {
	name, dated, aliases string
	vendor               string
	context, output      int    // tokens: of prompt and output together; of output with reasoning
	input                int    // tokens of the prompt; 0 means up to the context
	roles                string // of messages
	limit                string // parameters that limit the output
	sampling             sampling
	efforts              string // values of reasoning_effort; empty if the model has no such parameter
	defaultEffort        string // if none is requested; empty means medium
	noResponses          bool   // it does not have the Responses API
	toolsOrReasoning     bool   // chat completions refuse tools unless the effort is none
	tools, schema        bool
	images, stream       bool
	citations            bool // of documents
	reasoningIn          reasoningPlace
	reasoningTokens      int    // tokens of reasoning for a question of medium difficulty
	azure                string // the first api-version that has the model; empty if every one does
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

// table lists the models as their providers document them: up to o3-mini and Claude
// 3.5 as of early 2025, the others as of 2025-12. A row has only the values that
// differ from its family.
var table = []rules{
	oldReasoning(rules{name: "o1-preview", dated: "o1-preview-2024-09-12", output: 32_768, reasoningTokens: 1600}),
	oldReasoning(rules{name: "o1-mini", dated: "o1-mini-2024-09-12", output: 65_536, reasoningTokens: 640}),
	reasoning(rules{name: "o1", dated: "o1-2024-12-17", roles: later, images: true, reasoningTokens: 640}),
	reasoning(rules{name: "o3-mini", dated: "o3-mini-2025-01-31", roles: later, stream: true, reasoningTokens: 512}),
	reasoning(rules{name: "o3", dated: "o3-2025-04-16", images: true, stream: true, reasoningTokens: 768}),
	reasoning(rules{name: "o4-mini", dated: "o4-mini-2025-04-16", images: true, stream: true, reasoningTokens: 512}),
	gpt5(rules{name: "gpt-5", dated: "gpt-5-2025-08-07", efforts: "minimal " + levels, reasoningTokens: 640}),
	gpt5(rules{name: "gpt-5-mini", dated: "gpt-5-mini-2025-08-07", efforts: "minimal " + levels, reasoningTokens: 448}),
	gpt5(rules{name: "gpt-5-nano", dated: "gpt-5-nano-2025-08-07", efforts: "minimal " + levels, reasoningTokens: 384}),
	gpt5(rules{name: "gpt-5.1", dated: "gpt-5.1-2025-11-13", efforts: "none " + levels, reasoningTokens: 512}),
	gpt5(rules{name: "gpt-5.2", dated: "gpt-5.2-2025-12-11", efforts: "none " + levels + " xhigh", reasoningTokens: 512}),
	gpt54(rules{name: "gpt-5.4", defaultEffort: "none"}),
	gpt54(rules{name: "gpt-5.4-mini", defaultEffort: "none"}),
	gpt54(rules{name: "gpt-5.4-nano", defaultEffort: "none"}),
	gpt54(rules{name: "gpt-5.5", defaultEffort: "none"}),
	gpt54(rules{name: "gpt-5.6", context: 1_050_000}),
	gpt54(rules{name: "gpt-5.6-sol", context: 1_050_000}),
	gpt54(rules{name: "gpt-5.6-terra", context: 1_050_000}),
	gpt54(rules{name: "gpt-5.6-luna", context: 1_050_000}),
	gpt54(rules{name: "gpt-6", context: 1_050_000, efforts: "none " + levels + " xhigh max"}),
	gpt54(rules{name: "gpt-6.1", context: 1_050_000, efforts: "none " + levels + " xhigh max"}),
	gpt4(rules{name: "gpt-4o", dated: "gpt-4o-2024-08-06"}),
	gpt4(rules{name: "gpt-4o-mini", dated: "gpt-4o-mini-2024-07-18"}),
	gpt4(rules{name: "gpt-4.1", dated: "gpt-4.1-2025-04-14", context: 1_047_576, output: 32_768}),
	deepseek(rules{name: "deepseek-reasoner", dated: "deepseek-reasoner", vendor: "deepseek", sampling: ignored, reasoningIn: inField}),
	deepseek(rules{name: "deepseek-r1", dated: "deepseek-r1", vendor: "hosted", reasoningIn: inText}),
	claude(rules{name: "claude-3-5-sonnet", dated: "claude-3-5-sonnet-20241022", aliases: "claude-3.5-sonnet claude-3-5-sonnet-latest", output: 8_192}),
	claude(rules{name: "claude-opus-4-1", dated: "claude-opus-4-1-20250805", output: 32_000}),
	claude(rules{name: "claude-sonnet-4-5", dated: "claude-sonnet-4-5-20250929", output: 64_000}),
	claude(rules{name: "claude-haiku-4-5", dated: "claude-haiku-4-5-20251001", output: 64_000}),
	claude(rules{name: "claude-sonnet-4-6", dated: "claude-sonnet-4-6", output: 64_000, efforts: levels}),
	claude(rules{name: "claude-opus-4-8", dated: "claude-opus-4-8", output: 64_000, efforts: levels + " xhigh max", sampling: fixed, schema: true}),
	claude(rules{name: "claude-sonnet-5-5", dated: "claude-sonnet-5-5", output: 64_000, efforts: levels + " xhigh max", sampling: fixed, schema: true, reasoningIn: inUsage, reasoningTokens: 512}),
	{name: "compatible", vendor: "hosted", context: 131_072, output: 131_072, roles: classic, limit: oldLimit, stream: true},
}

// oldReasoning is the family of the first reasoning models.
func oldReasoning(r rules) rules {
	r.vendor, r.context, r.roles, r.limit, r.sampling, r.reasoningIn, r.azure = "openai", 128_000, early, newLimit, fixed, inUsage, "2024-09-01-preview"
	r.noResponses = true
	return r
}

// reasoning is the family of the reasoning models since o1.
func reasoning(r rules) rules {
	r.vendor, r.limit, r.sampling, r.reasoningIn, r.azure = "openai", newLimit, fixed, inUsage, "2024-12-01-preview"
	r.context, r.output = cmp.Or(r.context, 200_000), cmp.Or(r.output, 100_000)
	r.roles, r.efforts = cmp.Or(r.roles, anyRole), cmp.Or(r.efforts, levels)
	r.tools, r.schema = true, true
	return r
}

func gpt5(r rules) rules {
	r.context, r.output, r.images, r.stream = cmp.Or(r.context, 400_000), 128_000, true, true
	r.input = r.context - r.output
	return reasoning(r)
}

// gpt54 is the family since gpt-5.4, whose reasoning and tools go together in the
// Responses API only. Up to gpt-5.5 it does not reason unless it is asked to.
func gpt54(r rules) rules {
	r.dated, r.efforts, r.reasoningTokens, r.toolsOrReasoning = r.name, cmp.Or(r.efforts, "none "+levels+" xhigh"), 512, true
	return gpt5(r)
}

// gpt4 is the family of OpenAI's models that do not reason.
func gpt4(r rules) rules {
	r.vendor, r.roles, r.limit = "openai", anyRole, newLimit+" "+oldLimit
	r.context, r.output = cmp.Or(r.context, 128_000), cmp.Or(r.output, 16_384)
	r.tools, r.schema, r.images, r.stream = true, true, true, true
	return r
}

func deepseek(r rules) rules {
	r.context, r.output, r.roles, r.limit, r.stream, r.reasoningTokens = 64_000, 8_192, "system user assistant", oldLimit, true, 480
	return r
}

func claude(r rules) rules {
	r.vendor, r.context, r.roles, r.limit = "anthropic", 200_000, early, oldLimit
	r.tools, r.images, r.stream, r.citations = true, true, true, true
	return r
}

// released is the creation time of all models in the list, in Unix seconds.
const released = 1_726_099_200

// lookup returns the rules of a model by its name, dated name or alias.
func lookup(name string) (rules, bool) {
	for _, m := range table {
		if name != "" && (name == m.name || name == m.dated || hasWord(m.aliases, name)) {
			return m, true
		}
	}
	return rules{}, false
}

// hasWord reports whether a list of words separated by spaces has word.
func hasWord(list, word string) bool { return slices.Contains(strings.Fields(list), word) }
