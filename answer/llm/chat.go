package llm

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"github.com/citewell/citewell/internal/entra"
)

// A chat is a client of OpenAI's chat completions.
type chat struct{ service openai.ChatCompletionService }

var _ protocol = (*chat)(nil)

// newChat returns the client of a base URL or of an Azure endpoint.
func newChat(c Config, base *url.URL, hc *http.Client) *chat {
	// Only the service: openai.NewClient would also read the environment.
	return &chat{openai.NewChatCompletionService(openAIOptions(c, base, hc)...)}
}

// openAIOptions returns the SDK's options for a base URL or an Azure endpoint.
func openAIOptions(c Config, base *url.URL, hc *http.Client) []option.RequestOption {
	opts := []option.RequestOption{option.WithHTTPClient(hc), option.WithMaxRetries(retries), option.WithMaxRetryDelay(c.Timeout), option.WithMiddleware(normalizeFault)}
	if c.Provider == azureName {
		opts = append(opts, azure.WithEndpoint(base.String(), c.APIVersion))
		if c.Credential != nil {
			opts = append(opts, azure.WithTokenCredential(entra.Cache(c.Credential)))
		} else {
			opts = append(opts, azure.WithAPIKey(c.APIKey))
		}
		if base.Scheme == "http" { // loopback, as checked
			opts = append(opts, azure.WithUnsafeAllowHTTP())
		}
	} else {
		opts = append(opts, option.WithBaseURL(strings.TrimSuffix(base.String(), "/")+"/"))
		if c.APIKey != "" {
			opts = append(opts, option.WithAPIKey(c.APIKey))
		}
	}
	return opts
}

// send sends o.
func (c *chat) send(ctx context.Context, o *outgoing) (Response, error) {
	var res *http.Response
	opts := []option.RequestOption{option.WithResponseBodyInto(&res)}
	if o.stream {
		opts = append(opts, option.WithJSONSet("stream", true))
	}
	if _, err := c.service.New(ctx, chatParams(o), opts...); err != nil {
		return Response{}, chatError(err)
	}
	r := &chatReply{reply: newReply(o)}
	return receive(ctx, res, r.addWhole, r.addEvent, r.end)
}

// chatParams converts o to the parameters of the API.
func chatParams(o *outgoing) openai.ChatCompletionNewParams {
	p := openai.ChatCompletionNewParams{Model: o.model, Messages: chatMessages(o)}
	switch o.limit {
	case maxTokens:
		p.MaxTokens = openai.Int(int64(o.maxOutput))
	case maxCompletionTokens:
		p.MaxCompletionTokens = openai.Int(int64(o.maxOutput))
	}
	chatOptions(&p, o.options)
	for _, t := range o.tools {
		p.Tools = append(p.Tools, openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: t.Name, Description: openai.String(t.Description), Parameters: object(t.Parameters),
		}))
	}
	if o.force != "" {
		p.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: o.force})
	}
	if o.schema != nil {
		p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: o.schema.Name, Schema: o.schema.JSON, Strict: openai.Bool(isStrict(o.schema.JSON)),
		}}
	}
	if o.stream && !o.omitUsage {
		p.StreamOptions.IncludeUsage = openai.Bool(true)
	}
	return p
}

func chatOptions(p *openai.ChatCompletionNewParams, o Options) {
	float := func(v *float64, set func(float64)) {
		if v != nil {
			set(*v)
		}
	}
	float(o.Temperature, func(v float64) { p.Temperature = openai.Float(v) })
	float(o.TopP, func(v float64) { p.TopP = openai.Float(v) })
	float(o.PresencePenalty, func(v float64) { p.PresencePenalty = openai.Float(v) })
	float(o.FrequencyPenalty, func(v float64) { p.FrequencyPenalty = openai.Float(v) })
	p.ReasoningEffort = shared.ReasoningEffort(o.Effort)
	p.LogitBias = o.LogitBias
	if o.Stop != nil {
		p.Stop.OfStringArray = o.Stop
	}
	if o.LogProbs != nil {
		p.Logprobs = openai.Bool(*o.LogProbs)
	}
	if o.TopLogProbs != nil {
		p.TopLogprobs = openai.Int(int64(*o.TopLogProbs))
	}
	if o.ParallelToolCalls != nil {
		p.ParallelToolCalls = openai.Bool(*o.ParallelToolCalls)
	}
}

// object returns a JSON object as a map, or nil if b is not an object.
func object(b json.RawMessage) map[string]any {
	var m map[string]any
	if json.Unmarshal(b, &m) != nil {
		return nil
	}
	return m
}

func chatMessages(o *outgoing) []openai.ChatCompletionMessageParamUnion {
	var out []openai.ChatCompletionMessageParamUnion
	switch {
	case o.instructions == "":
	case o.role == developer:
		out = append(out, openai.DeveloperMessage(o.instructions))
	default:
		out = append(out, openai.SystemMessage(o.instructions))
	}
	for _, m := range o.messages {
		switch m.Role {
		case RoleTool:
			out = append(out, openai.ToolMessage(m.Text, m.CallID))
		case RoleAssistant:
			out = append(out, assistantMessage(m))
		default:
			out = append(out, userMessage(m))
		}
	}
	return out
}

func userMessage(m Message) openai.ChatCompletionMessageParamUnion {
	if len(m.Images) == 0 {
		return openai.UserMessage(m.Text)
	}
	parts := []openai.ChatCompletionContentPartUnionParam{openai.TextContentPart(m.Text)}
	for _, image := range m.Images {
		parts = append(parts, openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: image}))
	}
	return openai.UserMessage(parts)
}

func assistantMessage(m Message) openai.ChatCompletionMessageParamUnion {
	p := openai.ChatCompletionAssistantMessageParam{}
	if m.Text != "" || len(m.Calls) == 0 {
		p.Content.OfString = openai.String(m.Text)
	}
	for _, c := range m.Calls {
		p.ToolCalls = append(p.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
			ID: c.ID, Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: c.Name, Arguments: string(c.Arguments)},
		}})
	}
	return openai.ChatCompletionMessageParamUnion{OfAssistant: &p}
}
