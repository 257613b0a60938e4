package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/lru"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/server/admit"
	"github.com/citewell/citewell/server/metrics"
)

// fake answers with a, or fails.
type fake struct {
	a   *answer.Answer
	err error
}

func (f fake) Answer(context.Context, answer.Question) (*answer.Answer, error) { return f.a, f.err }
func (f fake) Stream(context.Context, answer.Question, func(answer.Event) error) (*answer.Answer, error) {
	return f.a, f.err
}

// scrape returns the lines that Prometheus reads, without comments and those of Go.
func scrape(t *testing.T, m *metrics.Metrics) []string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return slices.DeleteFunc(strings.Split(w.Body.String(), "\n"), func(l string) bool { return !strings.HasPrefix(l, "citewell_") })
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1.2.3", "go1.26")
	usage := &llm.Usage{PromptTokens: 100, CachedTokens: 40, CompletionTokens: 20, ReasoningTokens: 15, Calls: 1}
	for _, f := range []fake{
		{a: &answer.Answer{Answered: true, Mode: answer.Generated, Model: "o1", Usage: usage, Cost: &answer.Cost{Amount: 0.5, Currency: "EUR"}}},
		{a: &answer.Answer{Answered: true, Mode: answer.Generated, Model: "o1", Usage: &llm.Usage{Unknown: true, PromptTokens: 9}, Truncated: true}},
		{a: &answer.Answer{Mode: answer.Extractive}},
		{a: &answer.Answer{Answered: true, Mode: answer.Extractive, Warning: "the model is down"}},
		{err: errors.New("boom")},
		{err: context.Canceled},
	} {
		if _, err := m.Answerer(f).Answer(t.Context(), answer.Question{}); !errors.Is(err, f.err) {
			t.Errorf("Answer() = %v, want %v", err, f.err)
		}
	}
	if _, err := m.Answerer(fake{a: &answer.Answer{Answered: true, Mode: answer.Extractive}}).Stream(t.Context(), answer.Question{}, nil); err != nil {
		t.Fatal(err)
	}
	m.Stage("model", 4*time.Second, nil)
	m.Stage("embed_question", time.Second, fmt.Errorf("%w: no route", problem.EmbedderUnavailable))
	m.Stage("embed_question", time.Second, context.Canceled)
	lines := scrape(t, m)
	for _, want := range []string{
		`citewell_answers_total{mode="extractive",outcome="answered"} 1`,
		`citewell_answers_total{mode="extractive",outcome="fallback"} 1`,
		`citewell_answers_total{mode="extractive",outcome="unanswered"} 1`,
		`citewell_answers_total{mode="generated",outcome="answered"} 1`,
		`citewell_answers_total{mode="generated",outcome="truncated"} 1`,
		`citewell_answers_total{mode="none",outcome="canceled"} 1`,
		`citewell_answers_total{mode="none",outcome="failed"} 1`,
		`citewell_model_tokens_total{kind="prompt",model="o1"} 100`,
		`citewell_model_tokens_total{kind="reasoning",model="o1"} 15`,
		`citewell_model_cost_total{currency="EUR"} 0.5`,
		`citewell_stage_duration_seconds_sum{stage="model"} 4`,
		`citewell_stage_errors_total{code="embedder_unavailable",stage="embed_question"} 1`,
		`citewell_build_info{go="go1.26",version="v1.2.3"} 1`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %s in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

// TestFewLabels sends names without end: the number of lines stays small.
func TestFewLabels(t *testing.T) {
	t.Parallel()
	m := metrics.New("v0", "go")
	for i := range 500 {
		a := &answer.Answer{Answered: true, Mode: answer.Generated, Model: fmt.Sprint("model-", i), Usage: &llm.Usage{PromptTokens: 1}}
		if _, err := m.Answerer(fake{a: a}).Answer(t.Context(), answer.Question{}); err != nil {
			t.Fatal(err)
		}
		m.Begin()("M"+fmt.Sprint(i), "", http.StatusNotFound)
	}
	if n := len(scrape(t, m)); n > 300 {
		t.Errorf("%d lines, want 300 at most", n)
	}
}

// TestDocumented compares the names with those in docs/operations.md.
func TestDocumented(t *testing.T) {
	t.Parallel()
	m := metrics.New("v0", "go")
	m.CountJobs(func(context.Context) (map[string]int, error) { return map[string]int{"queued": 1}, nil })
	m.Ingested(metrics.Ingestion{Indexed: 3, EmbeddedChunks: 9}, nil)
	m.Ingested(metrics.Ingestion{}, errors.New("boom"))
	m.Failed("timeout")
	m.WatchBudget(func(context.Context) (map[string]float64, error) { return map[string]float64{"5 EUR/day": 0.5}, nil })
	m.WatchCaches(map[string]metrics.CacheStats{"answers": func() (lru.Stats, int64) { return lru.Stats{Misses: 3}, 1 }})
	m.WatchGates(map[string]*admit.Gate{"ask": admit.New(1)})
	m.Begin()(http.MethodGet, "/v1/search", http.StatusOK)
	a := fake{a: &answer.Answer{Model: "o1", Usage: &llm.Usage{PromptTokens: 1}, Cost: &answer.Cost{Currency: "EUR"}}}
	if _, err := m.Answerer(a).Answer(t.Context(), answer.Question{}); err != nil {
		t.Fatal(err)
	}
	m.Stage("embed_question", time.Second, problem.EmbedderUnavailable)
	var got []string
	name := regexp.MustCompile(`^(citewell_\w+?)(_bucket|_sum|_count)?[{ ]`)
	for _, l := range scrape(t, m) {
		got = append(got, name.FindStringSubmatch(l)[1])
	}
	b, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile("(?m)^\\| `(citewell_\\w+)`").FindAllStringSubmatch(string(b), -1)
	var documented []string
	for _, w := range want {
		documented = append(documented, w[1])
	}
	slices.Sort(got)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, slices.Compact(got)); diff != "" {
		t.Errorf("names in docs/operations.md (-) and in /metrics (+):\n%s", diff)
	}
}

// TestDeployedNames checks that the rules and the dashboard ask for metrics that exist.
func TestDeployedNames(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		b, err := os.ReadFile("../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(citewell_\w+?)(_bucket)?\b[{\[) ]`).FindAllStringSubmatch(string(b), -1) {
			used++
			if !strings.Contains(string(docs), "| `"+m[1]+"` |") {
				t.Errorf("%s asks for %s, which docs/operations.md does not have", file, m[1])
			}
		}
	}
	if used < 20 {
		t.Errorf("%d metrics are used, want 20 at least", used)
	}
}
