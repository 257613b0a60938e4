package emulate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

// An inputItem is an item of the input, whatever its type; fields that the type does
// not have are refused by their presence.
type inputItem struct {
	Type             string          `json:"type"`
	ID               string          `json:"id"`
	Role             string          `json:"role"`
	Content          json.RawMessage `json:"content"`
	Status           string          `json:"status"`
	Phase            *string         `json:"phase"`
	Summary          json.RawMessage `json:"summary"`
	EncryptedContent string          `json:"encrypted_content"`
	CallID           string          `json:"call_id"`
	Name             string          `json:"name"`
	Arguments        string          `json:"arguments"`
	Output           json.RawMessage `json:"output"`
}

// itemFields are the fields that an item of each type may have.
var itemFields = map[string]string{
	"message":              "type id role content status phase",
	"reasoning":            "type id summary encrypted_content content status",
	"function_call":        "type id call_id name arguments status",
	"function_call_output": "type id call_id output status",
}

// readInput parses the input: a text, or items.
func (t *responseTurn) readInput(v json.RawMessage) *apiError {
	var text string
	if json.Unmarshal(v, &text) == nil {
		t.messages = append(t.messages, message{role: "user", text: text})
		return nil
	}
	var items []map[string]json.RawMessage
	if json.Unmarshal(v, &items) != nil {
		return refuse("input", "invalid_type", "Invalid type for 'input': expected one of a string or array of input items.")
	}
	if len(items) == 0 {
		return refuse("input", "empty_array", "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	parsed := make([]inputItem, len(items))
	for i, fields := range items {
		at := fmt.Sprintf("input[%d]", i)
		parsed[i].Type = "message"
		if err := json.Unmarshal(mustJSON(fields), &parsed[i]); err != nil {
			return refuse(at, "invalid_type", "Invalid type for '%s': %v.", at, err)
		}
		allowed, ok := itemFields[parsed[i].Type]
		if !ok {
			return refuse(at, "invalid_value", "Invalid value: '%s'. Supported values are: 'message', 'reasoning', 'function_call', and 'function_call_output'.", parsed[i].Type)
		}
		for _, name := range sorted(fields) {
			if !hasWord(allowed, name) {
				return refuse(at+"."+name, "unknown_parameter", "Unknown parameter: '%s.%s'.", at, name)
			}
		}
	}
	for i := range parsed {
		if f := t.readItem(i, parsed); f != nil {
			return f
		}
	}
	return nil
}

// readItem validates one item and adds it to the conversation.
func (t *responseTurn) readItem(i int, items []inputItem) *apiError {
	at, item := fmt.Sprintf("input[%d]", i), items[i]
	switch item.Type {
	case "reasoning":
		return t.checkReasoning(i, items)
	case "function_call":
		if item.CallID == "" || item.Name == "" || !json.Valid([]byte(item.Arguments)) {
			return refuse(at, "missing_required_parameter", "Missing required parameter: '%s.call_id'.", at)
		}
		if item.ID != "" && t.reasoningIn != noReasoning && !followsReasoning(i, items) {
			return refuse("input", "", "Item '%s' of type 'function_call' was provided without its required 'reasoning' item.", item.ID)
		}
		t.messages = append(t.messages, message{role: "assistant", calls: []call{{item.CallID, item.Name, json.RawMessage(item.Arguments)}}})
	case "function_call_output":
		m := message{role: "tool", callID: item.CallID}
		if json.Unmarshal(item.Output, &m.text) != nil {
			return refuse(at+".output", "invalid_type", "Invalid type for '%s.output': expected a string.", at)
		}
		t.messages = append(t.messages, m)
	default:
		return t.readInputMessage(at, item)
	}
	return nil
}

// readInputMessage parses a message: a text, or parts.
func (t *responseTurn) readInputMessage(at string, item inputItem) *apiError {
	if !hasWord("user assistant system developer", item.Role) {
		return refuse(at+".role", "invalid_value", "Invalid value: '%s'. Supported values are: 'assistant', 'system', 'developer', and 'user'.", item.Role)
	}
	m := message{role: item.Role}
	if json.Unmarshal(item.Content, &m.text) == nil {
		t.messages = append(t.messages, m)
		return nil
	}
	var parts []struct {
		Type        string          `json:"type"`
		Text        string          `json:"text"`
		Refusal     string          `json:"refusal"`
		ImageURL    string          `json:"image_url"`
		Detail      string          `json:"detail"`
		Annotations json.RawMessage `json:"annotations"`
		LogProbs    json.RawMessage `json:"logprobs"`
	}
	if err := strict(item.Content, &parts); err != nil || len(parts) == 0 {
		return refuse(at+".content", "invalid_type", "Invalid type for '%s.content': expected one of a string or array of content parts.", at)
	}
	supported := "input_text input_image"
	if item.Role == "assistant" {
		supported = "output_text refusal"
	}
	for j, p := range parts {
		where := fmt.Sprintf("%s.content[%d]", at, j)
		switch {
		case !hasWord(supported, p.Type):
			return refuse(where, "invalid_value", "Invalid value: '%s'. Supported values are: '%s'.", p.Type, supported)
		case p.Type == "input_image" && !t.rules.images:
			return refuse(where, "", "Invalid content type. image_url is only supported by certain models.")
		case p.Type == "input_image" && !image.MatchString(p.ImageURL):
			return refuse(where+".image_url", "invalid_value", "Invalid '%s.image_url'. Expected a valid URL, but got a value with an invalid format.", where)
		case p.Type == "input_image":
			m.images++
		}
		m.text += p.Text + p.Refusal
	}
	t.messages = append(t.messages, m)
	return nil
}

// checkReasoning refuses reasoning that the service cannot read or that stands alone.
func (t *responseTurn) checkReasoning(i int, items []inputItem) *apiError {
	item := items[i]
	switch {
	case item.EncryptedContent == "":
		return &apiError{status: http.StatusNotFound, param: "input",
			message: "Item with id '" + item.ID + "' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input."}
	case item.EncryptedContent != t.x.sealed(item.ID):
		return refuse("", "invalid_encrypted_content", "The encrypted content for item %s could not be verified. Reason: Encrypted content could not be decrypted or parsed.", item.ID)
	case item.Summary == nil:
		return refuse(fmt.Sprintf("input[%d].summary", i), "missing_required_parameter", "Missing required parameter: 'input[%d].summary'.", i)
	case i+1 == len(items) || !hasWord("function_call message", items[i+1].Type) || items[i+1].Type == "message" && items[i+1].Role != "assistant":
		return refuse("input", "", "Item '%s' of type 'reasoning' was provided without its required following item.", item.ID)
	}
	return nil
}

// followsReasoning reports whether the reasoning behind a call is in the input.
func followsReasoning(i int, items []inputItem) bool {
	for i--; i >= 0; i-- {
		switch {
		case items[i].Type == "reasoning":
			return true
		case items[i].Type != "function_call" && (items[i].Type != "message" || items[i].Role != "assistant"):
			return false
		}
	}
	return false
}

// sealed returns the encrypted reasoning of the item with that id.
func (e *emulator) sealed(id string) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "sealed\x00%d\x00%s", e.Seed, id))
}

// checkCalls refuses calls without results, and results without calls.
func (t *responseTurn) checkCalls() *apiError {
	var open []string
	for _, m := range t.messages {
		if m.role == "tool" && !remove(&open, m.callID) {
			return refuse("input", "", "No tool call found for function call output with call_id %s.", m.callID)
		}
		for _, c := range m.calls {
			open = append(open, c.id)
		}
	}
	if len(open) > 0 {
		return refuse("input", "", "No tool output found for function call %s.", open[0])
	}
	return nil
}
