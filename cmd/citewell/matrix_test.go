package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/retrieve/index"
)

// A matrixRow is a family of models in the table of docs/models.md. What its requests
// may hold is written here by the providers' documents, not taken from the program's
// own table.
type matrixRow struct {
	name, provider, model string
	apis                  []string
	limit                 string // field of chat completions or messages that limits the output
	forbidden             string // parameters that no request may hold, separated by spaces
}

const (
	sampling  = "temperature top_p presence_penalty frequency_penalty logprobs top_logprobs logit_bias"
	firstOnes = sampling + " max_tokens tools tool_choice parallel_tool_calls response_format reasoning_effort stream n"
	reasoners = sampling + " max_tokens"
)

var (
	chatOnly = []string{llm.APIChat}
	both     = []string{llm.APIChat, llm.APIResponses}
	messages = []string{"messages"}
)

var matrixRows = []matrixRow{
	{"o1-preview", "openai", "o1-preview", chatOnly, "max_completion_tokens", firstOnes},
	{"o1-mini", "openai", "o1-mini", chatOnly, "max_completion_tokens", firstOnes},
	{"o1", "openai", "o1", both, "max_completion_tokens", reasoners},
	{"o3-mini", "openai", "o3-mini", both, "max_completion_tokens", reasoners},
	{"gpt-4o", "openai", "gpt-4o", both, "max_tokens", "reasoning_effort reasoning"},
	{"DeepSeek R1", "openai", "deepseek-r1", chatOnly, "max_tokens", "tools response_format reasoning_effort temperature top_p"},
	{"Claude 3.5 Sonnet", "anthropic", "claude-3-5-sonnet", messages, "max_tokens", "output_config presence_penalty"},
	{"gpt-5", "openai", "gpt-5", both, "max_completion_tokens", reasoners},
	{"gpt-5.4, gpt-5.5", "openai", "gpt-5.4", both, "max_completion_tokens", reasoners},
	{"gpt-5.6", "openai", "gpt-5.6-terra", both, "max_completion_tokens", reasoners},
	{"gpt-6, gpt-6.1", "openai", "gpt-6.1", both, "max_completion_tokens", reasoners},
	{"Claude 4.6", "anthropic", "claude-sonnet-4-6", messages, "max_tokens", "presence_penalty"},
	{"Claude 4.7 to 5.5", "anthropic", "claude-sonnet-5-5", messages, "max_tokens", "temperature top_p"},
	{"compatible", "openai", "mystery", chatOnly, "max_tokens", "temperature top_p"},
}

// A matrixCell asks one thing of a model by one API, and returns what the table says:
// "yes", or why not.
type matrixCell struct {
	name string
	run  func(*matrixRun) string
}

var matrixCells = []matrixCell{
	{"ask", (*matrixRun).ask},
	{"stream", (*matrixRun).stream},
	{"history", (*matrixRun).history},
	{"image", (*matrixRun).image},
	{"agentic", (*matrixRun).agentic},
	{"extract", (*matrixRun).extract},
	{"effort", (*matrixRun).effort},
	{"refusal", (*matrixRun).refusal},
	{"length stop", (*matrixRun).lengthStop},
}

// A matrixRun is a cell with its service.
type matrixRun struct {
	*testing.T
	row    matrixRow
	api    string
	server *llmtest.Server
	config llm.Config
	writes func(prompt string) string // what the model writes; nil means by the emulation
}

// TestModelMatrix asks strictly emulated models of 14 families for everything that
// Citewell asks of a model, and compares the results with the table of docs/models.md.
// The emulation refuses what a model's service refuses; each request that it gets is
// compared with what the provider documents.
func TestModelMatrix(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| Models | API |")
	for _, c := range matrixCells {
		b.WriteString(" " + c.name + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(matrixCells)) + "\n")
	for _, row := range matrixRows {
		fmt.Fprintf(&b, "| %s | %s |", row.name, strings.Join(row.apis, ", "))
		for _, c := range matrixCells {
			var marks []string
			for _, api := range row.apis {
				t.Run(row.model+"/"+api+"/"+c.name, func(t *testing.T) {
					r := &matrixRun{T: t, row: row, api: api}
					mark := c.run(r)
					r.checkBodies()
					marks = append(marks, mark)
				})
			}
			fmt.Fprintf(&b, " %s |", joinMarks(row.apis, marks))
		}
		b.WriteString("\n")
	}
	t.Logf("\n%s", b.String())
	compareTable(t, "models.md", "matrix", b.String())
}

// TestLifetimes compares the table of the dates of models in docs/models.md with the
// program's, and checks that each is of a row of the table of models.
func TestLifetimes(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Model | Sold from | Retired on |\n|---|---|---|\n")
	for _, l := range llm.Lifetimes() {
		if llm.KnownProfile(l.Model) == "" {
			t.Errorf("%s is in no row of the table of models", l.Model)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", l.Model, l.From, l.Until)
	}
	compareTable(t, "models.md", "lifetimes", b.String())
}

// compareTable compares what stands between marks in a file of docs with what the program
// does. With -update it writes that.
func compareTable(t *testing.T, file, name, want string) {
	t.Helper()
	file = "../../docs/" + file
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->\n"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(doc), begin)
	have, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %q … %q", file, begin, end)
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s differs from the program (-program +file); go test ./cmd/citewell -run %s -update writes it:\n%s", file, t.Name(), diff)
	}
}

// joinMarks returns one mark if it holds for all APIs, else each with its API.
func joinMarks(apis, marks []string) string {
	if len(slices.Compact(slices.Clone(marks))) == 1 {
		return marks[0]
	}
	var out []string
	for i, m := range marks {
		out = append(out, apis[i]+": "+m)
	}
	return strings.Join(out, "; ")
}

var roof = answertest.Retriever{
	{Score: 0.9, Chunk: index.Chunk{ID: "a", URL: "https://e.org/roofs", Title: "Roofs", Text: "The roof is made of slate. It is renewed every ninety years."}},
	{Score: 0.8, Chunk: index.Chunk{ID: "b", URL: "https://e.org/doors", Title: "Doors", Text: "The door is made of oak."}},
}

// model starts the service with a fault and returns a client.
func (r *matrixRun) model(fault emulate.Fault, change func(*llm.Config)) (*llm.Client, error) {
	r.server = llmtest.Emulate(r.T, emulate.Config{Models: map[string]string{r.row.model: emulatedName(r.row.model)}, Answer: r.writes, Script: func(int, []byte) emulate.Fault { return fault }})
	r.config = llm.Config{Provider: r.row.provider, Model: r.row.model, APIKey: llmtest.Key, BaseURL: r.server.URL}
	if r.api == "messages" {
		r.config.BaseURL = r.server.Root
	} else {
		r.config.API = r.api
	}
	if change != nil {
		change(&r.config)
	}
	return llm.New(r.config)
}

func emulatedName(model string) string {
	if slices.Contains(emulate.Names(), model) {
		return model
	}
	return "compatible"
}

// answer asks q, and reports the text that was shown if on is set.
func (r *matrixRun) answer(fault emulate.Fault, change func(*llm.Config), q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	r.Helper()
	m, err := r.model(fault, change)
	if err != nil {
		return nil, err
	}
	a, err := answer.New(answer.Config{Retriever: roof, Model: m, MinEvidence: -1})
	if err != nil {
		r.Fatal(err)
	}
	if q.Text == "" {
		q.Text = "What is the roof made of?"
	}
	return a.Stream(r.Context(), q, on)
}

// requireAnswer checks an answer that the model wrote.
func (r *matrixRun) requireAnswer(ans *answer.Answer, err error, mode answer.Mode) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
	if ans.Mode != mode || !strings.Contains(ans.Answer, "slate") || ans.Verified == 0 || ans.Warning != "" || strings.Contains(ans.Answer, "<think>") || strings.Contains(ans.Answer, "Okay, the question") {
		r.Errorf("answer %q (%s), verified %d, warning %q; want the text alone, in the mode %s", ans.Answer, ans.Mode, ans.Verified, ans.Warning, mode)
	}
}

// requireRequests checks how many requests were sent.
func (r *matrixRun) requireRequests(n int) {
	r.Helper()
	if got := len(r.server.Bodies()); got != n {
		r.Errorf("%d requests, want %d:\n%s", got, n, strings.Join(r.server.Bodies(), "\n"))
	}
}

// last returns the last body.
func (r *matrixRun) last() string {
	bodies := r.server.Bodies()
	if len(bodies) == 0 {
		return ""
	}
	return bodies[len(bodies)-1]
}

// holds checks that the last body has one of the parts.
func (r *matrixRun) holds(parts ...string) string {
	r.Helper()
	for _, p := range parts {
		if strings.Contains(r.last(), p) {
			return p
		}
	}
	r.Errorf("the body has none of %q: %s", parts, r.last())
	return ""
}

// checkBodies checks every request: the model, the field of the limit, and that nothing
// forbidden is in it.
func (r *matrixRun) checkBodies() {
	r.Helper()
	if r.server == nil {
		return
	}
	tried := r.row.model == "mystery" // an unknown model's service may refuse what is tried
	for _, body := range r.server.Bodies() {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(body), &fields); err != nil {
			r.Fatal(err)
		}
		limit := r.row.limit
		if r.api == llm.APIResponses && fields["input"] != nil {
			limit = "max_output_tokens"
			if string(fields["store"]) != "false" {
				r.Errorf("the service may store the request: %s", body)
			}
		}
		if string(fields["model"]) != fmt.Sprintf("%q", r.row.model) || fields[limit] == nil {
			r.Errorf("want model %s and %s: %s", r.row.model, limit, body)
		}
		for name := range strings.FieldsSeq(r.row.forbidden) {
			if fields[name] != nil && !tried {
				r.Errorf("%s is forbidden: %s", name, body)
			}
		}
		if strings.HasPrefix(r.row.model, "o1-") && (strings.Contains(body, `"role":"system"`) || strings.Contains(body, `"role":"developer"`)) {
			r.Errorf("the role is forbidden: %s", body)
		}
	}
}

func (r *matrixRun) ask() string {
	ans, err := r.answer(emulate.Fault{}, nil, answer.Question{}, nil)
	r.requireAnswer(ans, err, answer.Generated)
	r.requireRequests(1)
	return "yes"
}

func (r *matrixRun) stream() string {
	var pieces []string
	ans, err := r.answer(emulate.Fault{}, nil, answer.Question{}, func(e answer.Event) error {
		if e.Delta != "" {
			pieces = append(pieces, e.Delta)
		}
		return nil
	})
	r.requireAnswer(ans, err, answer.Generated)
	if got := strings.Join(pieces, ""); got != ans.Answer {
		r.Errorf("streams %q, want %q", got, ans.Answer)
	}
	if strings.Contains(r.last(), `"stream":true`) {
		r.requireRequests(1)
		return "yes"
	}
	if len(r.server.Bodies()) == 2 {
		return "whole, if the service refuses to stream"
	}
	r.requireRequests(1)
	return "whole: the model has no streams"
}

func (r *matrixRun) history() string {
	ans, err := r.answer(emulate.Fault{}, nil, answer.Question{History: []history.Turn{{Role: "user", Content: "What is the door made of?"}, {Role: "assistant", Content: "It is made of oak."}}}, nil)
	r.requireAnswer(ans, err, answer.Generated)
	r.requireRequests(2)
	r.holds("What is the door made of?")
	if ans.Standalone == "" {
		r.Error("the question is not rewritten")
	}
	return "yes"
}

// pixel is a PNG of one pixel.
var pixel = func() string {
	const b = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	if _, err := base64.StdEncoding.DecodeString(b); err != nil {
		panic(err)
	}
	return "data:image/png;base64," + b
}()

func (r *matrixRun) image() string {
	ans, err := r.answer(emulate.Fault{}, nil, answer.Question{Images: []string{pixel}}, nil)
	if errors.Is(err, answer.ErrUnsupported) {
		r.requireRequests(0)
		return "no: the model sees no images"
	}
	if err == nil && ans.Mode == answer.Extractive {
		r.requireRequests(1)
		if !strings.Contains(ans.Warning, "accepts no images") {
			r.Errorf("warning %q", ans.Warning)
		}
		return "if the service takes them"
	}
	r.requireAnswer(ans, err, answer.Generated)
	r.requireRequests(1)
	r.holds(`"image_url"`, `"input_image"`, `"type":"image"`)
	return "yes"
}

func (r *matrixRun) agentic() string {
	ans, err := r.answer(emulate.Fault{}, nil, answer.Question{Mode: answer.Agentic}, nil)
	if errors.Is(err, answer.ErrUnsupported) {
		r.requireRequests(0)
		return "no: the model has no tools"
	}
	r.requireAnswer(ans, err, answer.Agentic)
	if strings.Contains(r.last(), `"tools"`) {
		r.requireRequests(2)
		return "yes"
	}
	return "yes; in the prompt, if the service has no tools"
}

var structuredForm = regexp.MustCompile(`"(response_format|json_schema|output_config|tool_choice)"`)

func (r *matrixRun) extract() string {
	r.writes = func(string) string { return `{"name":"Lamp","price":"12.50"}` } // a tool is filled by the emulation
	m, err := r.model(emulate.Fault{}, nil)
	if err != nil {
		r.Fatal(err)
	}
	e, err := structured.New(structured.Config{Model: m})
	if err != nil {
		r.Fatal(err)
	}
	got, err := e.Extract(r.Context(), structured.Request{
		Text:   "# Lamp\n\nname: Lamp\nprice: 12.50\n",
		Schema: json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"},"price":{"type":"string"}},"required":["name","price"],"additionalProperties":false}`),
	})
	if err != nil {
		r.Fatal(err)
	}
	if !strings.Contains(string(got.Data), `"Lamp"`) || !strings.Contains(string(got.Data), "12.5") {
		r.Errorf("data = %s", got.Data)
	}
	form := structuredForm.FindStringSubmatch(r.last())
	switch {
	case form == nil && len(r.server.Bodies()) == 2:
		return "yes; in the prompt, if the service has no schemas"
	case form == nil:
		r.requireRequests(1)
		return "yes, in the prompt"
	case form[1] == "tool_choice":
		r.requireRequests(1)
		return "yes, as a tool"
	}
	r.requireRequests(1)
	return "yes"
}

func (r *matrixRun) effort() string {
	ans, err := r.answer(emulate.Fault{}, func(c *llm.Config) { c.Options.Effort = "low" }, answer.Question{}, nil)
	if errors.Is(err, llm.ErrConfig) {
		r.requireRequests(0)
		return "no: the model has no such setting"
	}
	r.requireAnswer(ans, err, answer.Generated)
	if !strings.Contains(r.last(), "effort") {
		return "left out, if the service refuses it"
	}
	r.requireRequests(1)
	r.holds(`"reasoning_effort":"low"`, `"effort":"low"`)
	return "yes"
}

func (r *matrixRun) refusal() string {
	ans, err := r.answer(emulate.Fault{Refusal: "I can't help with that."}, nil, answer.Question{}, nil)
	if err != nil {
		r.Fatal(err)
	}
	r.requireRequests(1)
	if ans.Mode != answer.Extractive || !strings.Contains(ans.Warning, "declined") || !strings.Contains(ans.Answer, "slate") {
		r.Errorf("answer %q (%s), warning %q; want an extractive answer that says the model declined", ans.Answer, ans.Mode, ans.Warning)
	}
	return "yes"
}

func (r *matrixRun) lengthStop() string {
	ans, err := r.answer(emulate.Fault{Reasoning: 1 << 30}, func(c *llm.Config) { c.MaxOutputTokens = 64 }, answer.Question{}, nil)
	if err != nil {
		r.Fatal(err)
	}
	if ans.Mode != answer.Extractive || !strings.Contains(ans.Warning, "--max-output") || !strings.Contains(ans.Answer, "slate") {
		r.Errorf("answer %q (%s), warning %q; want an extractive answer that names --max-output", ans.Answer, ans.Mode, ans.Warning)
	}
	return "yes"
}
