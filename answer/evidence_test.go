package answer

import (
	"context"
	"math"
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
		{"too little", 0.1, "Which coffee does the machine make?", 0, nil, 0, "no page is near the question, and the nearest ones hold 1 of its 3 terms"},
		{"nothing to compare", 0.1, "?!", 0, nil, 0, "no page is near the question"},
		{"more is wanted", 0.9, "When to rotate a key?", 0.95, nil, 0, "no page is near the question, though the nearest ones hold its terms"},
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
