package answer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

// runCalls runs the searches that a response asks for and appends the results
// to the conversation.
func (s *search) runCalls(ctx context.Context, resp llm.Response) error {
	calls := s.wellFormed(resp.Calls)
	s.request.Messages = append(s.request.Messages, llm.Message{Role: llm.RoleAssistant, Text: resp.Text, Calls: calls})
	for i, c := range calls {
		result := prompt.TooManySearches
		if i < prompt.MaxSearches {
			var err error
			if result, err = s.runCall(ctx, c); err != nil {
				return err
			}
		}
		s.request.Messages = append(s.request.Messages, llm.Message{Role: llm.RoleTool, CallID: c.ID, Text: result})
	}
	return nil
}

// runCall runs one search and returns its result for the model. Chunks that the
// model has seen are not repeated.
func (s *search) runCall(ctx context.Context, c llm.Call) (string, error) {
	var in struct {
		Query string `json:"query"`
		K     int    `json:"k"`
	}
	if c.Name != prompt.SearchTool {
		return prompt.NoSuchTool, nil
	}
	// A model may write k as a string or omit it: only the query is required.
	if err := json.Unmarshal(c.Arguments, &in); (err != nil || string(c.Arguments) == noArguments) && in.Query == "" {
		return prompt.BadArguments, nil
	}
	if r := []rune(strings.TrimSpace(in.Query)); len(r) == 0 || len(r) > prompt.MaxQueryRunes {
		return prompt.BadQueryLength, nil
	}
	found, err := s.retrieve(ctx, in.Query, in.K)
	if errors.Is(err, retrieve.ErrQuery) {
		return prompt.BadQuery, nil
	}
	if err != nil {
		return "", err
	}
	var again []int
	var fresh []retrieve.Hit
	for _, h := range found.Hits {
		if i := slices.IndexFunc(s.hits, func(o retrieve.Hit) bool { return o.ID == h.ID }); i >= 0 {
			again = append(again, i+1)
		} else {
			fresh = append(fresh, h)
		}
	}
	text := prompt.Found(s.fence, fresh, len(s.hits), again)
	s.hits = append(s.hits, fresh...)
	return text, nil
}

// toolName matches the names of tools that services accept.
var toolName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// noArguments takes the place of arguments that are not an object.
const noArguments = "{}"

// wellFormed returns the calls in a form that every service accepts in the next
// request, whatever the model wrote: each has an id that no other call of the
// conversation has, the name of a tool, and an object as its arguments. A call whose
// arguments were cut has none, and gets an error as its result.
func (s *search) wellFormed(calls []llm.Call) []llm.Call {
	seen := make(map[string]bool)
	for _, m := range s.request.Messages {
		for _, c := range m.Calls {
			seen[c.ID] = true
		}
	}
	out, changed := slices.Clone(calls), false
	for i := range out {
		c := &out[i]
		before := *c
		for n := len(seen); c.ID == "" || seen[c.ID]; n++ {
			c.ID = fmt.Sprintf("call_%d", n+1)
		}
		seen[c.ID] = true
		if !toolName.MatchString(c.Name) { // such as functions.search_docs
			c.Name = prompt.SearchTool
		}
		c.Arguments = object(c.Arguments)
		changed = changed || c.ID != before.ID || c.Name != before.Name || !bytes.Equal(c.Arguments, before.Arguments)
	}
	for i := range out {
		if changed { // they repeat what the model wrote
			out[i].Items = nil
		}
	}
	return out
}

// object returns arguments that are a JSON object, perhaps within a string, and
// noArguments for others.
func object(arguments json.RawMessage) json.RawMessage {
	var within string
	if json.Unmarshal(arguments, &within) == nil {
		arguments = json.RawMessage(within)
	}
	var o map[string]any
	if json.Unmarshal(arguments, &o) != nil || o == nil {
		return json.RawMessage(noArguments)
	}
	return arguments
}
