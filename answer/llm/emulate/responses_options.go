package emulate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

func (t *responseTurn) readLimit(v json.RawMessage) *apiError {
	const name, least = "max_output_tokens", 16
	if f := readInto(name, v, &t.limit); f != nil {
		return f
	}
	switch {
	case t.limit < least:
		return refuse(name, "integer_below_min_value", "Invalid '%s': integer below minimum value. Expected a value >= %d, but got %d instead.", name, least, t.limit)
	case t.limit > t.output:
		return refuse(name, "invalid_value", "%s is too large: %d. This model supports at most %d completion tokens, whereas you provided %d.", name, t.limit, t.output, t.limit)
	}
	return nil
}

func (t *responseTurn) readReasoning(v json.RawMessage) *apiError {
	var in struct {
		Effort  *string `json:"effort"`
		Summary *string `json:"summary"`
	}
	if err := strict(v, &in); err != nil {
		return refuse("reasoning", "invalid_type", "Invalid 'reasoning': %v.", err)
	}
	switch {
	case in.Summary != nil && t.efforts == "":
		return refuse("reasoning.summary", "unsupported_parameter", "Unsupported parameter: 'reasoning.summary' is not supported with this model.")
	case in.Summary != nil:
		t.summary = *in.Summary
	}
	switch {
	case in.Effort == nil:
	case t.efforts == "":
		return refuse("reasoning.effort", "unsupported_parameter", "Unsupported parameter: 'reasoning.effort' is not supported with this model.")
	case !hasWord(t.efforts, *in.Effort):
		return refuse("reasoning.effort", "unsupported_value", "Unsupported value: '%s' is not supported with the '%s' model. Supported values are: '%s'.", *in.Effort, t.name, strings.ReplaceAll(t.efforts, " ", "', '"))
	default:
		t.effort = *in.Effort
	}
	return nil
}

func (t *responseTurn) readInclude(v json.RawMessage) *apiError {
	var in []string
	if f := readInto("include", v, &in); f != nil {
		return f
	}
	known := strings.Fields(`file_search_call.results web_search_call.results web_search_call.action.sources message.input_image.image_url
		computer_call_output.output.image_url code_interpreter_call.outputs reasoning.encrypted_content message.output_text.logprobs`)
	for i, name := range in {
		switch {
		case !slices.Contains(known, name):
			return refuse(fmt.Sprintf("include[%d]", i), "invalid_value", "Invalid value: '%s'. Supported values are: '%s'.", name, strings.Join(known, "', '"))
		case name == "reasoning.encrypted_content" && t.reasoningIn == noReasoning:
			return refuse("include", "", "Encrypted content is not supported with this model.")
		case name == "reasoning.encrypted_content":
			t.encrypted = true
		}
	}
	return nil
}

// readFunctions parses tools, which are flat in this API.
func (t *responseTurn) readFunctions(v json.RawMessage) *apiError {
	if !t.rules.tools {
		return unsupported("tools", "")
	}
	var in []map[string]json.RawMessage
	if f := readInto("tools", v, &in); f != nil {
		return f
	}
	for i, fields := range in {
		at := fmt.Sprintf("tools[%d]", i)
		var kind, name string
		var enforced bool
		if json.Unmarshal(fields["type"], &kind) != nil || kind != "function" {
			return refuse(at+".type", "invalid_value", "Invalid value: '%s'. Supported values are: 'function'.", kind)
		}
		if json.Unmarshal(fields["name"], &name) != nil {
			return refuse(at+".name", "missing_required_parameter", "Missing required parameter: '%s.name'.", at)
		}
		for _, field := range sorted(fields) {
			if !hasWord("type name description parameters strict", field) {
				return refuse(at+"."+field, "unknown_parameter", "Unknown parameter: '%s.%s'.", at, field)
			}
		}
		_ = json.Unmarshal(fields["strict"], &enforced) // missing or null: the service tries, and goes without
		parameters := fields["parameters"]
		if string(parameters) == "null" {
			parameters = nil
		}
		switch {
		case !functionName.MatchString(name):
			return refuse(at+".name", "invalid_value", "Invalid '%s.name': expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", at)
		case parameters != nil && typeOf(parameters) != "object":
			return refuse(at+".parameters", "invalid_function_parameters", "Invalid schema for function '%s': schema must be a JSON Schema of 'type: \"object\"'.", name)
		case enforced && strictSchemaError(parameters, nil) != "":
			return refuse(at+".parameters", "invalid_function_parameters", "Invalid schema for function '%s': %s", name, strictSchemaError(parameters, nil))
		}
		t.tools = append(t.tools, tool{name, parameters})
	}
	return nil
}

func (t *responseTurn) readFunctionChoice(v json.RawMessage) *apiError {
	var named struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	switch {
	case len(t.tools) == 0:
		return refuse("tool_choice", "", "Tool choices other than 'none' and 'auto' are only allowed when 'tools' are specified.")
	case json.Unmarshal(v, &t.choice) == nil && hasWord("none auto required", t.choice):
		return nil
	case strict(v, &named) == nil && named.Type == "function" && t.tool(named.Name) != nil:
		t.choice = named.Name
		return nil
	}
	return refuse("tool_choice", "invalid_value", "Tool choice '%s' not found in 'tools' parameter.", named.Name)
}

// readText parses the format of the text.
func (t *responseTurn) readText(v json.RawMessage) *apiError {
	var in struct {
		Format *struct {
			Type        string          `json:"type"`
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Schema      json.RawMessage `json:"schema"`
			Strict      *bool           `json:"strict"`
		} `json:"format"`
		Verbosity string `json:"verbosity"`
	}
	if err := strict(v, &in); err != nil {
		return refuse("text", "invalid_type", "Invalid 'text': %v.", err)
	}
	switch s := in.Format; {
	case s == nil || s.Type == "text":
	case !t.rules.schema:
		return refuse("text.format", "unsupported_parameter", "Unsupported parameter: 'text.format' is not supported with this model.")
	case s.Type == "json_object":
		t.jsonOnly = true
	case s.Type != "json_schema":
		return refuse("text.format.type", "invalid_value", "Invalid value: '%s'. Supported values are: 'json_object', 'json_schema', and 'text'.", s.Type)
	case s.Name == "":
		return refuse("text.format.name", "missing_required_parameter", "Missing required parameter: 'text.format.name'.")
	case !functionName.MatchString(s.Name), typeOf(s.Schema) == "":
		return refuse("text.format.schema", "invalid_value", "Invalid 'text.format': expected a name and a schema.")
	default:
		t.schema = s.Schema
		if s.Strict != nil && *s.Strict {
			if problem := strictSchemaError(s.Schema, nil); problem != "" {
				return refuse("text.format.schema", "invalid_json_schema", "Invalid schema for response_format '%s': %s", s.Name, problem)
			}
		}
	}
	return nil
}
