package llm_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// body answers with a status, a media type and a body, byte for byte.
func body(status int, mediaType, b string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(status)
		fmt.Fprint(w, b)
	}
}

const (
	jsonType   = "application/json"
	eventsType = "text/event-stream"
	textType   = "text/plain; charset=utf-8"

	wholeTwo = `{"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"One two."}}]}`
	eventTwo = `data: {"model":"m","choices":[{"index":0,"delta":{"content":"One two."}}]}` + "\n\n"
)

// replies returns a completion and a stream of one chunk with the fields of a message.
func replies(fields, finish string) []string {
	return []string{
		`{"model":"m","choices":[{"index":0,"finish_reason":` + finish + `,"message":{` + fields + `}}]}`,
		`data: {"model":"m","choices":[{"index":0,"finish_reason":` + finish + `,"delta":{` + fields + `}}]}` + "\n\ndata: [DONE]\n\n",
	}
}

// TestReplies reads replies as services give them, with and without a stream. Reasoning
// is never part of the text.
func TestReplies(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bodies []string // each is a reply to both kinds of request
		text   string
		finish string
	}{
		{"plain", replies(`"content":"One two."`, `"stop"`), "One two.", "stop"},
		{"parts", replies(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"SECRET"}]},{"type":"text","text":"One "},{"type":"text","text":"two."}]`, `"stop"`), "One two.", "stop"},
		{"parts of another form", replies(`"content":[{"type":"reasoning","text":"SECRET"},{"text":"SECRET","thought":true},"One ",{"type":"output_text","text":"two."},{"type":"image","url":"x"}]`, `"stop"`), "One two.", "stop"},
		{"an object", replies(`"content":{"type":"text","text":"One two."}`, `"stop"`), "One two.", "stop"},
		{"reasoning_content", replies(`"reasoning_content":"SECRET","content":"One two."`, `"stop"`), "One two.", "stop"},
		{"reasoning", replies(`"reasoning":"SECRET","reasoning_details":[{"type":"reasoning.text","text":"SECRET"}],"content":"One two."`, `"stop"`), "One two.", "stop"},
		{"thinking", replies(`"thinking":"SECRET","content":"One two."`, `"stop"`), "One two.", "stop"},
		{"reasoning_details", replies(`"reasoning_details":[{"type":"reasoning.summary","summary":"SECRET"},{"type":"reasoning.encrypted","data":"xx"}],"content":"One two."`, `"stop"`), "One two.", "stop"},
		{"marks", replies(`"content":"<think>SECRET</think>\n\nOne two."`, `"stop"`), "One two.", "stop"},
		{"two blocks", replies(`"content":"<think>SECRET</think>\n<think>SECRET</think>One two."`, `"stop"`), "One two.", "stop"},
		{"long marks", replies(`"content":"<thinking>SECRET</thinking>One two."`, `"stop"`), "One two.", "stop"},
		{"brackets", replies(`"content":"[THINK]SECRET[/THINK]One two."`, `"stop"`), "One two.", "stop"},
		{"channels", replies(`"content":"<|channel|>analysis<|message|>SECRET<|end|><|start|>assistant<|channel|>final<|message|>One two."`, `"stop"`), "One two.", "stop"},
		{"a citation at the beginning", replies(`"content":"[1] One two."`, `"stop"`), "[1] One two.", "stop"},
		{"a tag at the beginning", replies(`"content":"<table> One two."`, `"stop"`), "<table> One two.", "stop"},
		{"end_turn", replies(`"content":"One two."`, `"end_turn"`), "One two.", "stop"},
		{"stop_sequence", replies(`"content":"One two."`, `"stop_sequence"`), "One two.", "stop"},
		{"eos", replies(`"content":"One two."`, `"eos"`), "One two.", "stop"},
		{"STOP", replies(`"content":"One two."`, `"STOP"`), "One two.", "stop"},
		{"no finish_reason", replies(`"content":"One two."`, `null`), "One two.", "stop"},
		{"max_tokens", replies(`"content":"One two."`, `"max_tokens"`), "One two.", "length"},
		{"MAX_TOKENS", replies(`"content":"One two."`, `"MAX_TOKENS"`), "One two.", "length"},
		{"SAFETY", replies(`"content":"One two."`, `"SAFETY"`), "One two.", "content_filter"},
		{"error at the end", replies(`"content":"One two."`, `"error"`), "One two.", "cut"},
		{"another choice", []string{strings.Replace(wholeTwo, `}]}`, `},{"index":1,"message":{"content":"SECRET"}}]}`, 1)}, "One two.", "stop"},
		{"fields of other types", []string{`{"id":7,"created":"now","model":null,"system_fingerprint":{},"choices":[{"index":0,"finish_reason":"stop","message":{"role":null,"content":"One two.","tool_calls":null,"refusal":null}}]}`}, "One two.", "stop"},
		{"text of a completion", []string{`{"choices":[{"index":0,"finish_reason":"stop","text":"One two."}]}`}, "One two.", "stop"},
		{"white space and mark before", []string{"\ufeff\n " + wholeTwo, "\n\n" + eventTwo + "data: [DONE]\n\n"}, "One two.", "stop"},
		{"comments and events", []string{": PROCESSING\n\nevent: message\nid: 1\nretry: 10\n" + eventTwo + "data:[DONE]\n\n"}, "One two.", "stop"},
		{"lines of Windows", []string{strings.ReplaceAll(eventTwo+"data: [DONE]\n\n", "\n", "\r\n")}, "One two.", "stop"},
		{"no empty line at the end", []string{strings.TrimSpace(eventTwo + "data: [DONE]")}, "One two.", "stop"},
		{"no end", []string{eventTwo}, "One two.", "cut"},
		{"end within an event", []string{eventTwo + `data: {"choices":[{"ind`}, "One two.", "cut"},
		{"parts of other types", replies(`"content":[{"type":"TEXT","text":"One "},{"type":"text","text":{"value":"two","annotations":[]}},{"type":"message","content":[{"type":"input_text","text":"."}]},{"type":"Thinking","text":"SECRET"}]`, `"stop"`), "One two.", "stop"},
		{"an index as text", []string{strings.Replace(wholeTwo, `"index":0`, `"index":"0"`, 1)}, "One two.", "stop"},
		{"an empty error", []string{
			strings.Replace(wholeTwo, `{`, `{"error":false,`, 1), strings.Replace(wholeTwo, `{`, `{"error":{"code":0,"message":null},`, 1), strings.Replace(wholeTwo, `{`, `{"error":[],`, 1),
		}, "One two.", "stop"},
		{"one line break between events", []string{`data: {"choices":[{"delta":{"content":"One "}}]}` + "\n" + `data: {"choices":[{"delta":{"content":"two."},"finish_reason":"stop"}]}` + "\ndata: [DONE]\n"}, "One two.", "stop"},
		{"lines of JSON", []string{`{"choices":[{"delta":{"content":"One "}}]}` + "\n" + `{"choices":[{"delta":{"content":"two."},"finish_reason":"stop"}]}` + "\n"}, "One two.", "stop"},
		{"text that keeps the connection open", []string{"data: ping\n\n" + eventTwo + "event: ping\ndata: null\n\ndata: [DONE]\n\n"}, "One two.", "stop"},
		{"other marks of the end", []string{eventTwo + "data: [done]\n\n", eventTwo + "data: DONE\n\n", eventTwo + "data: \"[DONE]\"\n\n"}, "One two.", "stop"},
		{"error after the last chunk", []string{strings.Replace(eventTwo, `}}`, `},"finish_reason":"stop"}`, 1) + `data: {"error":{"message":"SECRET"}}` + "\n\n"}, "One two.", "stop"},
		{"error as text after text", []string{eventTwo + "data: [ERROR] SECRET\n\n"}, "One two.", "cut"},
		{"error after text", []string{eventTwo + `data: {"error":{"message":"SECRET","code":502},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}` + "\n\n"}, "One two.", "cut"},
		{"error event after text", []string{eventTwo + "event: error\ndata: \"SECRET\"\n\n"}, "One two.", "cut"},
	} {
		for i, b := range tt.bodies {
			mediaTypes := []string{jsonType, textType, eventsType, ""}
			for _, streamed := range []bool{false, true} {
				for _, mediaType := range mediaTypes {
					t.Run(fmt.Sprint(tt.name, i, streamed, mediaType), func(t *testing.T) {
						var seen collector
						r := llm.Request{Messages: llm.User("hi")}
						if streamed {
							r.Delta = seen.delta
						}
						got, err := serve(t, body(200, mediaType, b)).client(t, llm.Config{Model: "mystery"}).Complete(t.Context(), r)
						if err != nil || got.Text != tt.text || got.FinishReason != tt.finish || strings.Contains(got.Text+seen.joined(), "SECRET") {
							t.Errorf("Complete = %q, %s, %v, want %q, %s", got.Text, got.FinishReason, err, tt.text, tt.finish)
						}
						if streamed && seen.joined() != tt.text {
							t.Errorf("shown %q, want %q", seen.joined(), tt.text)
						}
						if !got.Usage.Unknown {
							t.Errorf("usage = %+v, want it unknown", got.Usage)
						}
					})
				}
			}
		}
	}
}

// TestFinishReasons reads the names of other APIs in every spelling.
func TestFinishReasons(t *testing.T) {
	for want, names := range map[string][]string{
		"stop":           {"Stop", "FinishReason.STOP", "FINISH_REASON_STOP", "end-turn", "endTurn", "stop_token"},
		"length":         {"max-tokens", "maxTokens", "finish_reason_max_tokens", "token limit", "length_limit", "model_context_window_exceeded"},
		"content_filter": {"content-filter", "contentFilter", "sensitive", "FinishReason.SAFETY"},
		"cut":            {"network_error", "Timeout"},
		"tool_calls":     {"toolCalls", "TOOL_USE"},
		"other":          {"OTHER"},
	} {
		for _, name := range names {
			b := replies(`"content":"One two."`, fmt.Sprintf("%q", name))[0]
			if got, err := serve(t, says(b)).client(t, llm.Config{Model: "mystery"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil || got.FinishReason != want {
				t.Errorf("%s: Complete = %s, %v, want %s", name, got.FinishReason, err, want)
			}
		}
	}
}

// TestUsageForms reads the counts of tokens in the forms of other APIs. What is not a
// number of tokens is unknown.
func TestUsageForms(t *testing.T) {
	for usage, want := range map[string]llm.Usage{
		`{"prompt_tokens":"7","completion_tokens":9.0}`:                                                              {PromptTokens: 7, CompletionTokens: 9, Calls: 1},
		`{"input_tokens":7,"output_tokens":9,"reasoning_tokens":3}`:                                                  {PromptTokens: 7, CompletionTokens: 9, ReasoningTokens: 3, Calls: 1},
		`{"prompt_tokens":7,"completion_tokens":9,"completion_tokens_details":[],"prompt_tokens_details":"unknown"}`: {PromptTokens: 7, CompletionTokens: 9, Calls: 1},
		`{"prompt_tokens":-1,"completion_tokens":1e30}`:                                                              {Calls: 1, Unknown: true},
	} {
		b := strings.Replace(wholeTwo, `{`, `{"usage":`+usage+`,`, 1)
		if got, err := serve(t, says(b)).client(t, llm.Config{Model: "mystery"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil || got.Usage != want {
			t.Errorf("%s: usage = %+v, %v, want %+v", usage, got.Usage, err, want)
		}
	}
}

// TestUnopenedThinking holds text back that a model of this name may have thought, until
// it closes its reasoning. A model of another name is shown at once; when it turns out
// to reason in its text, the next text is held back.
func TestUnopenedThinking(t *testing.T) {
	thinks := streams(piece("The user asks "), piece("SECRET\n</thi"), piece("nk>\n\nOne"), piece(" two."), stopped, "[DONE]")
	for _, model := range []string{"deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "deepseek-r1:14b", "Qwen/QwQ-32B", "Qwen3-235B-A22B-Thinking-2507", "mistralai/Magistral-Small-2506", "microsoft/Phi-4-mini-reasoning"} {
		t.Run(model, func(t *testing.T) {
			var seen collector
			got, err := serve(t, thinks).client(t, llm.Config{Model: model}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
			if err != nil || got.Text != "One two." || len(seen.pieces) != 2 || !strings.Contains(got.Reasoning, "SECRET") {
				t.Errorf("Complete = %+v, %v, shown %q", got, err, seen.pieces)
			}
		})
	}
	t.Run("learned", func(t *testing.T) {
		s := serve(t, thinks, thinks, text("The user asks SECRET\n</think>\nOne two.", "stop", 1, 0))
		c := s.client(t, llm.Config{Model: "mystery"})
		var first, second collector
		for _, seen := range []*collector{&first, &second} {
			if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta}); err != nil {
				t.Fatal(err)
			}
		}
		if first.pieces[0] != "The user asks" || second.joined() != "One two." {
			t.Errorf("shown %q, then %q", first.pieces, second.pieces)
		}
		if got, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil || got.Text != "One two." {
			t.Errorf("Complete without a stream = %q, %v", got.Text, err)
		}
	})
	t.Run("bounded", func(t *testing.T) {
		long := strings.Repeat("I wonder SECRET. ", 1000)
		var events []string
		for range 20 { // 340 kB
			events = append(events, piece(long))
		}
		events = append(events, piece("</think>One two."), stopped, "[DONE]")
		var seen collector
		got, err := serve(t, streams(events...)).client(t, llm.Config{Model: "qwq"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
		if err != nil || got.Text != "One two." || seen.joined() != "One two." {
			t.Errorf("Complete = %.40q, %v", got.Text, err)
		}
	})
}

// TestErrorReplies replays errors in the forms that services give them. The line that
// explains one names the setting and repeats nothing of the service's message.
func TestErrorReplies(t *testing.T) {
	const config, passes = true, false
	for _, tt := range []struct {
		name     string
		provider string
		status   int
		body     string
		config   bool // else a later attempt may succeed
		says     string
		requests int
	}{
		{"a string", "", 503, `{"error":"SECRET overloaded","error_type":"overloaded"}`, passes, "failed (503)", 3},
		{"a message alone", "", 500, `{"object":"error","message":"SECRET","type":"InternalServerError","code":500}`, passes, "failed (500)", 3},
		{"a list", "", 401, `[{"error":{"code":401,"message":"SECRET","status":"UNAUTHENTICATED"}}]`, config, "OPENAI_API_KEY", 1},
		{"text", "", 502, `SECRET upstream`, passes, "failed (502)", 3},
		{"nothing", "", 500, ``, passes, "failed (500)", 3},
		{"page of a proxy", "", 502, `<html>SECRET</html>`, passes, "failed (502)", 3},
		{"a web site", "", 404, `<!DOCTYPE html><p>SECRET`, config, "web page, not the API of a model; check OPENAI_BASE_URL", 1},
		{"a web site that answers", "", 200, ` <!DOCTYPE html><p>SECRET`, config, "web page, not the API of a model; check OPENAI_BASE_URL", 1},
		{"nothing with 200", "", 200, ``, config, "not a chat completion", 1},
		{"error with 200", "", 200, `{"id":"1","error":{"message":"SECRET","code":502}}`, passes, "failed (502)", 1},
		{"string with 200", "", 200, `{"error":"SECRET"}`, passes, "failed while it answered", 1},
		{"rate limit with 200", "", 200, `{"error":{"message":"SECRET","code":429}}`, passes, "rate limit", 1},
		{"key with 200", "", 200, `{"error":{"message":"SECRET","code":401}}`, config, "OPENAI_API_KEY", 1},
		{"error in the choice", "", 200, `{"choices":[{"index":0,"finish_reason":"error","error":{"code":502,"message":"SECRET"},"message":{"content":""}}]}`, passes, "failed (502)", 1},
		{"no quota", "", 429, `{"error":{"message":"You exceeded your current quota SECRET","type":"insufficient_quota","code":"insufficient_quota"}}`, config, "plan and billing", 1},
		{"no quota in words", "", 429, `{"error":"Insufficient balance SECRET"}`, config, "plan and billing", 1},
		{"DeepSeek's balance", "deepseek", 402, `{"error":{"message":"Insufficient Balance","type":"unknown_error"}}`, config, "plan and billing", 1},
		{"Anthropic's credit", "anthropic", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. SECRET"}}`, config, "credit", 1},
		{"requests per minute", "", 429, `{"error":{"message":"Rate limit reached on requests per min (RPM): Limit 3, Used 3, Requested 1. Add a payment method at https://x/account/billing. SECRET","code":"rate_limit_exceeded"}}`, passes, "rate limit", 3},
		{"region", "", 403, `{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported SECRET"}}`, config, "region", 1},
		{"Google's region", "", 400, `[{"error":{"code":400,"message":"User location is not supported for the API use. SECRET","status":"FAILED_PRECONDITION"}}]`, config, "region", 1},
		{"no such model", "", 404, `{"error":{"message":"The model SECRET does not exist or you do not have access to it.","code":"model_not_found"}}`, config, "no such model", 1},
		{"retired model", "", 400, `{"error":{"message":"The model SECRET has been decommissioned","code":"model_decommissioned"}}`, config, "no such model", 1},
		{"no such model at Anthropic", "anthropic", 404, `{"type":"error","error":{"type":"not_found_error","message":"model: SECRET"}}`, config, "--model", 1},
		{"no such model in Ollama", "ollama", 404, `{"error":{"message":"model \"SECRET\" not found, try pulling it first","type":"api_error"}}`, config, "ollama pull m", 1},
		{"data policy", "openrouter", 404, `{"error":{"message":"No endpoints found matching your data policy SECRET","code":404}}`, config, "privacy settings", 1},
		{"api-version", "azure", 400, `{"error":{"code":"BadRequest","message":"Model {modelName} SECRET is enabled only for api versions 2025-12-01-preview and later"}}`, config, "set --api-version to 2025-12-01-preview or later", 1},
		{"api-version without a date", "azure", 404, `{"error":{"code":"404","message":"API version not supported SECRET"}}`, config, "--api-version", 1},
		{"path at Azure", "azure", 404, `{"error":{"code":"404","message":"Resource not found"}}`, config, "--api-version", 1},
		{"deployment", "azure", 404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist. SECRET"}}`, config, "no such deployment", 1},
		{"Entra's role", "azure", 401, `{"error":{"code":"PermissionDenied","message":"The principal SECRET lacks the required data action Microsoft.CognitiveServices/x"}}`, config, "Cognitive Services OpenAI User", 1},
		{"no keys", "azure", 403, `{"error":{"code":"AuthenticationTypeDisabled","message":"Key based authentication is disabled for this resource. SECRET"}}`, config, "az login", 1},
		{"network", "azure", 403, `{"error":{"code":"AccessDenied","message":"Access denied due to Virtual Network/Firewall rules. SECRET"}}`, config, "network settings", 1},
		{"region of the endpoint", "azure", 401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint. Use a correct regional API endpoint SECRET"}}`, config, "AZURE_OPENAI_ENDPOINT", 1},
		{"FastAPI", "", 422, `{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted SECRET","type":"extra_forbidden"}]}`, config, "parameter seed", 1},
		{"behind a gateway", "openrouter", 400, `{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"code\":\"context_length_exceeded\",\"message\":\"SECRET\"}}"}}}`, passes, "more tokens than it accepts", 1},
	} {
		for _, streamed := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, streamed), func(t *testing.T) {
				s := serve(t, body(tt.status, jsonType, tt.body))
				r := llm.Request{Messages: llm.User("hi")}
				if streamed {
					r.Delta = func(string) error { return nil }
				}
				_, err := s.client(t, llm.Config{Provider: tt.provider, Model: "m"}).Complete(t.Context(), r)
				if err == nil || errors.Is(err, llm.ErrConfig) != tt.config || !strings.Contains(llm.Advice(err), tt.says) {
					t.Errorf("Complete = %v, want ErrConfig %v and a reason with %q", err, tt.config, tt.says)
				}
				if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "\n") || strings.Contains(llm.Advice(err), "127.0.0.1")) {
					t.Errorf("the error is %q, want one line without the service's message, and advice without the host", err)
				}
				if n := s.count(); n != tt.requests {
					t.Errorf("%d requests, want %d", n, tt.requests)
				}
			})
		}
	}
}
