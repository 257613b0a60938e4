package llm

import (
	"testing"
)

// TestMostTokens checks the tokens of a request whose output is repeated with a larger
// limit, and of one that is not.
func TestMostTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		model string
		asked int
		want  int
	}{
		{"o1-mini", 0, 10_000 + 25_000 + 10_000 + 65_536},
		{"gpt-4o", 0, 10_000 + 4_096 + 10_000 + 16_384},
		{"o1-mini", 65_536, 10_000 + 65_536},
	} {
		c, err := New(Config{Provider: "openai", Model: tt.model, APIKey: "k", MaxOutputTokens: tt.asked})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.MostTokens(10_000); got != tt.want {
			t.Errorf("%s with --max-output %d: %d tokens, want %d", tt.model, tt.asked, got, tt.want)
		}
	}
}
