package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// Which API is asked, by provider, address, profile, setting and tools.
func TestAPI(t *testing.T) {
	const own, elsewhere, azure = "https://api.openai.com/v1", "https://llm.example.com/v1", "https://name.openai.azure.com"
	const chat, responses, azureChat, azureResponses = "/v1/chat/completions", "/v1/responses",
		"/openai/deployments/m/chat/completions?api-version=2024-12-01-preview", "/openai/v1/responses"
	for _, tt := range []struct {
		provider, base, profile, api string
		tools                        bool
		effort                       string
		want                         string
	}{
		{"openai", own, "o1", "auto", false, "", responses},
		{"openai", "", "gpt-5", "", false, "", responses},
		{"openai", "https://eu.api.openai.com/v1", "gpt-5.6", "auto", false, "", responses},
		{"openai", own, "o1-mini", "auto", false, "", chat},
		{"openai", own, "o1-preview", "responses", false, "", chat},
		{"openai", own, "gpt-4o", "auto", false, "", chat},
		{"openai", own, "gpt-4o", "responses", false, "", responses},
		{"openai", own, "compatible", "auto", false, "", chat},
		{"openai", own, "gpt-5", "chat", false, "", chat},
		{"openai", elsewhere, "o1", "auto", true, "", chat},
		{"openai", elsewhere, "o1", "responses", false, "", responses},
		{"openai", "https://notopenai.com/v1", "o1", "auto", false, "", chat},
		{"openai", elsewhere, "gpt-5.4", "auto", false, "", chat},
		{"openai", elsewhere, "gpt-5.4", "auto", true, "", responses},
		{"openai", elsewhere, "gpt-5.4", "auto", true, "none", chat},
		{"openai", elsewhere, "gpt-5.6", "auto", true, "", responses},
		{"openai", elsewhere, "gpt-5.6", "chat", true, "", chat},
		{"azure", azure, "o1", "auto", false, "", azureResponses},
		{"azure", azure + "/", "gpt-5.6", "auto", true, "", azureResponses},
		{"azure", azure, "o1", "chat", false, "", azureChat},
		{"azure", azure, "o1-mini", "auto", false, "", azureChat},
		{"azure", azure, "compatible", "auto", false, "", azureChat},
		{"openrouter", "", "o1", "auto", false, "", "/api" + chat},
		{"vllm", "", "gpt-5", "auto", false, "", chat},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			tr := &transport{}
			c, err := llm.New(llm.Config{Provider: tt.provider, BaseURL: tt.base, APIKey: "k", Model: "m", Profile: tt.profile, API: tt.api,
				Options: llm.Options{Effort: tt.effort}, HTTPClient: &http.Client{Transport: tr}})
			if err != nil {
				t.Fatal(err)
			}
			r := llm.Request{Messages: llm.User("hi")}
			if tt.tools {
				withTool(&r)
			}
			if _, err := c.Complete(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if _, path, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(tr.urls[0], "https://"), "http://"), "/"); "/"+path != tt.want {
				t.Errorf("asked /%s, want %s", path, tt.want)
			}
			if tt.provider == "azure" && (tr.headers[0].Get("Api-Key") != "k" || tr.headers[0].Get("Authorization") != "") {
				t.Errorf("asked with the headers %v, want the key in Api-Key", tr.headers[0])
			}
		})
	}
}

// Chat completions accept tools of these models without reasoning only: nothing else
// leaves the client.
func TestToolsOnChat(t *testing.T) {
	r := llm.Request{Messages: llm.User("hi")}
	withTool(&r)
	for _, tt := range []struct{ effort, sent string }{{"", "none"}, {"none", "none"}, {"high", ""}} {
		tr := &transport{}
		c, err := llm.New(llm.Config{APIKey: "k", Model: "gpt-5.6", API: llm.APIChat, Options: llm.Options{Effort: tt.effort}, HTTPClient: &http.Client{Transport: tr}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Complete(t.Context(), r)
		if tt.sent == "" && (!errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "--api") || len(tr.bodies) != 0) {
			t.Errorf("effort %q: %v after %d requests, want ErrConfig before any", tt.effort, err, len(tr.bodies))
		}
		if tt.sent != "" && (err != nil || !strings.Contains(tr.bodies[0], `"reasoning_effort":"`+tt.sent+`"`)) {
			t.Errorf("effort %q: %v, sent %v", tt.effort, err, tr.bodies)
		}
	}
}

// A service that does not have the Responses API is asked by chat completions from
// then on; one that demands it is asked by it.
func TestAPIFallback(t *testing.T) {
	html := func(status int) answerer {
		return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("X-Should-Retry", "false")
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>hello</html>")
		}
	}
	refusal := func(status int, param, code, message string) answerer {
		return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Should-Retry", "false")
			w.WriteHeader(status)
			b, _ := json.Marshal(map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "param": nullable(param), "code": nullable(code)}})
			_, _ = w.Write(b)
		}
	}
	for _, tt := range []struct {
		name     string
		c        llm.Config
		tools    bool
		refusals map[string]answerer // by the end of the path; others are answered
		want     string              // ends of the paths of three requests
		fails    bool
	}{
		{"404", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": fails(404)}, "responses completions completions completions", false},
		{"405", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": fails(405)}, "responses completions completions completions", false},
		{"501", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": fails(501)}, "responses completions completions completions", false},
		{"a page", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": html(200)}, "responses completions completions completions", false},
		{"a page with 404", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": html(404)}, "responses completions completions completions", false},
		{"200 for any address", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": says(`{"error":"Unexpected endpoint or method. (POST /v1/responses)"}`)}, "responses completions completions completions", false},
		{"a gateway", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": refusal(403, "", "", "Missing Authentication Token")}, "responses completions completions completions", false},
		{"FastAPI", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
			w.WriteHeader(404)
			fmt.Fprint(w, `{"detail":"Not Found"}`)
		}}, "responses completions completions completions", false},
		{"not this key", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": refusal(403, "", "", "You are not allowed to use this model.")}, "responses", true},
		{"another body", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": text("ok", "stop", 1, 0)}, "responses completions completions completions", false},
		{"Azure", llm.Config{Provider: "azure", Model: "o1"}, false, map[string]answerer{"responses": refusal(404, "", "404", "Resource not found")}, "responses completions completions completions", false},
		{"Azure's region", llm.Config{Provider: "azure", Model: "o1"}, false, map[string]answerer{"responses": refusal(400, "", "OperationNotSupported", "The requested operation is unsupported.")}, "responses completions completions completions", false},
		{"in words", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": refusal(400, "model", "", "This model is not supported with the Responses API.")}, "responses completions completions completions", false},
		{"for tools", llm.Config{Model: "gpt-5.6"}, true, map[string]answerer{"responses": fails(404)}, "responses completions completions completions", false},

		{"no such model", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": refusal(404, "", "model_not_found", "The model does not exist")}, "responses", true},
		{"no such deployment", llm.Config{Provider: "azure", Model: "o1"}, false, map[string]answerer{"responses": refusal(404, "", "DeploymentNotFound", "no deployment")}, "responses", true},
		{"no such item", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": refusal(404, "input", "", "Item with id 'rs_1' not found.")}, "responses", true},
		{"wrong key", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": fails(401)}, "responses", true},
		{"bad request", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": refusal(400, "input", "", "Invalid input.")}, "responses", true},
		{"failure", llm.Config{Model: "o1", API: "responses"}, false, map[string]answerer{"responses": fails(500)}, "responses", true},

		{"chat refuses tools", llm.Config{Model: "prod"}, false, map[string]answerer{"completions": refusal(400, "reasoning_effort", "", "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead.")},
			"completions responses responses responses", false},
		{"chat refuses the model", llm.Config{Model: "o9-pro"}, false, map[string]answerer{"completions": refusal(404, "model", "", "This model is only supported in v1/responses and not in v1/chat/completions.")},
			"completions responses responses responses", false},
		{"chat names the API", llm.Config{Model: "prod"}, false, map[string]answerer{"completions": refusal(400, "", "", "Please call this model by the Responses API.")}, "completions responses responses responses", false},
		{"not against the user's wish", llm.Config{Model: "prod", API: "chat"}, false, map[string]answerer{"completions": refusal(400, "", "", "Please use /v1/responses instead.")}, "completions", true},
		{"neither", llm.Config{Model: "prod"}, false, map[string]answerer{"completions": refusal(400, "", "", "Please use /v1/responses instead."), "responses": fails(404)}, "completions responses completions", true},
	} {
		for _, streamed := range []bool{false, true} {
			t.Run(tt.name+map[bool]string{true: "/stream"}[streamed], func(t *testing.T) {
				s := serve(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
					end := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
					switch refuse := tt.refusals[end]; {
					case refuse != nil:
						refuse(w, r, body)
					case end == "responses" && streamed:
						typed(t, response("completed", "null", outputMessage("msg_1", "ok")))(w, r, body)
					case end == "responses":
						says(response("completed", "null", outputMessage("msg_1", "ok")))(w, r, body)
					case streamed:
						streams(piece("ok"), stopped, "[DONE]")(w, r, body)
					default:
						text("ok", "stop", 1, 0)(w, r, body)
					}
				})
				c := s.client(t, tt.c)
				for range 3 {
					r := llm.Request{Messages: llm.User("hi")}
					if tt.tools {
						withTool(&r)
					}
					if streamed {
						r.Delta = func(string) error { return nil }
					}
					got, err := c.Complete(t.Context(), r)
					if (err != nil) != tt.fails || !tt.fails && got.Text != "ok" {
						t.Fatalf("Complete = %q, %v, want an error: %v", got.Text, err, tt.fails)
					}
					if tt.fails {
						break
					}
				}
				var asked []string
				for _, u := range s.urls {
					path, _, _ := strings.Cut(u, "?")
					asked = append(asked, path[strings.LastIndex(path, "/")+1:])
				}
				if !tt.fails && c.UsesResponses() != strings.HasSuffix(tt.want, "responses") && !tt.tools {
					t.Errorf("UsesResponses = %v after %s", c.UsesResponses(), tt.want)
				}
				if got := strings.Join(asked, " "); got != tt.want {
					t.Errorf("asked %s, want %s", got, tt.want)
				}
			})
		}
	}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Where chat completions refuse tools with reasoning and nothing else is served, they
// are asked without reasoning.
func TestToolsWithoutReasoning(t *testing.T) {
	refuse := fails400(`{"error":{"message":"Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. Please use /v1/responses instead.","param":"reasoning_effort","code":null}}`)
	for _, api := range []string{llm.APIAuto, llm.APIChat} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/responses"):
				fails(404)(w, r, body)
			case body["tools"] != nil && body["reasoning_effort"] != "none":
				refuse(w, r, body)
			default:
				text("ok", "stop", 1, 0)(w, r, body)
			}
		})
		c := s.client(t, llm.Config{Model: "prod", Profile: "gpt-5.2", API: api})
		r := llm.Request{Messages: llm.User("hi")}
		withTool(&r)
		for range 2 {
			if got, err := c.Complete(t.Context(), r); err != nil || got.Text != "ok" {
				t.Errorf("%s: Complete = %q, %v", api, got.Text, err)
			}
		}
		if n := s.count(); n > 4 {
			t.Errorf("%s: %d requests: what was refused is not remembered", api, n)
		}
	}
}

// Parameters that a service refuses by the Responses API are left out, as with chat
// completions.
func TestNegotiateResponses(t *testing.T) {
	for _, tt := range []struct {
		name, param, code, message string
		absent                     string
	}{
		{"effort", "reasoning.effort", "unsupported_parameter", "not supported", "reasoning"},
		{"format", "text.format", "unsupported_parameter", "not supported", "text"},
		{"stream", "stream", "unsupported_value", "must be verified to stream this model", "stream"},
		{"encrypted reasoning", "include", "", "Encrypted content is not supported with this model.", "include"},
		{"tools", "tools", "unsupported_parameter", "not supported", "tools"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
				switch {
				case body[tt.absent] != nil:
					fails400(fmt.Sprintf(`{"error":{"message":%q,"param":%q,"code":%q}}`, tt.message, tt.param, tt.code))(w, r, body)
				case body["stream"] != nil:
					typed(t, response("completed", "null", outputMessage("msg_1", "ok")))(w, r, body)
				default:
					says(response("completed", "null", outputMessage("msg_1", "ok")))(w, r, body)
				}
			})
			c := s.viaResponses(t, llm.Config{Model: "o3", Options: llm.Options{Effort: "low"}})
			r := llm.Request{Messages: llm.User("hi"), Delta: func(string) error { return nil }}
			if withTool(&r); tt.name == "format" {
				r.Tools, r.Schema = nil, &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}
			}
			for range 2 {
				if got, err := c.Complete(t.Context(), r); err != nil || got.Text != "ok" {
					t.Errorf("Complete = %q, %v", got.Text, err)
				}
			}
			if n := s.count(); n != 3 {
				t.Errorf("%d requests, want 3", n)
			}
		})
	}
}

// A wrong setting is said before anything is sent.
func TestAPIErrors(t *testing.T) {
	for _, c := range []llm.Config{
		{Model: "o1", API: "soap"},
		{Provider: "anthropic", API: llm.APIResponses},
		{Model: "gpt-4o", API: llm.APIResponses, Options: llm.Options{Stop: []string{"END"}}},
	} {
		c.APIKey = "k"
		if _, err := llm.New(c); !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "--api") {
			t.Errorf("New(%+v) = %v, want ErrConfig naming --api", c, err)
		}
	}
}
