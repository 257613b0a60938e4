package answer

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// A finder finds one chunk with this evidence, or nothing if it is negative.
type finder float64

func (f finder) Retrieve(context.Context, retrieve.Query) (*retrieve.Result, error) {
	if f < 0 {
		return &retrieve.Result{}, nil
	}
	return &retrieve.Result{Evidence: float64(f), Hits: []retrieve.Hit{{Chunk: index.Chunk{URL: "https://docs.example/keys", Title: "Keys",
		Section: "Keys > Rotation", Text: "Rotate a key every ninety days. The machine keeps the old one for an hour of use.", Lang: "en"}}}}, nil
}

// A counter counts how often it is asked.
type counter int

func (c *counter) Complete(context.Context, llm.Request) (llm.Response, error) {
	*c++
	return llm.Response{Text: "Every ninety days [1].\nQUOTES:\n[1] \"Rotate a key every ninety days\"", Model: "m"}, nil
}

func TestEvidence(t *testing.T) {
	for _, tt := range []struct {
		name     string
		found    finder
		question string
		min      float64
		images   []string
		asked    counter // requests to the model
		reason   string
	}{
		{"enough", 0.9, "When to rotate a key?", 0, nil, 1, ""},
		{"too little", 0.1, "Which coffee does the machine make?", 0, nil, 0, "no page seems to be about this"},
		{"nothing to compare", 0.1, "?!", 0, nil, 0, "no page seems to be about this"},
		{"more is wanted", 0.9, "When to rotate a key?", 0.95, nil, 0, "no page seems to be about this"},
		{"less is wanted", 0.1, "Which coffee does the machine make?", 0.05, nil, 1, ""},
		{"none is wanted", 0, "Which coffee does the machine make?", -1, nil, 1, ""},
		{"images", 0.1, "What is shown?", 0, []string{"https://docs.example/a.png"}, 1, ""},
		{"nothing found", -1, "When to rotate a key?", 0, nil, 0, "no page matches the question"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked counter
			a, err := New(Config{Retriever: tt.found, Model: &asked, MinEvidence: tt.min})
			if err != nil {
				t.Fatal(err)
			}
			ans, err := a.answerFrom(t.Context(), Question{Text: tt.question, Images: tt.images}, must(tt.found.Retrieve(t.Context(), retrieve.Query{})), nil)
			if err != nil {
				t.Fatal(err)
			}
			if ans.Reason != tt.reason || ans.Answered != (tt.reason == "") || asked != tt.asked {
				t.Errorf("answered %v, reason %q, model asked %d times, want reason %q and %d", ans.Answered, ans.Reason, asked, tt.reason, tt.asked)
			}
			if near := len(ans.Nearest) > 0; near != (tt.reason != "" && tt.found >= 0) {
				t.Errorf("nearest = %v", ans.Nearest)
			}
		})
	}
}

func must(r *retrieve.Result, _ error) *retrieve.Result { return r }

func TestEvidenceOutOfRange(t *testing.T) {
	for _, least := range []float64{1.01, math.NaN(), math.Inf(1)} {
		if _, err := New(Config{Retriever: finder(1), MinEvidence: least}); err == nil || !strings.Contains(err.Error(), "not within 0–1") {
			t.Errorf("New with MinEvidence %v: error %v", least, err)
		}
	}
}

// A fixed retriever finds the same for every question.
type fixed struct{ retrieve.Result }

func (f *fixed) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	r := f.Result
	if r.Question == "" {
		r.Question = q.Text
	}
	return &r, nil
}

// What the pages lack is said without a model, and told to one.
func TestLacking(t *testing.T) {
	hits := must(finder(0).Retrieve(t.Context(), retrieve.Query{})).Hits
	absent := func(names ...string) (out []retrieve.Word) {
		for _, n := range names {
			out = append(out, retrieve.Word{Text: n, Absent: true, Name: true})
		}
		return append(out, retrieve.Word{Text: "rotate"}, retrieve.Word{Text: "swiftly", Absent: true})
	}
	for _, tt := range []struct {
		name     string
		found    retrieve.Result
		question string
		reason   string // without a model
		asked    counter
		told     string // to the model
		closest  bool
	}{
		{"a name", retrieve.Result{Evidence: 0.1, OnSubject: 0.9, Words: absent("Kubernetes")}, "How to rotate a key swiftly in Kubernetes?", "the pages don't mention Kubernetes", 1, `No source mentions "Kubernetes".`, true},
		{"names", retrieve.Result{Evidence: 0.1, OnSubject: 0.9, Words: absent("Kafka", "Apache", "Spark", "Flink")}, "Is a key of Kafka, Apache Spark or Flink rotated?", "the pages don't mention Kafka, Apache Spark or Flink", 1, `No source mentions "Kafka", "Apache", "Spark", "Flink".`, true},
		{"words apart", retrieve.Result{Evidence: 0.3, OnSubject: 0.9, Signals: retrieve.Signals{Apart: 0.9, ApartWord: "gzip"}}, "Is a key rotated with gzip?", "the pages mention gzip, but not together with what else is asked", 1, "", true},
		{"off the subject", retrieve.Result{Evidence: 0.1, OnSubject: 0.1}, "Which coffee is it?", "no page seems to be about this", 0, "", false},
		{"off the subject, with words", retrieve.Result{Evidence: 0.1, OnSubject: 0.1, Words: []retrieve.Word{{Text: "rotate"}}}, "Does it rotate?", "no page seems to be about this, though some have words of the question", 0, "", false},
		{"off the subject, with another word", retrieve.Result{Evidence: 0.1, OnSubject: 0.1, Words: []retrieve.Word{{Text: "rotate"}, {Text: "coffee", Absent: true}}}, "Does coffee rotate?", "no page seems to be about this, and none mentions coffee", 0, "", false},
		{"off the subject, without spaces", retrieve.Result{Evidence: 0.1, OnSubject: 0.1, Words: []retrieve.Word{{Text: "咖啡", Absent: true}}}, "咖啡", "no page seems to be about this: the pages that were found are in English, so try it in English", 0, "", false},
		{"off the subject, with a name", retrieve.Result{Evidence: 0.1, OnSubject: 0.1, Words: absent("Everest")}, "How high is Everest?", "the pages don't mention Everest", 0, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.found.Hits = hits
			for _, withModel := range []bool{false, true} {
				m := &listener{}
				c := Config{Retriever: &fixed{tt.found}}
				if withModel {
					c.Model = m
				}
				a, err := New(c)
				if err != nil {
					t.Fatal(err)
				}
				ans, err := a.Answer(t.Context(), Question{Text: tt.question})
				if err != nil {
					t.Fatal(err)
				}
				if withModel && tt.asked > 0 { // the model fails, so the words decide
					if m.asked != tt.asked || !strings.Contains(m.prompt, tt.told) || tt.told == "" && strings.Contains(m.prompt, "No source mentions") {
						t.Errorf("the model was asked %d times, with\n%s\nwant %q", m.asked, m.prompt, tt.told)
					}
					if ans.Warning == "" || strings.Contains(ans.Warning, "quoted") {
						t.Errorf("warning = %q", ans.Warning)
					}
				} else if m.asked != 0 {
					t.Errorf("the model was asked")
				}
				want := tt.reason
				if withModel && tt.asked == 0 {
					want = "no page seems to be about this"
				}
				if ans.Answered || !strings.HasPrefix(ans.Reason, want) || (len(ans.Closest) > 0) != tt.closest || len(ans.Nearest) != 1 {
					t.Errorf("with a model %v: answered %v, reason %q, closest %v, nearest %v, want reason %q", withModel, ans.Answered, ans.Reason, ans.Closest, ans.Nearest, want)
				}
			}
		})
	}
}

// A listener is a model that fails and remembers what it was asked.
type listener struct {
	asked  counter
	prompt string
}

func (l *listener) Complete(_ context.Context, r llm.Request) (llm.Response, error) {
	l.asked++
	l.prompt = r.Messages[0].Text
	return llm.Response{}, llm.ErrNoText
}

// The corrected question is answered, and the answer tells.
func TestCorrections(t *testing.T) {
	made := []retrieve.Correction{{From: "roatte", To: "rotate"}}
	f := &fixed{retrieve.Result{Evidence: 0.9, OnSubject: 0.9, Hits: must(finder(0).Retrieve(t.Context(), retrieve.Query{})).Hits, Question: "When to rotate it?", Corrections: made}}
	a, err := New(Config{Retriever: f})
	if err != nil {
		t.Fatal(err)
	}
	ans, err := a.Answer(t.Context(), Question{Text: "When to roatte it?"})
	if err != nil || !ans.Answered || !strings.Contains(ans.Answer, "ninety days") || !slices.Equal(ans.Corrections, made) {
		t.Errorf("answer = %+v, %v", ans, err)
	}
}
