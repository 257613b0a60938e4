package gaps_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// angles is an embedder that gives each question a vector at its angle.
type angles map[string]float64

func (angles) Model() string  { return "angles/2" }
func (angles) MaxTokens() int { return 100 }

func (a angles) Embed(_ context.Context, texts []string, kind embed.Kind) (out []embed.Vector, err error) {
	if kind != embed.Query {
		return nil, errors.New("questions are queries")
	}
	for _, t := range texts {
		s, c := math.Sincos(a[t] * math.Pi / 180)
		out = append(out, embed.Vector{float32(c), float32(s)})
	}
	return out, nil
}

// onePage finds one page, with the evidence that a question has now.
type onePage map[string]float64

func (ix onePage) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	now, ok := ix[q.Text]
	if !ok {
		return &retrieve.Result{}, nil
	}
	if now < 0 {
		return nil, index.ErrUnavailable
	}
	h := retrieve.Hit{Chunk: index.Chunk{URL: "https://e.example/" + q.Filter.Source, Title: "T", Section: "S"}, Score: now / 2}
	return &retrieve.Result{Hits: []retrieve.Hit{h}, Evidence: now}, nil
}

func at(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC) }

func unanswered(text string, evidence float64) state.Question {
	return state.Question{Question: text, Outcome: state.OutcomeUnanswered, Evidence: evidence}
}

func answered(text string, evidence float64) state.Question {
	return state.Question{Question: text, Outcome: state.OutcomeAnswered, Answered: true, Grounded: true, Evidence: evidence}
}

// newest gives questions times, the newest first.
func newest(qs ...state.Question) []state.Question {
	for i := range qs {
		qs[i].AskedAt = at(59 - i)
	}
	return qs
}

func TestFind(t *testing.T) {
	sso := unanswered("sso?", 0.2)
	sso.Source = "docs"
	spoken := unanswered("and there?", 0.1)
	spoken.Standalone = "Is SSO there?"
	disliked := answered("price?", 0.9)
	disliked.Down = 2
	disliked.Up = 1
	liked := answered("fine?", 0.9)
	liked.Up = 1
	bare := answered("bare?", 0.9)
	bare.Grounded = false
	questions := newest(
		liked, answered("good?", 0.9), disliked, sso, unanswered("SSO? ", 0.3), spoken, answered("weak?", 0.6), bare,
		unanswered("", 0.1), unanswered("sha256:abc", 0.1), state.Question{Question: "broken?", Outcome: state.OutcomeFailed}, state.Question{Question: "left?", Outcome: state.OutcomeCanceled},
	)
	e := angles{"sso?": 0, "Is SSO there?": 20, "price?": 90, "weak?": 180, "bare?": 270}
	got, err := gaps.Find(t.Context(), gaps.Config{Embedder: e, Retriever: onePage{"sso?": 0.8, "Is SSO there?": 0.7, "weak?": 0.6, "price?": 0.95}}, questions)
	if err != nil {
		t.Fatal(err)
	}
	want := &gaps.Report{Questions: 6, Unread: 2, Gaps: []gaps.Gap{
		{Size: 3, Different: 2, Examples: []string{"sso?", "Is SSO there?"}, Reasons: map[string]int{gaps.Unanswered: 3}, Last: at(56), Answered: true,
			Nearest: &gaps.NearestPage{URL: "https://e.example/docs", Title: "T", Section: "S", Score: 0.4, Evidence: 0.8}},
		{Size: 1, Different: 1, Examples: []string{"price?"}, Reasons: map[string]int{gaps.Down: 1}, Last: at(57),
			Nearest: &gaps.NearestPage{URL: "https://e.example/", Title: "T", Section: "S", Score: 0.475, Evidence: 0.95}},
		{Size: 1, Different: 1, Examples: []string{"weak?"}, Reasons: map[string]int{gaps.Weak: 1}, Last: at(53),
			Nearest: &gaps.NearestPage{URL: "https://e.example/", Title: "T", Section: "S", Score: 0.3, Evidence: 0.6}},
		{Size: 1, Different: 1, Examples: []string{"bare?"}, Reasons: map[string]int{gaps.Ungrounded: 1}, Last: at(52)},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Find (-want +got):\n%s", diff)
	}
}

// TestAnswered checks when a question counts as answered by now.
func TestAnswered(t *testing.T) {
	down := answered("q", 0.4)
	down.Down = 1
	unknown := answered("q", 0) // such as by a model that searched for itself
	unknown.Grounded = false
	for _, tt := range []struct {
		name string
		then state.Question
		now  float64
		want bool
	}{
		{"still not", unanswered("q", 0.2), 0.4, false},
		{"now", unanswered("q", 0.2), 0.5, true},
		{"a model found nothing though there was enough", unanswered("q", 0.8), 0.9, false},
		{"weak as before", answered("q", 0.55), 0.6, false},
		{"better", answered("q", 0.55), 0.7, true},
		{"nobody knows", unknown, 0.9, false},
		{"down-voted, but there was little evidence", down, 0.9, true},
	} {
		got, err := gaps.Find(t.Context(), gaps.Config{Embedder: angles{}, Retriever: onePage{"q": tt.now}}, newest(tt.then))
		if err != nil || len(got.Gaps) != 1 {
			t.Fatalf("%s: Find = %+v, %v", tt.name, got, err)
		}
		if got.Gaps[0].Answered != tt.want {
			t.Errorf("%s: answered now = %v, want %v", tt.name, got.Gaps[0].Answered, tt.want)
		}
	}
}

// TestDone checks when a group is done: marked, and not asked since.
func TestDone(t *testing.T) {
	e := angles{"sso?": 0, "SAML?": 10, "price?": 90}
	for _, tt := range []struct {
		name string
		done map[string]time.Time
		want []bool // of the groups: that of price? is the smaller one
	}{
		{"no marks", nil, []bool{false, false}},
		{"marked after the last question", map[string]time.Time{gaps.Mark("SSO? "): at(59).Add(time.Second)}, []bool{false, true}},
		{"marked by another wording", map[string]time.Time{gaps.Mark("SAML?"): at(59).Add(time.Second)}, []bool{false, true}},
		{"asked again in another wording", map[string]time.Time{gaps.Mark("sso?"): at(58).Add(time.Second)}, []bool{false, false}},
		{"all are done", map[string]time.Time{gaps.Mark("sso?"): at(60), gaps.Mark("price?"): at(60)}, []bool{true, true}},
	} {
		got, err := gaps.Find(t.Context(), gaps.Config{Embedder: e, Retriever: onePage{}, Done: tt.done}, newest(unanswered("SAML?", 0.1), unanswered("sso?", 0.1), unanswered("price?", 0.1)))
		if err != nil || len(got.Gaps) != 2 {
			t.Fatalf("%s: Find = %+v, %v", tt.name, got, err)
		}
		if is := []bool{got.Gaps[0].Done, got.Gaps[1].Done}; !slices.Equal(is, tt.want) {
			t.Errorf("%s: done = %v, want %v", tt.name, is, tt.want)
		}
	}
}

// TestMany checks that only the newest questions are grouped, and the others counted.
func TestMany(t *testing.T) {
	var qs []state.Question
	e := angles{}
	const most = 2000 // questions that are grouped
	for i := range most + 10 {
		q := unanswered(fmt.Sprint("q", i), 0.1)
		e[q.Question] = float64(i % 2 * 90)
		qs = append(qs, q, unanswered("q0", 0.1), q)
	}
	got, err := gaps.Find(t.Context(), gaps.Config{Embedder: e, Retriever: onePage{}}, qs)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Gaps) != 2 || got.Gaps[0].Different != most/2 || got.Left != 10 || got.Questions != 2*most+most+10 {
		t.Errorf("%d groups, the first of %d, %d questions, %d left", len(got.Gaps), got.Gaps[0].Different, got.Questions, got.Left)
	}
}

func TestFindFails(t *testing.T) {
	if _, err := gaps.Find(t.Context(), gaps.Config{Embedder: angles{}}, nil); err == nil {
		t.Error("Find takes no retriever")
	}
	if _, err := gaps.Find(t.Context(), gaps.Config{Embedder: angles{}, Retriever: onePage{"q": -1}}, newest(unanswered("q", 0))); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("Find without a store = %v, want ErrUnavailable", err)
	}
	if got, err := gaps.Find(t.Context(), gaps.Config{Embedder: angles{}, Retriever: onePage{}}, nil); err != nil || len(got.Gaps) != 0 {
		t.Errorf("Find of nothing = %+v, %v", got, err)
	}
}
