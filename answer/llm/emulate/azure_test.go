package emulate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// Azure's rules: path, api-version, and either a key or a token.
func TestAzure(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{
		Models: map[string]string{"mine": "o1-mini", "newer": "o1", "plain": "gpt-4o", "vectors": "text-embedding-3-small"},
		Token:  func(bearer string) bool { return bearer == "entra" },
	})
	const key, token = "Api-Key: " + llmtest.Key, "Authorization: Bearer entra"
	path := func(deployment, version string) string {
		return s.Root + "/openai/deployments/" + deployment + "/chat/completions?api-version=" + version
	}
	const september, december = "2024-09-01-preview", "2024-12-01-preview"
	body := chat("ignored", "hi")
	for _, tt := range []struct {
		name, url string
		headers   []string
		status    int
		code      string
	}{
		{"key", path("mine", september), []string{key, "Authorization: "}, 200, ""},
		{"token", path("mine", september), []string{token}, 200, ""},
		{"later version", path("mine", "2025-04-01-preview"), []string{token}, 200, ""},
		{"neither", path("mine", september), []string{"Authorization: "}, 401, "401"},
		{"both", path("mine", september), []string{key, token}, 401, "401"},
		{"wrong key", path("mine", september), []string{key + "x", "Authorization: "}, 401, "401"},
		{"key as a token", path("mine", september), nil, 401, "401"},
		{"no version", s.Root + "/openai/deployments/mine/chat/completions", []string{token}, 404, "404"},
		{"no such version", path("mine", "latest"), []string{token}, 404, "404"},
		{"below the floor of o1-mini", path("mine", "2024-08-01-preview"), []string{token}, 400, "BadRequest"},
		{"below the floor of o1", path("newer", september), []string{token}, 400, "BadRequest"},
		{"at the floor of o1", path("newer", december), []string{token}, 200, ""},
		{"no floor", path("plain", "2023-05-15"), []string{token}, 200, ""},
		{"no deployment", path("o1-mini", september), []string{token}, 404, "DeploymentNotFound"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, tt.url, body, tt.headers...)
			if got.status != tt.status || got.Error.Code != tt.code {
				t.Errorf("%d %s, want %d with code %q", got.status, got.body, tt.status, tt.code)
			}
			if tt.status == 200 && (got.Choices[0].ContentFilter["violence"] == nil || len(got.PromptFilter) != 1) {
				t.Errorf("%s, want what the filters say", got.body)
			}
		})
	}
	filtered := post(t, path("mine", september), body, token, "X-Emulate: filter").Choices[0].ContentFilter["violence"]
	if v, _ := filtered.(map[string]any); v["filtered"] != true {
		t.Errorf("violence = %v, want it filtered", filtered)
	}
	vectors := post(t, s.Root+"/openai/deployments/vectors/embeddings?api-version=2024-10-21", `{"model":"vectors","input":"x"}`, token)
	if vectors.status != 200 {
		t.Errorf("embeddings: %d %s", vectors.status, vectors.body)
	}
}

// The official client for Azure finds its way.
func TestAzureSDK(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Models: map[string]string{"mine": "o3-mini"}})
	client := openai.NewClient(azure.WithEndpoint(s.Root, "2024-12-01-preview"), azure.WithAPIKey(llmtest.Key), azure.WithUnsafeAllowHTTP(), option.WithHTTPClient(&http.Client{}))
	p := openai.ChatCompletionNewParams{Model: "mine", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(grounded)}}
	got, err := client.Chat.Completions.New(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Choices[0].Message.Content != groundedText || got.Model != "o3-mini-2025-01-31" || !strings.Contains(got.RawJSON(), `"prompt_filter_results":[`) {
		t.Errorf("completion = %s", got.RawJSON())
	}
	stream, text := client.Chat.Completions.NewStreaming(t.Context(), p), ""
	for stream.Next() {
		for _, c := range stream.Current().Choices { // the first piece has none
			text += c.Delta.Content
		}
	}
	if stream.Err() != nil || text != groundedText {
		t.Errorf("streamed %q, %v", text, stream.Err())
	}
}

// Anthropic's rules.
func TestAnthropicRules(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	const (
		key, version = "X-Api-Key: " + llmtest.Key, "Anthropic-Version: 2023-06-01"
		model        = `"model":"claude-3-5-sonnet-20241022"`
		message      = `"messages":[{"role":"user","content":"hi"}]`
		most         = `"max_tokens":8192`
	)
	for _, tt := range []struct {
		name, body string
		headers    []string
		status     int
		kind, says string
	}{
		{"plain", `{` + model + `,` + message + `,` + most + `}`, []string{key, version}, 200, "", `"type":"message"`},
		{"alias", `{"model":"claude-3-5-sonnet-latest",` + message + `,` + most + `}`, []string{key, version}, 200, "", `"claude-3-5-sonnet-20241022"`},
		{"sampling", `{` + model + `,` + message + `,` + most + `,"temperature":0.2,"top_p":0.5,"stop_sequences":["x"]}`, []string{key, version}, 200, "", `"end_turn"`},
		{"no key", `{` + model + `,` + message + `,` + most + `}`, []string{version}, 401, "authentication_error", "required"},
		{"wrong key", `{` + model + `,` + message + `,` + most + `}`, []string{key + "x", version}, 401, "authentication_error", "invalid x-api-key"},
		{"no version", `{` + model + `,` + message + `,` + most + `}`, []string{key}, 400, "invalid_request_error", "anthropic-version"},
		{"other version", `{` + model + `,` + message + `,` + most + `}`, []string{key, "Anthropic-Version: 2024-01-01"}, 400, "invalid_request_error", "anthropic-version"},
		{"no limit", `{` + model + `,` + message + `}`, []string{key, version}, 400, "invalid_request_error", "max_tokens: Field required"},
		{"too much", `{` + model + `,` + message + `,"max_tokens":8193}`, []string{key, version}, 400, "invalid_request_error", "8193 > 8192"},
		{"too hot", `{` + model + `,` + message + `,` + most + `,"temperature":1.5}`, []string{key, version}, 400, "invalid_request_error", "temperature"},
		{"OpenAI's field", `{` + model + `,` + message + `,` + most + `,"max_completion_tokens":5}`, []string{key, version}, 400, "invalid_request_error", "Extra inputs"},
		{"system as a role", `{` + model + `,"messages":[{"role":"system","content":"hi"}],` + most + `}`, []string{key, version}, 400, "invalid_request_error", "top-level"},
		{"assistant first", `{` + model + `,"messages":[{"role":"assistant","content":"hi"}],` + most + `}`, []string{key, version}, 400, "invalid_request_error", "first message"},
		{"empty text", `{` + model + `,"messages":[{"role":"user","content":" "}],` + most + `}`, []string{key, version}, 400, "invalid_request_error", "non-empty"},
		{"OpenAI's model", `{"model":"o1",` + message + `,` + most + `}`, []string{key, version}, 404, "not_found_error", "o1"},
		{"limited", `{` + model + `,` + message + `,` + most + `}`, []string{key, version, "X-Emulate: 429"}, 429, "rate_limit_error", "error"},
		{"overloaded", `{` + model + `,` + message + `,` + most + `}`, []string{key, version, "X-Emulate: 529"}, 529, "overloaded_error", "error"},
		{"length", `{` + model + `,` + message + `,` + most + `}`, []string{key, version, "X-Emulate: length"}, 200, "", `"max_tokens"`},
		{"refusal", `{` + model + `,` + message + `,` + most + `}`, []string{key, version, "X-Emulate: refusal"}, 200, "", `"refusal"`},
		{"tool by force", `{` + model + `,` + message + `,` + most + `,"tools":[{"name":"f","input_schema":{"type":"object","required":["query"],"properties":{"query":{"type":"string"}}}}],"tool_choice":{"type":"tool","name":"f"}}`, []string{key, version}, 200, "", `"input":{"query":"hi"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, s.Root+"/v1/messages", tt.body, tt.headers...)
			if got.status != tt.status || got.Error.Type != tt.kind || !strings.Contains(got.body, tt.says) {
				t.Errorf("%d %s, want %d, type %q, with %s", got.status, got.body, tt.status, tt.kind, tt.says)
			}
		})
	}
}

// Anthropic's blocks: images, tools and their results, in their order.
func TestAnthropicBlocks(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	const (
		head   = `{"model":"claude-3-5-sonnet","max_tokens":500,`
		tools  = `"tools":[{"name":"search_docs","description":"finds","input_schema":{"type":"object","required":["query"],"properties":{"query":{"type":"string"}}}}]`
		asks   = `{"role":"user","content":[{"type":"text","text":"How often do I rotate a key?"}]}`
		calls  = `{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"search_docs","input":{"query":"x"}}]}`
		result = `{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"<source-0f n=\"1\">\ntext:\nRotate a key every ninety days.\n</source-0f>"}]}]}`
		image  = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}`
		doc    = `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Rotate a key every *ninety* days."},"title":"Keys","citations":{"enabled":true}}`
	)
	documents := func(docs ...string) string {
		return `"messages":[{"role":"user","content":[` + strings.Join(docs, ",") + `,{"type":"text","text":"How often do I rotate a key?"}]}]`
	}
	for _, tt := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"searches first", head + tools + `,"messages":[` + asks + `]}`, 200, `"input":{"query":"How often do I rotate a key?"}`},
		{"searches in pieces", head + tools + `,"stream":true,"messages":[` + asks + `]}`, 200, `"partial_json":`},
		{"answers from the result", head + tools + `,"messages":[` + asks + `,` + calls + `,` + result + `]}`, 200, `Rotate a key every ninety days [1].`},
		{"image", head + `"messages":[{"role":"user","content":[` + image + `,{"type":"text","text":"what?"}]}]}`, 200, `"text"`},
		{"image of another type", head + `"messages":[{"role":"user","content":[` + strings.Replace(image, "png", "bmp", 1) + `]}]}`, 400, "messages.0.content.0"},
		{"result of the assistant", head + `"messages":[` + asks + `,` + strings.Replace(result, "user", "assistant", 1) + `]}`, 400, "messages.1.content.0"},
		{"cited documents", head + documents(doc, doc) + `}`, 200, `"cited_text":"Rotate a key every *ninety* days."`},
		{"cited documents in pieces", head + `"stream":true,` + documents(doc, doc) + `}`, 200, `"citations_delta"`},
		{"some documents cited", head + documents(doc, strings.Replace(doc, "true", "false", 1)) + `}`, 400, "all documents"},
		{"empty document", head + documents(strings.Replace(doc, "Rotate a key every *ninety* days.", " ", 1)) + `}`, 400, "messages.0.content.0.document.source"},
		{"document with a long title", head + documents(strings.Replace(doc, "Keys", strings.Repeat("k", 501), 1)) + `}`, 400, "document.title"},
		{"document with another field", head + documents(strings.Replace(doc, "title", "name", 1)) + `}`, 400, "messages.0.content.0.document"},
		{"citations with a schema", strings.Replace(head, "claude-3-5-sonnet", "claude-opus-4-8", 1) + `"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},` + documents(doc) + `}`, 400, "structured outputs"},
		{"empty block", head + `"messages":[{"role":"user","content":[{"type":"text","text":""}]}]}`, 400, "non-empty"},
		{"no blocks", head + `"messages":[{"role":"user","content":[]}]}`, 400, "list of blocks"},
		{"no messages", head + `"messages":[]}`, 400, "at least one"},
		{"tool without a schema", head + `"tools":[{"name":"f"}],"messages":[` + asks + `]}`, 400, "tools.0"},
		{"choice without tools", head + `"tool_choice":{"type":"any"},"messages":[` + asks + `]}`, 400, "tool_choice"},
		{"long prompt", head + `"messages":[{"role":"user","content":"` + strings.Repeat("word ", 200_000) + `"}]}`, 400, "prompt is too long"},
		{"long prompt with its answer", head + `"messages":[{"role":"user","content":"` + strings.Repeat("word ", 159_900) + `"}]}`, 400, "exceed context limit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, s.Root+"/v1/messages", tt.body, "X-Api-Key: "+llmtest.Key, "Anthropic-Version: 2023-06-01")
			if got.status != tt.status || !strings.Contains(got.body, tt.says) {
				t.Errorf("%d %.300s, want %d with %s", got.status, got.body, tt.status, tt.says)
			}
		})
	}
}
