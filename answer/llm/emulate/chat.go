package emulate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A turn is a request to a model, whatever the API.
type turn struct {
	rules
	served       string // the model's name in the request
	messages     []message
	limit        int // tokens of output, reasoning included
	effort       string
	stream       bool
	includeUsage bool
	tools        []tool
	choice       string          // "auto", "none", "required", or the tool to call
	schema       json.RawMessage // schema of the text; nil means free text
	jsonOnly     bool            // the text must be a JSON object
	choices      int
	citing       bool // it cites the documents
}

// A message is a part of the conversation, with its texts joined.
type message struct {
	role, text string
	images     int
	calls      []call
	callID     string // of a tool's result
	documents  []document
}

// A call is a call of a tool.
type call struct {
	id, name  string
	arguments json.RawMessage
}

// A tool is a function that the model may call.
type tool struct {
	name       string
	parameters json.RawMessage
}

// parameters are the parameters of the chat API, in the order of their validation.
// Those of the last line have no effect here.
var parameters = strings.Fields(`model messages max_tokens max_completion_tokens
temperature top_p presence_penalty frequency_penalty n
reasoning_effort tools tool_choice parallel_tool_calls functions function_call response_format
logprobs top_logprobs logit_bias stop stream stream_options
seed user store metadata service_tier prediction modalities audio web_search_options verbosity prompt_cache_key safety_identifier`)

// chat answers a request to the chat API of OpenAI or Azure.
func (x *exchange) chat(fields map[string]json.RawMessage) *apiError {
	m, served, f := x.resolve(fields)
	if f != nil {
		return f
	}
	if f := x.requireAPIVersion(m); f != nil {
		return f
	}
	t := &turn{rules: m, served: served, choices: 1}
	if f := checkFields(fields); f != nil {
		return f
	}
	if f := t.read(fields); f != nil {
		return f
	}
	for _, name := range parameters {
		if v, ok := fields[name]; ok {
			if f := t.validate(name, v); f != nil {
				return f
			}
		}
	}
	if f := t.budget(x.Count, fields); f != nil {
		return f
	}
	return x.reply(t)
}

// checkFields refuses parameters that the API does not have.
func checkFields(fields map[string]json.RawMessage) *apiError {
	var names []string
	for name := range fields {
		if !slices.Contains(parameters, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return nil
	case 1:
		return refuse("", "", "Unrecognized request argument supplied: %s", names[0])
	}
	return refuse("", "", "Unrecognized request arguments supplied: %s", strings.Join(names, ", "))
}

// functionName matches the names of tools and schemas.
var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// read parses the request and refuses what is not in the format of the API.
func (t *turn) read(fields map[string]json.RawMessage) *apiError {
	if fields["messages"] == nil {
		return refuse("messages", "missing_required_parameter", "Missing required parameter: 'messages'.")
	}
	var messages []json.RawMessage
	if json.Unmarshal(fields["messages"], &messages) != nil {
		return refuse("messages", "invalid_type", "Invalid type for 'messages': expected an array of objects.")
	}
	if len(messages) == 0 {
		return refuse("messages", "empty_array", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	for i, m := range messages {
		if f := t.readMessage(fmt.Sprintf("messages[%d]", i), m); f != nil {
			return f
		}
	}
	if fields["tools"] != nil {
		if f := t.readTools(fields["tools"]); f != nil {
			return f
		}
	}
	return t.readOptions(fields)
}

// strict decodes JSON into v and refuses fields that v does not have.
func strict(data []byte, v any) error {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

func (t *turn) readMessage(at string, data json.RawMessage) *apiError {
	var in struct {
		Role       string          `json:"role"`
		Name       string          `json:"name"`
		Content    json.RawMessage `json:"content"`
		Refusal    *string         `json:"refusal"`
		ToolCallID string          `json:"tool_call_id"`
		ToolCalls  []struct {
			ID       string `json:"id"`
			Type     string `json:"type"`
			Function struct {
				Name      string `json:"name"`
				Arguments string `json:"arguments"`
			} `json:"function"`
		} `json:"tool_calls"`
	}
	if err := strict(data, &in); err != nil {
		return refuse(at, "unknown_parameter", "Invalid '%s': %v.", at, err)
	}
	m := message{role: in.Role, callID: in.ToolCallID}
	for _, c := range in.ToolCalls {
		if c.ID == "" || c.Type != "function" || !json.Valid([]byte(c.Function.Arguments)) {
			return refuse(at+".tool_calls", "invalid_value", "Invalid '%s.tool_calls': each needs an id, the type function and arguments in JSON.", at)
		}
		m.calls = append(m.calls, call{c.ID, c.Function.Name, json.RawMessage(c.Function.Arguments)})
	}
	if in.Content == nil || string(in.Content) == "null" {
		if in.Role != "assistant" || len(m.calls) == 0 && in.Refusal == nil {
			return refuse(at+".content", "", "Invalid value for 'content': expected a string, got null.")
		}
	} else if f := m.readContent(at, in.Content); f != nil {
		return f
	}
	t.messages = append(t.messages, m)
	return nil
}

// readContent parses a text, or parts of text and images.
func (m *message) readContent(at string, data json.RawMessage) *apiError {
	if json.Unmarshal(data, &m.text) == nil {
		return nil
	}
	var parts []struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		ImageURL *struct {
			URL    string `json:"url"`
			Detail string `json:"detail"`
		} `json:"image_url"`
	}
	if err := strict(data, &parts); err != nil || len(parts) == 0 {
		return refuse(at+".content", "invalid_type", "Invalid type for '%s.content': expected one of a string or array of objects.", at)
	}
	for i, p := range parts {
		where := fmt.Sprintf("%s.content[%d]", at, i)
		switch {
		case p.Type == "text" && p.ImageURL == nil:
			m.text += p.Text
		case p.Type == "image_url" && p.ImageURL != nil && m.role == "user":
			if !image.MatchString(p.ImageURL.URL) {
				return refuse(where+".image_url.url", "invalid_image_url", "Invalid '%s.image_url.url': expected an address or a base64-encoded image of a supported type (png, jpeg, gif, webp).", where)
			}
			m.images++
		default:
			return refuse(where+".type", "invalid_value", "Invalid value: '%s'. Supported values are: 'text' and, of the user, 'image_url'.", p.Type)
		}
	}
	return nil
}

// image matches the URLs and data URIs that an image may have.
var image = regexp.MustCompile(`^(https?://[^\s/]+(/\S*)?|data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*)$`)

func (t *turn) readTools(data json.RawMessage) *apiError {
	var in []struct {
		Type     string `json:"type"`
		Function struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Parameters  json.RawMessage `json:"parameters"`
			Strict      *bool           `json:"strict"`
		} `json:"function"`
	}
	if err := strict(data, &in); err != nil {
		return refuse("tools", "invalid_type", "Invalid 'tools': %v.", err)
	}
	for i, v := range in {
		at := fmt.Sprintf("tools[%d].function", i)
		switch {
		case v.Type != "function":
			return refuse(fmt.Sprintf("tools[%d].type", i), "invalid_value", "Invalid value: '%s'. Supported values are: 'function'.", v.Type)
		case !functionName.MatchString(v.Function.Name):
			return refuse(at+".name", "invalid_value", "Invalid '%s.name': expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", at)
		case v.Function.Parameters != nil && typeOf(v.Function.Parameters) != "object":
			return refuse(at+".parameters", "invalid_function_parameters", "Invalid schema for function '%s': schema must be a JSON Schema of 'type: \"object\"'.", v.Function.Name)
		}
		t.tools = append(t.tools, tool{v.Function.Name, v.Function.Parameters})
	}
	return nil
}
