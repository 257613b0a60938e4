package eval_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	answereval "github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/index"
)

// A writing is an answer with its quotes, as the emulated model writes it.
type writing struct {
	Answer string `json:"answer"`
	Quotes []line `json:"quotes"`
}

type line struct {
	N     any    `json:"n"`
	Quote string `json:"quote"`
}

var listed = regexp.MustCompile(`(?m)^\[(\d+)\] "(.*)"$`)

// A habit is what a model, or a gateway before it, does to an answer in each protocol.
type habit struct {
	name         string
	answer       func(string) string
	quote        func(string) string
	text, fields func(string) string // of what was written as a whole
}

func replace(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

var habits = []habit{
	{name: "follows the rules"},
	{name: "cites as [source-1]", answer: replace("[", "[source-")},
	{name: "other quotation marks and a remark", quote: func(s string) string { return "«" + s + "» — the page" }},
	{name: "quotes in its own words", quote: replace(" is ", " may be ", " are ", " may be ")},
	{name: "translates the heading", text: replace(prompt.Quotes, "ZITATE:")}, // the schema fixes the names of fields
	{name: "leaves the heading out", text: replace(prompt.Quotes+"\n", "")},
	{name: "numbers as a list, or as text", text: regexpReplace(`(?m)^\[(\d+)\] `, "$1. "), fields: regexpReplace(`"n":(\d+)`, `"n":"[$1]"`)},
	{name: "a code block around it", text: func(s string) string { return strings.Replace(s, prompt.Quotes, "```\n"+prompt.Quotes, 1) + "\n```" }, fields: func(s string) string { return "```json\n" + s + "\n```" }},
	{name: "writes the other form", text: func(s string) string { return asFields(parse(s)) }, fields: func(s string) string { return asText(parse(s)) }},
	{name: "cut off in the last quote", text: func(s string) string { return s[:len(s)-9] }, fields: func(s string) string { return s[:len(s)-12] }},
}

func regexpReplace(expr, with string) func(string) string {
	re := regexp.MustCompile(expr)
	return func(s string) string { return re.ReplaceAllString(s, with) }
}

// parse reads an answer in either form.
func parse(s string) (w writing) {
	if json.Unmarshal([]byte(s), &w) == nil {
		return w
	}
	text, list, _ := strings.Cut(s, "\n\n"+prompt.Quotes)
	w.Answer = text
	for _, m := range listed.FindAllStringSubmatch(list, -1) {
		w.Quotes = append(w.Quotes, line{json.Number(m[1]), m[2]})
	}
	return w
}

func asText(w writing) string {
	s := w.Answer + "\n\n" + prompt.Quotes
	for _, q := range w.Quotes {
		s += fmt.Sprintf("\n[%v] \"%s\"", q.N, q.Quote)
	}
	return s
}

func asFields(w writing) string {
	b, _ := json.Marshal(w) // of texts and numbers: it never fails
	return string(b)
}

// A habitual is an emulated model with a habit.
type habitual struct {
	*llm.Client
	habit
}

func (m habitual) Complete(ctx context.Context, r llm.Request) (llm.Response, error) {
	resp, err := m.Client.Complete(ctx, r)
	if len(resp.Quotes) > 0 { // the model writes neither marks nor a list whose form could vary
		for i, q := range resp.Quotes {
			if m.quote != nil {
				resp.Quotes[i].Text = m.quote(q.Text)
			}
		}
		return resp, err
	}
	w := parse(resp.Text)
	if m.answer != nil {
		w.Answer = m.answer(w.Answer)
	}
	for i := range w.Quotes {
		if m.quote != nil {
			w.Quotes[i].Quote = m.quote(w.Quotes[i].Quote)
		}
	}
	write, change := asText, m.text
	if r.Schema != nil {
		write, change = asFields, m.fields
	}
	if resp.Text = write(w); change != nil {
		resp.Text = change(resp.Text)
	}
	return resp, err
}

var bees = answertest.Retriever{
	{Chunk: index.Chunk{URL: "hive", Text: "A hive stands in the sun and out of the wind. The door of a hive looks to the south-east."}},
	{Chunk: index.Chunk{URL: "spring", Text: "Look at the stores in March. Bees are fed one litre of syrup a day. A colony that starves in spring bred too early."}},
	{Chunk: index.Chunk{URL: "summer", Text: "A swarm leaves when the queen is without room. A second box is added before the dandelions bloom."}},
	{Chunk: index.Chunk{URL: "tools", Text: "A smoker is filled with dry hay. The hive tool is cleaned in soda."}},
}

var beeQuestions = []evalset.Question{
	{ID: "1", Text: "How much syrup are bees fed a day?", Relevant: map[string]int{"spring": 1}},
	{ID: "2", Text: "When is a second box added?", Relevant: map[string]int{"summer": 1}},
	{ID: "3", Text: "What is a smoker filled with?", Relevant: map[string]int{"tools": 1}},
	{ID: "4", Text: "In what is the hive tool cleaned?", Relevant: map[string]int{"tools": 1}},
	{ID: "5", Text: "When does a swarm leave the queen?", Relevant: map[string]int{"summer": 1}},
}

// TestProtocols compares the ways in which a model gives its quotes: as a list behind the
// text, as fields of an object, and as citations of its service. The guide holds the table.
func TestProtocols(t *testing.T) {
	guide, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	srv := llmtest.Emulate(t, emulate.Config{})
	for _, h := range habits {
		row, tokens := "| "+h.name, [3]int{}
		for i, way := range []answer.Quotes{answer.QuotesText, answer.QuotesFields, answer.QuotesAuto} {
			c := llm.Config{Model: "gpt-4o", APIKey: llmtest.Key, BaseURL: srv.URL}
			if way == answer.QuotesAuto {
				c.Provider, c.Model, c.BaseURL = "anthropic", "claude-sonnet-4-5", srv.Root
			}
			m, err := llm.New(c)
			if err != nil {
				t.Fatal(err)
			}
			a, err := answer.New(answer.Config{Retriever: bees, Model: habitual{m, h}, Quotes: way})
			if err != nil {
				t.Fatal(err)
			}
			r, err := answereval.Evaluate(t.Context(), a, beeQuestions, answereval.Options{})
			if err != nil {
				t.Fatal(err)
			}
			tokens[i] = r.Tokens / r.Questions
			row += fmt.Sprintf(" | %.2f | %.2f", float64(r.Generated)/float64(r.Questions), r.Metrics["quotes_verified"])
		}
		row += fmt.Sprintf(" | %d | %d | %d |", tokens[0], tokens[1], tokens[2])
		if !strings.Contains(string(guide), row+"\n") {
			t.Errorf("docs/models.md lacks the row\n%s", row)
		}
	}
}
