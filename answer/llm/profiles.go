package llm

// The profiles follow the documentation of OpenAI and Azure from late 2024 and early
// 2025; later models and Claude as documented on 2026-11-22.
const (
	maxTokens           = "max_tokens"
	maxCompletionTokens = "max_completion_tokens"

	developer = "developer"
	system    = "system"
)

var (
	lowToHigh  = []string{"low", "medium", "high"}
	noneToMax  = []string{"none", "low", "medium", "high", "xhigh", "max"}
	anyEffort  = []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}
	o1Preview  = apiVersions{model: "2024-09-01"}
	o1December = apiVersions{model: "2024-12-01", schema: "2024-12-01"}
)

// profiles is the table of known models. A new model is a new row, or one more alias
// in a row; until it has one, families.go chooses its row.
var profiles = []profile{
	{
		name: "o1-preview", context: 128_000, maxOutput: 32_768, reasoning: true, o200k: true,
		limit: maxCompletionTokens, azure: o1Preview,
	},
	{
		name: "o1-mini", context: 128_000, maxOutput: 65_536, reasoning: true, o200k: true,
		limit: maxCompletionTokens, azure: o1Preview,
	},
	{
		name: "o1", context: 200_000, maxOutput: 100_000, reasoning: true, o200k: true, instructionRole: developer,
		api: preferResponses, limit: maxCompletionTokens, efforts: lowToHigh, tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "o3-mini", context: 200_000, maxOutput: 100_000, reasoning: true, o200k: true, instructionRole: developer,
		api: preferResponses, limit: maxCompletionTokens, efforts: lowToHigh, tools: true, schema: asFormat, stream: yes, azure: o1December,
	},
	{ // streaming needs a verified organization
		name: "o3", aliases: []string{"o4-mini"}, context: 200_000, maxOutput: 100_000, reasoning: true, o200k: true, instructionRole: developer,
		api: preferResponses, limit: maxCompletionTokens, efforts: lowToHigh, tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5", aliases: []string{"gpt-5-mini", "gpt-5-nano"}, context: 400_000, maxInput: 272_000, maxOutput: 128_000, reasoning: true, o200k: true,
		instructionRole: developer, api: preferResponses, limit: maxCompletionTokens, efforts: []string{"minimal", "low", "medium", "high"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5.1", aliases: []string{"gpt-5.1-mini"}, context: 400_000, maxInput: 272_000, maxOutput: 128_000, reasoning: true, o200k: true,
		instructionRole: developer, api: preferResponses, limit: maxCompletionTokens, efforts: []string{"none", "low", "medium", "high"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5.2", context: 400_000, maxInput: 272_000, maxOutput: 128_000,
		reasoning: true, o200k: true, instructionRole: developer, api: preferResponses, limit: maxCompletionTokens, efforts: []string{"none", "low", "medium", "high", "xhigh"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5.4", aliases: []string{"gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.5"}, context: 400_000, maxInput: 272_000, maxOutput: 128_000,
		reasoning: true, o200k: true, instructionRole: developer, api: toolsByResponses, limit: maxCompletionTokens, efforts: []string{"none", "low", "medium", "high", "xhigh"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-5.6", aliases: []string{"gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna"}, context: 1_050_000, maxInput: 922_000, maxOutput: 128_000,
		reasoning: true, o200k: true, instructionRole: developer, api: toolsByResponses, limit: maxCompletionTokens, efforts: []string{"none", "low", "medium", "high", "xhigh"},
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-6", aliases: []string{"gpt-6-astra", "gpt-6-sol", "gpt-6-luna"}, context: 1_050_000, maxInput: 922_000, maxOutput: 128_000,
		reasoning: true, o200k: true, instructionRole: developer, api: toolsByResponses, limit: maxCompletionTokens, efforts: noneToMax,
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{
		name: "gpt-6.1", aliases: []string{"gpt-6.1-sol", "gpt-6.1-terra", "gpt-6.1-luna"}, context: 1_050_000, maxInput: 922_000, maxOutput: 128_000,
		reasoning: true, o200k: true, instructionRole: developer, api: toolsByResponses, limit: maxCompletionTokens, efforts: noneToMax,
		tools: true, schema: asFormat, images: true, stream: try, azure: o1December,
	},
	{ // it does not reason
		name: "gpt-5-chat", aliases: []string{"gpt-5.1-chat", "gpt-5.2-chat", "gpt-5.3-chat"}, context: 128_000, maxOutput: 16_384, o200k: true, instructionRole: developer,
		api: bothAPIs, limit: maxCompletionTokens, tools: true, schema: asFormat, images: true, stream: yes, azure: o1December,
	},
	{ // open weights
		name: "gpt-oss", aliases: []string{"gpt-oss-20b", "gpt-oss-120b"}, context: 131_072, maxOutput: 32_768, reasoning: true, o200k: true, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, efforts: lowToHigh, tools: true, schema: asFormat, stream: yes, inlineReasoning: true,
	},
	{
		name: "gpt-4o", aliases: []string{"gpt-4o-mini"}, context: 128_000, maxOutput: 16_384, o200k: true, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, tools: true, schema: asFormat, images: true, stream: yes, azure: apiVersions{schema: "2024-08-01"},
	},
	{
		name: "gpt-4.1", aliases: []string{"gpt-4.1-mini", "gpt-4.1-nano"}, context: 1_047_576, maxOutput: 32_768, o200k: true, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, tools: true, schema: asFormat, images: true, stream: yes, azure: apiVersions{schema: "2024-08-01"},
	},
	{
		name: "deepseek-r1", aliases: []string{"deepseek-reasoner"}, context: 64_000, maxOutput: 8_192, reasoning: true,
		api: bothAPIs, limit: maxTokens, sampling: ignored, stream: yes, inlineReasoning: true,
	},
	{ // reasons if asked to, or unless asked not to: services differ
		name: "deepseek-v4", aliases: []string{"deepseek-v4-flash", "deepseek-v4-pro"}, context: 1_000_000, maxOutput: 65_536, reasoning: true, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: ignored, efforts: []string{"none", "high", "max"}, tools: true, stream: yes, inlineReasoning: true,
	},
	{
		name: "deepseek-v3", aliases: []string{"deepseek-chat"}, context: 64_000, maxOutput: 8_192, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, tools: true, stream: yes, inlineReasoning: true,
	},
	{
		name: "qwen3-thinking", aliases: []string{"qwq-32b", "qwq"}, context: 131_072, maxOutput: 32_768, reasoning: true, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, tools: true, stream: yes, inlineReasoning: true,
	},
	{
		name: "qwen", context: 32_768, maxOutput: 8_192, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, tools: true, images: true, stream: yes, inlineReasoning: true,
	},
	{
		name: "claude-3.5-sonnet", aliases: []string{"claude-3-5-sonnet"}, context: 200_000, maxOutput: 8_192, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: free, tools: true, schema: asToolCall, images: true, citations: true, stream: yes,
	},
	{
		name:    "claude-sonnet-4.5",
		aliases: []string{"claude-sonnet-4-5", "claude-haiku-4-5", "claude-haiku-4.5", "claude-opus-4-5", "claude-opus-4.5"},
		context: 200_000, maxOutput: 64_000, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: oneOfTwo, tools: true, schema: asToolCall, images: true, citations: true, stream: yes,
	},
	{
		name: "claude-sonnet-4.6", aliases: []string{"claude-sonnet-4-6", "claude-opus-4-6", "claude-opus-4.6"}, context: 200_000, maxOutput: 64_000, instructionRole: system,
		api: bothAPIs, limit: maxTokens, sampling: oneOfTwo, efforts: lowToHigh, tools: true, schema: asToolCall, images: true, citations: true, stream: yes,
	},
	{ // of this generation on, no sampling parameters
		name: "claude-opus-4.8", aliases: []string{"claude-opus-4-8", "claude-opus-4-7", "claude-opus-4.7"}, context: 200_000, maxOutput: 64_000, instructionRole: system,
		api: bothAPIs, limit: maxTokens, efforts: []string{"low", "medium", "high", "xhigh", "max"}, tools: true, schema: asFormat, images: true, citations: true, stream: yes,
	},
	{
		name: "claude-sonnet-5.5",
		aliases: []string{
			"claude-sonnet-5", "claude-sonnet-5-5", "claude-opus-5", "claude-opus-5-5", "claude-opus-5.5", "claude-haiku-5-5", "claude-haiku-5.5",
			"claude-fable-5", "claude-fable-5-1", "claude-fable-5.1", "claude-mythos-5", "claude-mythos-5-1", "claude-mythos-5.1",
		},
		context: 200_000, maxOutput: 64_000, reasoning: true, instructionRole: system,
		api: bothAPIs, limit: maxTokens, efforts: []string{"low", "medium", "high", "xhigh", "max"}, tools: true, schema: asFormat, images: true, citations: true, stream: yes,
	},
}

// compatible is the profile of a model of no known family with an OpenAI-compatible
// API. Everything is tried when a request needs it. What the server refuses is
// negotiated.
var compatible = profile{
	name: "compatible", api: bothAPIs, limit: maxTokens, efforts: anyEffort, tools: true, schema: asFormat, images: true, stream: yes,
}
