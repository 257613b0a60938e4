package answer_test

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
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

// Answers in every language keep their verification, also while they are streamed.
func TestQuotesInLanguages(t *testing.T) {
	const quote = "It needs no key."
	for _, tt := range []struct{ text, list string }{
		{"Es braucht keinen Schlüssel [1].", "ZITATE:\n[1] „" + quote + "“"},
		{"No necesita clave [1].", "CITAS:\n[1] «" + quote + "»"},
		{"Il ne faut pas de clé [1].", "CITATIONS :\n[1] « " + quote + " »"},
		{"不需要密钥[1]。", "引用：\n[1] “" + quote + "”"},
		{"キーは不要です[1]。", "引用:\n[1]「" + quote + "」"},
		{"Ключ не нужен [1].", "Цитаты:\n[1] «" + quote + "»"},
		{"키가 필요 없습니다 [1].", "인용문:\n1. \"" + quote + "\""},
		{"لا يحتاج إلى مفتاح [1].", "اقتباسات:\n[1] \"" + quote + "\""},
	} {
		m := answertest.Says(tt.text + "\n\n" + tt.list)
		q := answer.Question{Text: "Does it need a key?"}
		streamed, _ := stream(t, m, q)
		for _, got := range []*answer.Answer{ask(t, m, q), streamed} {
			if got.Answer != tt.text || got.Verified != 1 || got.Total != 1 {
				t.Errorf("%q with\n%s\nis %q, verified %d of %d", tt.text, tt.list, got.Answer, got.Verified, got.Total)
			}
		}
	}
}

// With QuotesFields a model writes an object, whose answer is shown while it is written.
// A service that refuses the schema, and a model that has none, change nothing.
func TestStructured(t *testing.T) {
	srv := llmtest.Emulate(t, emulate.Config{})
	for _, tt := range []struct{ provider, model, base string }{
		{"", "gpt-4o", srv.URL}, {"", "o1", srv.URL}, {"", "o3-mini", srv.URL}, {"", "o1-mini", srv.URL}, {"", "gpt-5", srv.URL},
		{"anthropic", "claude-3.5-sonnet", srv.Root}, {"anthropic", "claude-sonnet-4-5", srv.Root},
	} {
		t.Run(tt.model, func(t *testing.T) {
			m, err := llm.New(llm.Config{Provider: tt.provider, Model: tt.model, APIKey: llmtest.Key, BaseURL: tt.base})
			if err != nil {
				t.Fatal(err)
			}
			shown := ""
			a, err := answer.New(answer.Config{Retriever: hits, Model: m, Quotes: answer.QuotesFields})
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Stream(t.Context(), answer.Question{Text: "What is Milvus Lite, a vector database?"}, func(e answer.Event) error {
				shown += e.Delta
				return nil
			})
			if err != nil || got.Mode != answer.Generated || got.Verified == 0 || got.Verified != got.Total || shown != got.Answer || strings.ContainsAny(shown, "{}\"") {
				t.Errorf("answer %+v, shown %q, error %v", got, shown, err)
			}
		})
	}
}

// What a service cites is checked like the quotes that a model writes. Its passages may
// begin with a heading, and hold the marks of the page.
func TestCitedByService(t *testing.T) {
	for _, tt := range []struct {
		passage, quote string
		verified       int
	}{
		{"It needs no key.\n\n", "It needs no key.", 1},
		{"## Default\n\nThe **default** model is all-MiniLM-L6-v2. ", "The default model is all-MiniLM-L6-v2.", 1},
		{"It needs no key.\n\n```sh\ncitewell ingest URL\n```", "It needs no key. citewell ingest URL", 1},
		{"It needs no key. It needs a licence.", "It needs no key.", 1},
		{"It needs a key.", "It needs a key.", 0},
	} {
		m := answertest.Fails(llm.Response{Text: "No key is needed [source 1].", FinishReason: "stop", Quotes: []llm.Quote{{Document: 1, Text: tt.passage}}}, nil)
		q := answer.Question{Text: "Does it need a key?"}
		streamed, _ := stream(t, m, q)
		for _, got := range []*answer.Answer{ask(t, m, q), streamed} {
			if got.Answer != "No key is needed [1]." || got.Verified != tt.verified || len(got.Citations) != 1 || got.Citations[0].Quote != tt.quote {
				t.Errorf("%q is %q, verified %d, citations %+v; want the quote %q", tt.passage, got.Answer, got.Verified, got.Citations, tt.quote)
			}
		}
	}
}
