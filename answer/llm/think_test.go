package llm

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// However content is cut into pieces, the same reasoning and text come out.
func FuzzSplitter(f *testing.F) {
	for _, s := range []string{"One two.", "<think>hm</think>\n\nOne", "<think>hm", "<thi", "hm</think> One </think>", " \n<think></think>", "<", "a <think> b", "hm </th", "[THINK]hm[/THINK]One", "<think>a</think><think>b</think>One", "hm◁/think▷One", "K</think>One"} {
		f.Add(s, uint8(3), false, false)
		f.Add(s, uint8(1), true, true)
	}
	split := func(s string, size int, unsure, cut bool) (string, string) {
		sp := splitter{maybeUnopened: unsure, reasons: unsure}
		var thoughts, texts strings.Builder
		for len(s) > 0 {
			n := min(size, len(s))
			thought, text := sp.push(s[:n])
			thoughts.WriteString(thought)
			texts.WriteString(text)
			s = s[n:]
		}
		thought, text := sp.end(cut)
		return thoughts.String() + thought, texts.String() + text
	}
	f.Fuzz(func(t *testing.T, s string, size uint8, unsure, cut bool) {
		if !utf8.ValidString(s) || size == 0 {
			return
		}
		thought, text := split(s, int(size), unsure, cut)
		wholeThought, wholeText := split(s, len(s)+1, unsure, cut)
		if thought != wholeThought || text != wholeText {
			t.Errorf("%q in pieces of %d gives %q, %q; whole it gives %q, %q", s, size, thought, text, wholeThought, wholeText)
		}
		if strings.HasPrefix(strings.TrimSpace(s), "<think>") && text != "" && !strings.Contains(strings.ToLower(s), "</think>") {
			t.Errorf("%q shows its reasoning: %q", s, text)
		}
	})
}

func TestStrict(t *testing.T) {
	for _, tt := range []struct {
		schema string
		want   bool
	}{
		{`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`, true},
		{`{"type":"array","items":{"type":"object","properties":{},"required":[],"additionalProperties":false}}`, true},
		{`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`, false},
		{`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`, false},
		{`{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}`, false},
		{`{"anyOf":[{"type":"object"}]}`, false},
		{`{`, false},
	} {
		if got := isStrict(json.RawMessage(tt.schema)); got != tt.want {
			t.Errorf("strict(%s) = %v, want %v", tt.schema, got, tt.want)
		}
	}
}
