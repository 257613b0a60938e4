package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// TestReasonsInWords understands refusals that services tell in words alone, with the
// statuses that they use for them. None is sent again as it is.
func TestReasonsInWords(t *testing.T) {
	const (
		key, model, credit, tooLong = "refuses the key", "has no such model", "quota or credit", "more tokens than it accepts"
	)
	for _, tt := range []struct {
		status        int
		message, want string
	}{
		{400, "API key not valid. Please pass a valid API key.", key},
		{400, "Incorrect API key provided: sk-SECRET.", key},
		{403, "Invalid API key", key},
		{403, "Authorization failed", key},
		{400, "Model Not Exist", model},
		{400, "The supported API model names are a or b, but you passed c.", model},
		{400, "Unable to access non-serverless model c.", model},
		{400, "The requested model 'c' is not supported by any provider you have enabled.", model},
		{400, "The provided model identifier is invalid.", model},
		{403, "Project `p` does not have access to model `c`", model},
		{410, "This deployment is gone.", model},
		{422, "Invalid model c", model},
		{403, "Your newly created team doesn't have any credits yet.", credit},
		{400, "Access denied, please make sure your account is in good standing. Arrearage", credit},
		{429, "余额不足或无可用资源包,请充值。", credit},
		{400, "The decoder prompt (length 5000) is longer than the maximum model length of 4096.", tooLong},
		{400, "The input (9000 tokens) is longer than the model's context length (8192 tokens).", tooLong},
		{400, "The input token count (1048577) exceeds the maximum number of tokens allowed (1048575).", tooLong},
		{400, "This model's maximum prompt length is 131072 but the request contains 140000 tokens.", tooLong},
		{400, "Your request exceeded model token limit: 8192", tooLong},
		{422, "`inputs` must have less than 1024 tokens. Given: 2000", tooLong},
		{500, "the input length exceeds the context length", tooLong},
	} {
		message, err := json.Marshal(tt.message)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []string{`{"error":{"message":%s}}`, `{"error":%s}`, `{"detail":%s}`} {
			var limits []any
			f := serve(t, func(w http.ResponseWriter, r *http.Request, request map[string]any) {
				limits = append(limits, request["max_tokens"])
				body(tt.status, jsonType, fmt.Sprintf(b, message))(w, r, request)
			})
			_, err := f.client(t, llm.Config{Model: "mystery"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%d %s: Complete = %v, want %q", tt.status, tt.message, err, tt.want)
			}
			for i := range limits[1:] {
				if limits[i] == limits[i+1] {
					t.Errorf("%d %s: limits %v, want none twice", tt.status, tt.message, limits)
				}
			}
		}
	}
}

// TestWebPagesOfGateways tells by its status what the page of a gateway means: only some
// mean that there is no API.
func TestWebPagesOfGateways(t *testing.T) {
	for status, want := range map[int]string{200: "a web page", 403: "a web page", 404: "a web page", 401: "refuses the key", 408: "try again later", 429: "rate limit", 502: "try again later"} {
		_, err := serve(t, body(status, "text/html", "<!DOCTYPE html><title>x</title>")).client(t, llm.Config{Model: "mystery"}).
			Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, llm.ErrConfig) != (status < 408) {
			t.Errorf("status %d: Complete = %v, want %q", status, err, want)
		}
	}
}

// TestPastedAddresses asks the same address whether the base URL ends in slashes or in the
// path of a request.
func TestPastedAddresses(t *testing.T) {
	for given, want := range map[string]string{
		"/v1": "/v1/chat/completions", "/v1//": "/v1/chat/completions", "/v1/chat/completions": "/v1/chat/completions", "/v1/chat/completions/": "/v1/chat/completions",
		"/v1/models": "/v1/chat/completions", "/api/v1/responses": "/api/v1/chat/completions", "": "/chat/completions",
	} {
		f := serve(t, says(wholeTwo))
		if _, err := f.client(t, llm.Config{Model: "mystery", BaseURL: given}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil || f.urls[0] != want {
			t.Errorf("base URL %q: Complete = %v, asked %v, want %s", given, err, f.urls, want)
		}
	}
	for _, given := range []string{"", "/v1", "/v1/messages"} {
		f := serve(t, says(`{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"One two."}],"stop_reason":"end_turn"}`))
		if _, err := f.client(t, llm.Config{Provider: "anthropic", Model: "claude-sonnet-5-5", BaseURL: given}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil || f.urls[0] != "/v1/messages" {
			t.Errorf("anthropic at %q: Complete = %v, asked %v", given, err, f.urls)
		}
	}
}

// TestNullList survives a service whose list of models is null.
func TestNullList(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		fmt.Fprint(w, "null")
	}))
	defer s.Close()
	for _, c := range []llm.Config{{BaseURL: s.URL + "/v1", APIKey: "k", Model: "mystery"}, {Provider: "anthropic", BaseURL: s.URL, APIKey: "k", Model: "claude-sonnet-5-5"}} {
		cl, err := llm.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cl.Models(t.Context()); len(got) > 0 || err == nil {
			t.Errorf("Models = %v, %v, want an error", got, err)
		}
	}
	if name, err := llm.DefaultModel(t.Context(), llm.Config{BaseURL: s.URL + "/v1", APIKey: "k"}); name == "" || err == nil {
		t.Errorf("DefaultModel = %q, %v, want the first preferred one and an error", name, err)
	}
}
