package llm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// If a server refuses tools or a response format although the profile has them, the
// messages describe them as text instead.

// schemaAsText asks for the schema in the last message.
func schemaAsText(messages []Message, s *Schema) []Message {
	return appendToLast(messages, "Reply with one JSON value and nothing else. It must be valid against this JSON schema:\n"+string(s.JSON))
}

// toolsAsText describes the tools in the last message, and converts earlier calls and
// their results to text.
func toolsAsText(messages []Message, tools []Tool) []Message {
	var b strings.Builder
	b.WriteString("You may call one of these tools before you answer. To call it, reply with nothing but a JSON object " +
		`{"tool": NAME, "arguments": OBJECT}; its result follows in the next message.`)
	for _, t := range tools {
		fmt.Fprintf(&b, "\n\n%s: %s\nJSON schema of its arguments: %s", t.Name, t.Description, t.Parameters)
	}
	out := make([]Message, 0, len(messages))
	for _, m := range messages {
		switch {
		case m.Role == RoleTool:
			m = Message{Role: RoleUser, Text: "Result of the tool:\n" + m.Text}
		case len(m.Calls) > 0:
			for _, c := range m.Calls {
				m.Text = strings.TrimSpace(m.Text + "\n" + callAsText(c))
			}
			m.Calls = nil
		}
		out = append(out, m)
	}
	return appendToLast(out, b.String())
}

// A textCall is a tool call as text.
type textCall struct {
	Tool      string          `json:"tool"`
	Arguments json.RawMessage `json:"arguments"`
}

func callAsText(c Call) string {
	arguments := c.Arguments
	if !json.Valid(arguments) {
		arguments = json.RawMessage("{}")
	}
	b, err := json.Marshal(textCall{c.Name, arguments})
	if err != nil {
		return "" // Unreachable: the arguments are valid JSON.
	}
	return string(b)
}

// parseTextCall returns the call in text, if it is a call of one of the tools.
func parseTextCall(text string, tools []Tool) (Call, bool) {
	var c textCall
	if json.Unmarshal([]byte(stripFence(text)), &c) != nil {
		return Call{}, false
	}
	for _, t := range tools {
		if t.Name == c.Tool {
			return Call{ID: "call_" + t.Name, Name: t.Name, Arguments: c.Arguments}, true
		}
	}
	return Call{}, false
}

// appendToLast returns messages with text appended to the last message if the user
// wrote it, else as a new user message.
func appendToLast(messages []Message, text string) []Message {
	out := append([]Message(nil), messages...)
	if last := len(out) - 1; last >= 0 && out[last].Role == RoleUser {
		out[last].Text += "\n\n" + text
		return out
	}
	return append(out, User(text)...)
}

// fenced matches a text that is one Markdown code fence.
var fenced = regexp.MustCompile("(?s)^```[a-zA-Z]*\\s*\n(.*?)\n?```$")

// stripFence returns text without the code fence around it, if there is one.
func stripFence(text string) string {
	text = strings.TrimSpace(text)
	if m := fenced.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	return text
}
