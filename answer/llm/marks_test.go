package llm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// TestReasoningMarks leaves out what models write around their visible text, wherever a
// stream is cut.
func TestReasoningMarks(t *testing.T) {
	for _, writes := range []string{
		"<think time=\"5\">SECRET</think >One two.", "<think>SECRET</thinking>One two.", "<longcat_think>SECRET</longcat_think>One two.",
		"<thoughts>SECRET</thoughts>One two.", "<scratchpad>SECRET</scratchpad>One two.", "[THINKING]SECRET[/THINKING]One two.",
		"<think>SECRET</think>\n<answer>One two.</answer>", "<|START_THINKING|>SECRET<|END_THINKING|><|START_RESPONSE|>One two.<|END_RESPONSE|>",
		"<|begin_of_thought|>SECRET<|end_of_thought|>\n<|begin_of_solution|>One two.<|end_of_solution|>",
		"<|channel|>analysis<|message|>SECRET<|end|><|start|>assistant<|channel|>final<|message|>One two.<|return|>",
		"<|channel|>commentary<|message|>SECRET<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>One two.",
		"<|start|>assistant<|channel|>final<|message|>One two.", "analysisWe SECRETassistantfinalOne two.",
		"</think>\nOne two.", "<think/>One two.", "One two.</s>", "One two.<|im_end|>\n", "One two.<｜end▁of▁sentence｜>",
	} {
		whole, err := json.Marshal(writes)
		if err != nil {
			t.Fatal(err)
		}
		got, err := serve(t, says(`{"choices":[{"finish_reason":"stop","message":{"content":`+string(whole)+`}}]}`)).client(t, llm.Config{Model: "mystery"}).
			Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
		if err != nil || got.Text != "One two." {
			t.Errorf("%q: Complete = %q, %v", writes, got.Text, err)
		}
		var events []string
		for _, c := range strings.Split(writes, "") {
			events = append(events, piece(c))
		}
		var seen collector
		got, err = serve(t, streams(append(events, stopped, "[DONE]")...)).client(t, llm.Config{Model: "mystery"}).
			Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
		if err != nil || got.Text != "One two." || seen.joined() != got.Text {
			t.Errorf("%q in pieces: Complete = %q, %v, shown %q", writes, got.Text, err, seen.joined())
		}
	}
	for _, writes := range []string{"<table> a", "analysisMode is set.", "as [1] says", "a <b", "One <think> is a tag.", "[1] a", "<", "analysis"} {
		var seen collector
		got, err := serve(t, streams(piece(writes), stopped, "[DONE]")).client(t, llm.Config{Model: "mystery"}).
			Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
		if err == nil && got.Text != writes || seen.joined() != got.Text {
			t.Errorf("%q: Complete = %q, %v, shown %q", writes, got.Text, err, seen.joined())
		}
	}
}
