package llm

// What OpenAI and Azure tell of their models, late 2024 and early 2025; of later
// ones, and of Claude, as documented on 2026-11-22.
const (
	maxTokens           = "max_tokens"
	maxCompletionTokens = "max_completion_tokens"

	developer = "developer"
	system    = "system"
)

var (
	lowToHigh  = []string{"low", "medium", "high"}
	anyEffort  = []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}
	o1Preview  = floor{model: "2024-09-01"}
	o1December = floor{model: "2024-12-01", schema: "2024-12-01"}
)

// profiles is the table of the models that are known. A new model is a new row,
// or one more name in a row.
var profiles = []profile{
	{
		name: "o1-preview", context: 128_000, maxOutput: 32_768, reasoning: true, ours: true,
		limit: maxCompletionTokens, azure: o1Preview,
	},
	{
		name: "o1-mini", context: 128_000, maxOutput: 65_536, reasoning: true, ours: true,
		limit: maxCompletionTokens, azure: o1Preview,
	},
	{
		name: "o1", context: 200_000, maxOutput: 100_000, reasoning: true, ours: true, instruct: developer,
		limit: maxCompletionTokens, efforts: lowToHigh, tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "o3-mini", context: 200_000, maxOutput: 100_000, reasoning: true, ours: true, instruct: developer,
		limit: maxCompletionTokens, efforts: lowToHigh, tools: true, schema: asFormat, stream: yes, azure: o1December,
	},
	{ // streaming needs a verified organization
		name: "o3", names: []string{"o4-mini"}, context: 200_000, maxOutput: 100_000, reasoning: true, ours: true, instruct: developer,
		limit: maxCompletionTokens, efforts: lowToHigh, tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5", names: []string{"gpt-5-mini", "gpt-5-nano"}, context: 400_000, maxInput: 272_000, maxOutput: 128_000, reasoning: true, ours: true,
		instruct: developer, limit: maxCompletionTokens, efforts: []string{"minimal", "low", "medium", "high"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5.1", names: []string{"gpt-5.1-mini"}, context: 400_000, maxInput: 272_000, maxOutput: 128_000, reasoning: true, ours: true,
		instruct: developer, limit: maxCompletionTokens, efforts: []string{"none", "low", "medium", "high"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5.2", names: []string{"gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.5"}, context: 400_000, maxInput: 272_000, maxOutput: 128_000,
		reasoning: true, ours: true, instruct: developer, limit: maxCompletionTokens, efforts: []string{"none", "low", "medium", "high", "xhigh"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-4o", names: []string{"gpt-4o-mini"}, context: 128_000, maxOutput: 16_384, ours: true, instruct: system,
		limit: maxTokens, sampling: free, tools: true, schema: asFormat, images: true, stream: yes, azure: floor{schema: "2024-08-01"},
	},
	{
		name: "gpt-4.1", names: []string{"gpt-4.1-mini", "gpt-4.1-nano"}, context: 1_047_576, maxOutput: 32_768, ours: true, instruct: system,
		limit: maxTokens, sampling: free, tools: true, schema: asFormat, images: true, stream: yes, azure: floor{schema: "2024-08-01"},
	},
	{
		name: "deepseek-r1", names: []string{"deepseek-reasoner"}, context: 64_000, maxOutput: 8_192, reasoning: true,
		limit: maxTokens, sampling: ignored, stream: yes, inline: true,
	},
	{
		name: "claude-3.5-sonnet", names: []string{"claude-3-5-sonnet"}, context: 200_000, maxOutput: 8_192, instruct: system,
		limit: maxTokens, sampling: free, tools: true, schema: asToolCall, images: true, stream: yes,
	},
	{
		name:    "claude-sonnet-4.5",
		names:   []string{"claude-sonnet-4-5", "claude-haiku-4-5", "claude-haiku-4.5", "claude-opus-4-5", "claude-opus-4.5"},
		context: 200_000, maxOutput: 64_000, instruct: system,
		limit: maxTokens, sampling: either, tools: true, schema: asToolCall, images: true, stream: yes,
	},
	{
		name: "claude-sonnet-4.6", names: []string{"claude-sonnet-4-6", "claude-opus-4-6", "claude-opus-4.6"}, context: 200_000, maxOutput: 64_000, instruct: system,
		limit: maxTokens, sampling: either, efforts: lowToHigh, tools: true, schema: asToolCall, images: true, stream: yes,
	},
	{ // of this generation on, no sampling parameters
		name: "claude-opus-4.8", names: []string{"claude-opus-4-8", "claude-opus-4-7", "claude-opus-4.7"}, context: 200_000, maxOutput: 64_000, instruct: system,
		limit: maxTokens, efforts: []string{"low", "medium", "high", "xhigh", "max"}, tools: true, schema: asFormat, images: true, stream: yes,
	},
	{
		name: "claude-sonnet-5.5",
		names: []string{
			"claude-sonnet-5", "claude-sonnet-5-5", "claude-opus-5", "claude-opus-5-5", "claude-opus-5.5", "claude-haiku-5-5", "claude-haiku-5.5",
			"claude-fable-5", "claude-fable-5-1", "claude-fable-5.1", "claude-mythos-5", "claude-mythos-5-1", "claude-mythos-5.1",
		},
		context: 200_000, maxOutput: 64_000, reasoning: true, instruct: system,
		limit: maxTokens, efforts: []string{"low", "medium", "high", "xhigh", "max"}, tools: true, schema: asFormat, images: true, stream: yes,
	},
}

// compatible is the profile of a model that is not known, behind an
// OpenAI-compatible API. What its server refuses is negotiated.
var compatible = profile{name: "compatible", limit: maxTokens, efforts: anyEffort, stream: yes}
