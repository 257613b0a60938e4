package llm

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

// A responsesAPI is a client of OpenAI's Responses API. The service stores nothing:
// the reasoning behind a tool call travels encrypted, in [Call].Items.
type responsesAPI struct{ service responses.ResponseService }

var _ protocol = (*responsesAPI)(nil)

// newResponses returns the client of a base URL or of an Azure endpoint.
func newResponses(c Config, base *url.URL, hc *http.Client) *responsesAPI {
	opts := openAIOptions(c, base, hc)
	if c.Provider == azureName {
		opts = append(opts, option.WithMiddleware(azureV1))
	}
	return &responsesAPI{responses.NewResponseService(opts...)}
}

// azureV1 sends a request to Azure's v1 API, which has the Responses API and no
// api-version. The SDK addresses the API of deployments.
func azureV1(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	if head, ok := strings.CutSuffix(r.URL.Path, "/openai/responses"); ok {
		r.URL.Path, r.URL.RawPath = head+"/openai/v1/responses", ""
		query := r.URL.Query()
		query.Del("api-version")
		r.URL.RawQuery = query.Encode()
	}
	return next(r)
}

// send sends o.
func (c *responsesAPI) send(ctx context.Context, o *outgoing) (Response, error) {
	var res *http.Response
	opts := []option.RequestOption{option.WithResponseBodyInto(&res)}
	if o.stream {
		opts = append(opts, option.WithJSONSet("stream", true))
	}
	if _, err := c.service.New(ctx, responseParams(o), opts...); err != nil {
		return Response{}, responsesError(err)
	}
	r := &responsesReply{reply: newReply(o), commentary: map[string]bool{}}
	return receive(ctx, res, r.addWhole, r.addEvent, r.endOr)
}

// minOutputTokens is the smallest limit that the API accepts (2026-08).
const minOutputTokens = 16

// responseParams converts o to the parameters of the API.
func responseParams(o *outgoing) responses.ResponseNewParams {
	p := responses.ResponseNewParams{
		Model:           o.model,
		Store:           openai.Bool(false),
		MaxOutputTokens: openai.Int(int64(max(o.maxOutput, minOutputTokens))),
		Reasoning:       shared.ReasoningParam{Effort: shared.ReasoningEffort(o.options.Effort)},
	}
	p.Input.OfInputItemList = responseInput(o.messages)
	if o.instructions != "" {
		p.Instructions = openai.String(o.instructions)
	}
	if t := o.options.Temperature; t != nil {
		p.Temperature = openai.Float(*t)
	}
	if t := o.options.TopP; t != nil {
		p.TopP = openai.Float(*t)
	}
	if v := o.options.ParallelToolCalls; v != nil {
		p.ParallelToolCalls = openai.Bool(*v)
	}
	for _, t := range o.tools {
		tool := responses.ToolParamOfFunction(t.Name, object(t.Parameters), isStrict(t.Parameters))
		tool.OfFunction.Description = openai.String(t.Description)
		p.Tools = append(p.Tools, tool)
	}
	if o.force != "" {
		p.ToolChoice.OfFunctionTool = &responses.ToolChoiceFunctionParam{Name: o.force}
	}
	if s := o.schema; s != nil {
		p.Text.Format = param.Override[responses.ResponseFormatTextConfigUnionParam](textFormat{"json_schema", s.Name, s.JSON, isStrict(s.JSON)})
	}
	if o.carryReasoning {
		p.Include = []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent}
	}
	return p
}

// A textFormat is the format of a structured output. The SDK's type would sort the
// properties of the schema, whose order is that of the output.
type textFormat struct {
	Type   string          `json:"type"`
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
	Strict bool            `json:"strict"`
}

// responseInput converts messages to items.
func responseInput(messages []Message) responses.ResponseInputParam {
	var items responses.ResponseInputParam
	for _, m := range messages {
		switch {
		case m.Role == RoleTool:
			output := responses.ResponseInputItemParamOfFunctionCallOutput(m.Text)
			output.OfFunctionCallOutput.CallID = openai.String(m.CallID)
			items = append(items, output)
		case m.Role == RoleAssistant:
			items = append(items, assistantItems(m)...)
		case len(m.Images) == 0:
			items = append(items, responses.ResponseInputItemParamOfMessage(m.Text, responses.EasyInputMessageRoleUser))
		default:
			parts := responses.ResponseInputMessageContentListParam{responses.ResponseInputContentParamOfInputText(m.Text)}
			for _, image := range m.Images {
				part := responses.ResponseInputContentParamOfInputImage(responses.ResponseInputImageDetailAuto)
				part.OfInputImage.ImageURL = openai.String(image)
				parts = append(parts, part)
			}
			items = append(items, responses.ResponseInputItemParamOfMessage(parts, responses.EasyInputMessageRoleUser))
		}
	}
	return items
}

// assistantItems converts a message of the assistant. The items behind its calls
// are sent as they came; the text is one of them.
func assistantItems(m Message) responses.ResponseInputParam {
	var items responses.ResponseInputParam
	carried := false
	for _, c := range m.Calls {
		carried = carried || len(c.Items) > 0
	}
	if !carried && (m.Text != "" || len(m.Calls) == 0) {
		items = append(items, responses.ResponseInputItemParamOfMessage(m.Text, responses.EasyInputMessageRoleAssistant))
	}
	for _, c := range m.Calls {
		call := responses.ResponseInputItemParamOfFunctionCall(string(c.Arguments), c.ID, c.Name)
		sent := false
		for _, raw := range c.Items {
			var item struct{ ID, Type string }
			if json.Unmarshal(raw, &item) != nil {
				continue // Unreachable: the SDK has read it.
			}
			if item.Type == itemCall { // the call itself, whose id and arguments may have been corrected
				call.OfFunctionCall.ID = openai.String(item.ID)
				items, sent = append(items, call), true
				continue
			}
			items = append(items, param.Override[responses.ResponseInputItemUnionParam](raw))
		}
		if !sent {
			items = append(items, call)
		}
	}
	return items
}

// canonicalParams gives the parameters of the Responses API their names in chat
// completions, by which refusals are remembered.
var canonicalParams = map[string]string{
	"reasoning":        "reasoning_effort",
	"reasoning.effort": "reasoning_effort",
	"instructions":     "messages[0].role",
	"text":             "response_format",
}

// responsesError converts the SDK's error for a response to an [*apiError].
func responsesError(err error) error {
	err = chatError(err)
	f, ok := errors.AsType[*apiError](err)
	switch {
	case !ok:
		return err
	case f.code == "invalid_prompt":
		f.code = "content_filter"
	}
	if name, ok := canonicalParams[f.param]; ok {
		f.param = name
	} else if rest, ok := strings.CutPrefix(f.param, "text.format"); ok {
		f.param = "response_format" + rest
	}
	return f
}
