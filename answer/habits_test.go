package answer_test

import (
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
)

// The quotes of a model are found in whatever form it lists them.
func TestQuoteHabits(t *testing.T) {
	const quote = "It needs no key."
	for _, list := range []string{
		`[1] "` + quote + `"`,
		`[source-1] "` + quote + `"`,
		`[citation:1]: «` + quote + `»`,
		`\[1\] „` + quote + `“`,
		`(1) "` + quote + `"`,
		`Source 1: "` + quote + `"`,
		`**[1]** – “` + quote + `”`,
		`**[1]:** "` + quote + `"`,
		`[1, 2] "` + quote + `"`,
		`1. "` + quote + `"`,
		`1) 「` + quote + `」`,
		`- "` + quote + `" [1]`,
		`- "` + quote + `"`,
		`"` + quote + `" (Source 1)`,
		"> [1] \"" + quote + "\"",
		"[1]\n> " + quote,
		"[1]:\n- \"nothing of it\"\n- \"" + quote + "\"",
		"[1] \"It needs\nno key.\"",
		`[1] "` + quote + `" — Models page`,
		`[1] "` + quote + `" (Models, section "Default")`,
		`[1] "` + quote + `", Models`,
		`[1] Models page: "` + quote + `"`,
		`[1] *"` + quote + `"*`,
		`[1] ` + quote,
		`[1] "…` + quote + `…"`,
		"```\n[1] \"" + quote + "\"\n```",
	} {
		got := ask(t, answertest.Says("It needs no key [1].\n\nQUOTES:\n"+list), answer.Question{Text: "Does it need a key?"})
		if got.Answer != "It needs no key [1]." || got.Verified != 1 || got.Citations[0].Quote != quote || got.Citations[0].N != 1 {
			t.Errorf("with the quotes\n%s\nthe answer is %q, verified %d, citations %+v", list, got.Answer, got.Verified, got.Citations)
		}
	}
}

// The number of a list item is not always that of a source.
func TestListedQuotes(t *testing.T) {
	got := ask(t, answertest.Says("It is [2], and needs no key [1].\n\nQUOTES:\n1. \"FLAT index\"\n2. \"It needs no key.\""), answer.Question{Text: "Does it need a key?"})
	if got.Verified != 2 {
		t.Errorf("citations %+v, want both verified", got.Citations)
	}
}
