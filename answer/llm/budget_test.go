package llm

import (
	"testing"
)

// TestOutputLimit checks what a model may write.
func TestOutputLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		model string
		asked int
		want  int
	}{
		{"o1-mini", 0, 25_000},
		{"gpt-4o", 0, 4_096},
		{"o1-mini", 65_536, 65_536},
	} {
		c, err := New(Config{Provider: "openai", Model: tt.model, APIKey: "k", MaxOutputTokens: tt.asked})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.OutputLimit(); got != tt.want {
			t.Errorf("%s with --max-output %d: %d tokens, want %d", tt.model, tt.asked, got, tt.want)
		}
	}
}
