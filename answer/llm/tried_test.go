package llm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// TestTried asks a model of no known family for what its service refuses. Each is
// tried by the first request that needs it, and not again; where there is another
// way, that request still succeeds.
func TestTried(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Models: map[string]string{"mystery": "compatible"}, Answer: func(string) string { return `{"x":"one"}` }})
	c := emulated(t, s, "openai", llm.Config{Model: "mystery"})
	image := llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Text: "hi", Images: []string{testImage}}}}
	tools := llm.Request{Messages: llm.User("hi")}
	withTool(&tools)
	for _, tt := range []struct {
		name     string
		r        llm.Request
		requests int
		says     string // of the error; "" means none
	}{
		{"plain", llm.Request{Messages: llm.User("hi")}, 1, ""},
		{"image", image, 1, "accepts no images"},
		{"image again", image, 0, "accepts no images"},
		{"tools", tools, 2, ""},
		{"tools again", tools, 1, ""},
		{"schema", llm.Request{Messages: llm.User("hi"), Schema: &llm.Schema{Name: "form", JSON: []byte(testSchema)}}, 2, ""},
		{"schema again", llm.Request{Messages: llm.User("hi"), Schema: &llm.Schema{Name: "form", JSON: []byte(testSchema)}}, 1, ""},
	} {
		before := len(s.Bodies())
		_, err := c.Complete(t.Context(), tt.r)
		if (tt.says == "") != (err == nil) || err != nil && (!errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
		if n := len(s.Bodies()) - before; n != tt.requests {
			t.Errorf("%s: %d requests, want %d", tt.name, n, tt.requests)
		}
	}
}
