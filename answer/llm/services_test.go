package llm

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm/emulate"
)

// A probe asks the emulated service of one model what it accepts.
type probe struct {
	t            *testing.T
	service      http.Handler
	model        string
	claude       bool
	viaResponses bool
	tokens       int // of the prompt
}

func newProbe(t *testing.T, model string) *probe {
	p := &probe{t: t, model: model, claude: strings.HasPrefix(model, "claude"), tokens: 1}
	h, err := emulate.Handler(emulate.Config{
		Answer: func(string) string { return "ok" },
		Count: func(text string) int {
			if text == "" {
				return 0
			}
			return p.tokens
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.service = h
	return p
}

// accepts reports whether a request with these fields is answered.
func (p *probe) accepts(fields map[string]any) bool {
	p.t.Helper()
	body := map[string]any{"model": p.model, "messages": []any{user("hi")}}
	path := "/v1/chat/completions"
	if p.claude {
		path, body["max_tokens"] = "/v1/messages", 1
	}
	if p.viaResponses {
		path, body = "/v1/responses", map[string]any{"model": p.model, "input": "hi"}
	}
	maps.Copy(body, fields)
	b, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(b)))
	r.Header.Set("Authorization", "Bearer k")
	r.Header.Set("X-Api-Key", "k")
	r.Header.Set("Anthropic-Version", "2023-06-01")
	w := httptest.NewRecorder()
	p.service.ServeHTTP(w, r)
	return w.Code == http.StatusOK
}

// withTokens does so for a prompt of n tokens.
func (p *probe) withTokens(n int) bool {
	p.tokens = n
	defer func() { p.tokens = 1 }()
	return p.accepts(nil)
}

func user(content any) map[string]any { return map[string]any{"role": "user", "content": content} }

// tool, image and instructions return the fields of such a request.
func (p *probe) tool() map[string]any {
	if p.claude {
		return map[string]any{"tools": []any{map[string]any{"name": "f", "input_schema": map[string]any{"type": "object"}}}}
	}
	return map[string]any{"tools": []any{map[string]any{"type": "function", "function": map[string]any{"name": "f"}}}}
}

func (p *probe) image() map[string]any {
	part := map[string]any{"type": "image_url", "image_url": map[string]any{"url": "https://example.com/a.png"}}
	if p.claude {
		part = map[string]any{"type": "image", "source": map[string]any{"type": "url", "url": "https://example.com/a.png"}}
	}
	return map[string]any{"messages": []any{user([]any{map[string]any{"type": "text", "text": "hi"}, part})}}
}

func (p *probe) instructions(role string) map[string]any {
	if p.claude {
		return map[string]any{"system": "be kind"}
	}
	return map[string]any{"messages": []any{map[string]any{"role": role, "content": "be kind"}, user("hi")}}
}

// with returns fields with one more.
func with(fields map[string]any, name string, v any) map[string]any {
	fields[name] = v
	return fields
}

// acceptsResponse does so for the Responses API.
func (p *probe) acceptsResponse(fields map[string]any) bool {
	p.viaResponses = true
	defer func() { p.viaResponses = false }()
	return p.accepts(fields)
}

// checkResponses compares a profile with what the service accepts by the Responses
// API.
func checkResponses(p *probe, row profile, check func(what string, got, want bool)) {
	ours := map[string]any{"store": false, "max_output_tokens": 16}
	if row.api == chatOnly || !strings.HasPrefix(row.name, "o") && !strings.HasPrefix(row.name, "gpt") { // which a hosted model may have or not
		check("the Responses API", p.acceptsResponse(ours), false)
		return
	}
	check("the Responses API", p.acceptsResponse(ours), true)
	check("encrypted reasoning", p.acceptsResponse(map[string]any{"include": []string{"reasoning.encrypted_content"}}), row.mayReason())
	check("tools by responses", p.acceptsResponse(map[string]any{"tools": []any{map[string]any{"type": "function", "name": "f", "strict": false, "parameters": nil}}}), row.tools)
	check("a format by responses", p.acceptsResponse(map[string]any{"text": map[string]any{"format": map[string]any{"type": "json_schema", "name": "f", "schema": map[string]any{"type": "object"}}}}), row.schema == asFormat)
	check("images by responses", p.acceptsResponse(map[string]any{"input": []any{user([]any{map[string]any{"type": "input_image", "detail": "auto", "image_url": "https://example.com/a.png"}})}}), row.images)
	check("a temperature by responses", p.acceptsResponse(map[string]any{"temperature": 0.2}), row.sampling != fixed)
	check("the largest output by responses", p.acceptsResponse(map[string]any{"max_output_tokens": row.maxOutput}), true)
	check("a larger output by responses", p.acceptsResponse(map[string]any{"max_output_tokens": row.maxOutput + 1}), false)
	for _, effort := range anyEffort {
		check(fmt.Sprintf("the effort %q by responses", effort), p.acceptsResponse(map[string]any{"reasoning": map[string]any{"effort": effort}}), slices.Contains(row.efforts, effort))
	}
}

// The profiles agree with the rules of the emulated services, which are written
// down apart from them: a model accepts what its profile says, and nothing else.
func TestProfilesAgreeWithServices(t *testing.T) {
	schema := map[string]any{"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "f", "schema": map[string]any{"type": "object"}}}}
	compared := map[string]bool{}
	for _, name := range emulate.Names() {
		row, ok := profileByName(baseName(name))
		if !ok || row.name == compatible.name {
			continue
		}
		compared[row.name] = true
		t.Run(name, func(t *testing.T) {
			p := newProbe(t, name)
			check := func(what string, got, want bool) {
				t.Helper()
				if got != want {
					t.Errorf("%s: the service accepts %s: %v, the profile %s: %v", name, what, got, row.name, want)
				}
			}
			check("the largest output", p.accepts(map[string]any{row.limit: row.maxOutput}), true)
			check("a larger output", p.accepts(map[string]any{row.limit: row.maxOutput + 1}), false)
			input := row.context - 1
			if row.maxInput > 0 {
				input = row.maxInput
			}
			check("the largest prompt", p.withTokens(input), true)
			check("a larger prompt", p.withTokens(input+1), false)
			check("a temperature", p.accepts(map[string]any{"temperature": 0.2}), row.sampling != fixed)
			check("tools", p.accepts(p.tool()) || p.accepts(with(p.tool(), "reasoning_effort", effortNone)), row.tools)
			check("images", p.accepts(p.image()), row.images)
			if row.stream != try {
				check("streaming", p.accepts(map[string]any{"stream": true}), row.stream == yes)
			}
			if row.instructionRole != "" {
				check("instructions as "+row.instructionRole, p.accepts(p.instructions(row.instructionRole)), true)
			}
			if p.claude {
				return
			}
			checkResponses(p, row, check)
			check("a response format", p.accepts(schema), row.schema == asFormat)
			for _, effort := range anyEffort {
				check(fmt.Sprintf("the effort %q", effort), p.accepts(map[string]any{"reasoning_effort": effort}), slices.Contains(row.efforts, effort))
			}
		})
	}
	for _, name := range []string{"o1-preview", "o1-mini", "o1", "o3-mini", "gpt-4o", "deepseek-r1", "claude-3.5-sonnet"} {
		if !compared[name] {
			t.Errorf("the profile %s was not compared: no emulated model has it", name)
		}
	}
}
