package eval

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// shelf is an index of pages by address. A question is answered by the page that its
// second word names.
type shelf map[string]string

func (s shelf) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	res := &retrieve.Result{}
	for _, url := range []string{"https://e.example/a/", "https://e.example/b"} {
		if text, ok := s[url]; ok {
			res.Hits = append(res.Hits, retrieve.Hit{Chunk: index.Chunk{URL: url, Text: text}})
		}
	}
	return res, nil
}

func (s shelf) Answer(_ context.Context, q answer.Question) (*answer.Answer, error) {
	url := "https://e.example/" + strings.Fields(q.Text)[1]
	text, ok := s[url]
	if !ok {
		return &answer.Answer{Reason: "the pages don't mention it"}, nil
	}
	return &answer.Answer{Answered: true, Answer: text + " [1]", Total: 1, Verified: 1, Citations: []answer.Citation{{N: 1, URL: url, Quote: text, Verified: true, Passage: text}}}, nil
}

func (s shelf) Chunks(context.Context, []string) ([]index.Stored, error) { return nil, nil }

func (s shelf) ChunksOf(_ context.Context, url string) ([]index.Chunk, error) {
	if text, ok := s[url]; ok {
		return []index.Chunk{{URL: url, Text: text, ContentHash: text}}, nil
	}
	return nil, nil
}

func TestAsk(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "q.csv")
	text := "\ufeffUnanswerable, Question ,expected\n" +
		",\"say a/, please\",https://e.example/a#top\n" + // address
		",say b,steeps for FOUR minutes\n" + // text
		",say c,https://e.example/c\n" + // not answered
		",say b,https://e.example/a/index.html\n" + // another page
		"yes,say d,\n" + "x,say b,\n" // refused, and answered
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	questions, err := evalset.ReadAsked(file)
	if err != nil {
		t.Fatal(err)
	}
	pages := shelf{"https://e.example/a/": "Sencha needs 80 °C.", "https://e.example/a/,": "Sencha needs 80 °C.", "https://e.example/b": "Assam steeps for four\nminutes."}
	rep, err := Ask(t.Context(), pages, pages, questions, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"recall@1": 0.5, "recall@3": 0.75, "recall@5": 0.75, "recall@10": 0.75, "answered": 0.75, "right": 0.25, "refused": 0.5, "quotes_verified": 1}
	if diff := cmp.Diff(want, map[string]float64(rep.Metrics)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	var wrong []string
	for _, r := range rep.Rows {
		wrong = append(wrong, r.Wrong())
	}
	if wrong[1] != "" || !strings.Contains(wrong[2], "don't mention") || wrong[3] == "" || wrong[4] != "" || !strings.Contains(wrong[5], "though") {
		t.Errorf("what went wrong = %q", wrong)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	cited := func(url, quote string) []state.Citation {
		return []state.Citation{{N: 1, URL: url, Quote: quote, ChunkID: "old", ContentHash: "old", Verified: true}}
	}
	asked := func(id, text, url, quote string) state.Question {
		return state.Question{ID: id, RequestID: id, Question: text, Answered: true, AskedAt: time.Unix(0, 0), Citations: cited(url, quote)}
	}
	questions := []state.Question{
		asked("kept", "say b", "https://e.example/b", "Assam steeps for four minutes."),
		asked("changed", "say x", "https://e.example/x", "The kettle boils at noon."),
		asked("gone", "say y", "https://e.example/y", "The gate opens at eight."),
		asked("lost before", "say z", "https://e.example/z", "The bell rings twice a day."),
		asked("hashed", state.HashMark+"00", "https://e.example/y", "The gate opens at eight."),
		{ID: "unanswered", Question: "say w"},
	}
	now := shelf{"https://e.example/b": "Assam steeps for four minutes.", "https://e.example/x": "The kettle boils at noon.", "https://e.example/y": "The gate opens at eight."}
	preview := shelf{"https://e.example/b": "Note: Assam steeps for four minutes.", "https://e.example/x": "The kettle boils at midnight, or so they say."}
	rep, err := Diff(t.Context(), questions, Side{now, now}, Side{preview, preview}, nil)
	if err != nil {
		t.Fatal(err)
	}
	type loss struct{ ID, Refused, Quotes string }
	var got []loss
	for _, l := range rep.Lost {
		x := loss{l.RequestID, l.Refused, ""}
		for _, c := range l.Quotes {
			x.Quotes += c.Reason
		}
		got = append(got, x)
	}
	want := []loss{{"changed", "", stale.Changed}, {"gone", "the pages don't mention it", stale.Gone}, {"hashed", "", stale.Gone}}
	if diff := cmp.Diff(want, got); diff != "" || rep.Replayed != 5 || rep.Unread != 1 {
		t.Errorf("replayed %d, unread %d, lost (-want +got):\n%s", rep.Replayed, rep.Unread, diff)
	}
}
