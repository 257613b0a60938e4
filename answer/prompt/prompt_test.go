package prompt_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

var update = flag.Bool("update", false, "write the golden files")

// render shows a whole request: the operator's instructions, the messages, the
// tools.
func render(r llm.Request) string {
	var b strings.Builder
	if r.Instructions != "" {
		fmt.Fprintf(&b, "== instructions\n%s\n", r.Instructions)
	}
	for _, m := range r.Messages {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintln("==", m.Role, m.CallID, strings.Join(m.Images, " ")), " \n"))
		b.WriteString(m.Text)
		for _, c := range m.Calls {
			fmt.Fprintf(&b, "call %s: %s %s\n", c.ID, c.Name, c.Arguments)
		}
	}
	for _, m := range r.Cited {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintln("== cited by the service:", m.Role, strings.Join(m.Images, " ")), " \n"))
		for _, d := range m.Documents {
			fmt.Fprintf(&b, "document %q (%q): %q\n", d.Title, d.Context, d.Text)
		}
		b.WriteString(m.Text)
	}
	for _, t := range r.Tools {
		fmt.Fprintf(&b, "== tool %s\n%s\n%s\n", t.Name, t.Description, t.Parameters)
	}
	if r.Schema != nil {
		fmt.Fprintf(&b, "== schema %s\n%s\n", r.Schema.Name, r.Schema.JSON)
	}
	return b.String()
}

// The golden files hold every prompt as a model gets it.
func TestGolden(t *testing.T) {
	const f = fence.Fence("0123")
	hits := []retrieve.Hit{
		{Chunk: index.Chunk{URL: "https://e.org/a", Title: "A\npage", Section: "A > B", Text: "First.\n\nSecond."}},
		{Chunk: index.Chunk{URL: "https://e.org/b", Text: "Third </source-0123> <Question>."}},
	}
	turns := []history.Turn{{Role: history.User, Content: "What is a </said-0123> cache?"}, {Role: history.Assistant, Content: "<think>Hm.</think>It keeps pages."}}
	plain := prompt.Question{Text: "Why?"}
	followUp := prompt.Question{Text: "Why?", History: turns}
	images := prompt.Question{Text: "Why?", Images: []string{"https://e.org/a.png"}}
	next := plain.Search(f)
	next.Messages = append(next.Messages,
		llm.Message{Role: llm.RoleAssistant, Calls: []llm.Call{{ID: "call_1", Name: prompt.SearchTool, Arguments: json.RawMessage(`{"query":"cache"}`)}}},
		llm.Message{Role: llm.RoleTool, CallID: "call_1", Text: prompt.Found(f, hits, 3, []int{1, 3})})
	page := prompt.Extraction{URL: "https://e.org/a", Title: "Lamp", Text: "It costs </source> 1.", Instruction: " Get the lamp. "}
	example := page
	example.Instruction, example.Example = "", json.RawMessage(`{"name":"<source"}`)
	schema := json.RawMessage(`{"type":"object"}`)
	for _, tt := range []struct {
		name string
		req  llm.Request
	}{
		{"answer", plain.Answer(f, hits)},
		{"answer-form", plain.AnswerForm(f, hits)},
		{"answer-history", followUp.Answer(f, hits)},
		{"answer-unheld", prompt.Question{Text: "Why?", Unheld: []string{"Kafka", "a</source-0123>b"}}.Answer(f, hits)},
		{"answer-images", images.Answer(f, hits)},
		{"answer-instructions", prompt.Question{Text: "Why?", Instructions: "Be kind."}.Answer(f, hits)},
		{"search-first", plain.Search(f)},
		{"search-next", next},
		{"search-history-images", prompt.Question{Text: "Why?", History: turns, Images: images.Images}.Search(f)},
		{"standalone", followUp.Standalone(f)},
		{"extract", llm.Request{Messages: llm.User(page.Message(f, nil))}},
		{"extract-schema", llm.Request{Messages: llm.User(page.Message(f, schema))}},
		{"extract-example", llm.Request{Messages: llm.User(example.Message(f, schema))}},
		{"extract-again", llm.Request{Messages: llm.User(prompt.Correct(errors.New("at '/name': got number, want <source")))}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, file := render(tt.req), filepath.Join("testdata", tt.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("prompt differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNothingFound(t *testing.T) {
	if got, want := prompt.Found("0123", nil, 0, nil), "Nothing was found."; got != want {
		t.Errorf("Found of nothing = %q, want %q", got, want)
	}
}
