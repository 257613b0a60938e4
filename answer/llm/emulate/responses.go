package emulate

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// responseParameters are the parameters of the Responses API, in the order of their
// validation. Those of the last two lines have no effect here.
var responseParameters = strings.Fields(`model input instructions max_output_tokens
temperature top_p reasoning tools tool_choice parallel_tool_calls text include
stream stream_options store previous_response_id conversation prompt background
metadata user safety_identifier prompt_cache_key prompt_cache_options prompt_cache_retention service_tier
truncation max_tool_calls top_logprobs moderation context_management`)

// movedParameters are parameters of chat completions that the Responses API has
// under another name.
var movedParameters = map[string]string{
	"messages": "input", "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens",
	"response_format": "text.format", "reasoning_effort": "reasoning.effort", "functions": "tools", "function_call": "tool_choice",
	"verbosity": "text.verbosity",
}

// A responseTurn is a request to the Responses API.
type responseTurn struct {
	turn
	x            *exchange
	fields       map[string]json.RawMessage
	instructions string
	store        bool
	encrypted    bool   // the response has the encrypted reasoning
	summary      string // requested summary of the reasoning
	parallel     bool
}

// responses answers a request to the Responses API of OpenAI or Azure. It stores
// nothing, also where a request asks for it.
func (x *exchange) responses(fields map[string]json.RawMessage) *apiError {
	m, served, f := x.resolve(fields)
	if f != nil {
		return f
	}
	switch {
	case m.vendor != "openai":
		return unknownURL(x.r)
	case m.noResponses && x.api == azure:
		return refuse("", "OperationNotSupported", "The requested operation is unsupported.")
	case m.noResponses:
		return refuse("model", "", "The model '%s' is not supported with the Responses API.", served)
	}
	t := &responseTurn{turn: turn{rules: m, served: served, choices: 1, choice: "auto"}, x: x, fields: fields, store: true, parallel: true}
	if f := checkResponseFields(fields); f != nil {
		return f
	}
	for _, name := range responseParameters {
		if v, ok := fields[name]; ok {
			if f := t.readParameter(name, v); f != nil {
				return f
			}
		}
	}
	if fields["input"] == nil {
		return refuse("input", "missing_required_parameter", "Missing required parameter: 'input'.")
	}
	if f := t.checkCalls(); f != nil {
		return f
	}
	if f := t.budget(x.Count, map[string]json.RawMessage{"response_format": fields["text"]}); f != nil {
		f.param = "input"
		return f
	}
	return t.reply()
}

// unknownURL returns the error for a path that the service does not have.
func unknownURL(r *http.Request) *apiError {
	return &apiError{status: http.StatusNotFound, code: "unknown_url", message: "Unknown request URL: " + r.Method + " " + r.URL.Path + "."}
}

// checkResponseFields refuses parameters that the API does not have.
func checkResponseFields(fields map[string]json.RawMessage) *apiError {
	for _, name := range sorted(fields) {
		if moved := movedParameters[name]; moved != "" {
			return refuse(name, "unsupported_parameter", "Unsupported parameter: '%s'. In the Responses API, this parameter has moved to '%s'. Try again with the new parameter. See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.", name, moved)
		}
		if !slices.Contains(responseParameters, name) {
			return refuse(name, "unknown_parameter", "Unknown parameter: '%s'.", name)
		}
	}
	return nil
}

// readParameter parses and validates one parameter.
func (t *responseTurn) readParameter(name string, v json.RawMessage) *apiError {
	switch name {
	case "input":
		return t.readInput(v)
	case "max_output_tokens":
		return t.readLimit(v)
	case "temperature", "top_p":
		if t.sampling == fixed && string(v) != "1" {
			return refuse(name, "", "Unsupported parameter: '%s' is not supported with this model.", name)
		}
		return t.validateSampling(name, v)
	case "reasoning":
		return t.readReasoning(v)
	case "tools":
		return t.readFunctions(v)
	case "tool_choice":
		return t.readFunctionChoice(v)
	case "text":
		return t.readText(v)
	case "include":
		return t.readInclude(v)
	case "previous_response_id":
		return refuse(name, "previous_response_not_found", "Previous response with id '%s' not found.", strings.Trim(string(v), `"`))
	case "conversation", "prompt", "background":
		if string(v) != "false" {
			return refuse(name, "", "'%s' is not emulated.", name)
		}
	case "stream":
		if f := readInto(name, v, &t.stream); f != nil {
			return f
		}
		return t.validate(name, v)
	case "stream_options":
		if !t.stream {
			return refuse(name, "", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
		}
	default:
		into := map[string]any{"instructions": &t.instructions, "store": &t.store, "parallel_tool_calls": &t.parallel}[name]
		if into != nil {
			return readInto(name, v, into)
		}
	}
	return nil
}

// readInto parses the value of a parameter.
func readInto(name string, v json.RawMessage, into any) *apiError {
	if json.Unmarshal(v, into) != nil {
		return refuse(name, "invalid_type", "Invalid type for '%s'.", name)
	}
	return nil
}
