package stale_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
)

// chunks are the stored ones, in memory.
type chunks []index.Chunk

func (ix chunks) Chunks(_ context.Context, ids []string) (out []index.Stored, err error) {
	for _, c := range ix {
		for _, id := range ids {
			if c.ID == id {
				out = append(out, index.Stored{Chunk: c})
			}
		}
	}
	return out, nil
}

func (ix chunks) ChunksOf(_ context.Context, url string) (out []index.Chunk, err error) {
	for _, c := range ix {
		if c.URL == url {
			out = append(out, c)
		}
	}
	return out, nil
}

// now is what is stored: page a is new, b is unchanged but split differently, c is
// gone.
var now = chunks{
	{ID: "a1", URL: "a", ContentHash: "a-new", Text: "# Lamps\n\nA lamp needs **oil** or gas. It does not need water."},
	{ID: "a2", URL: "a", ContentHash: "a-new", Text: "Run `ls -l` to see it.", Start: 60},
	{ID: "b1", URL: "b", ContentHash: "b", Text: "A door has a"},
}

func at(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC) }

// TestReasons checks the reason for one citation.
func TestReasons(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cited state.Citation
		want  string // "" means that nothing is listed
	}{
		{"chunk is there", state.Citation{URL: "a", ChunkID: "a1", ContentHash: "a-old", Quote: "A lamp needs oil"}, ""},
		{"address that the log masks", state.Citation{URL: "https://e.example/?token=REDACTED", ChunkID: "c1", ContentHash: "c", Quote: "A lamp needs oil"}, stale.Changed},
		{"page is gone", state.Citation{URL: "c", ChunkID: "c1", ContentHash: "c", Quote: "A lamp needs oil"}, stale.Gone},
		{"cut anew", state.Citation{URL: "b", ChunkID: "b9", ContentHash: "b", Quote: "A door has a lock"}, ""},
		{"said otherwise", state.Citation{URL: "a", ChunkID: "a9", ContentHash: "a-old", Quote: "A lamp needs water"}, stale.Changed},
		{"denied now", state.Citation{URL: "a", ChunkID: "a9", ContentHash: "a-old", Quote: "need water"}, stale.Changed},
		{"still said", state.Citation{URL: "a", ChunkID: "a9", ContentHash: "a-old", Quote: "A lamp needs oil or gas."}, stale.Moved},
		{"short, still there", state.Citation{URL: "a", ChunkID: "a9", ContentHash: "a-old", Quote: "ls -l"}, stale.Moved},
		{"short, not there", state.Citation{URL: "a", ChunkID: "a9", ContentHash: "a-old", Quote: "ls -a"}, stale.Changed},
		{"no quote", state.Citation{URL: "a", ChunkID: "a9", ContentHash: "a-old"}, stale.Changed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.cited.N = 3
			got, err := stale.Find(t.Context(), now, []state.Question{{ID: "q", Question: "how?", AskedAt: at(1), Answered: true, Citations: []state.Citation{tt.cited}}})
			if err != nil {
				t.Fatal(err)
			}
			var want []stale.Question
			if tt.want != "" {
				want = []stale.Question{{ID: "q", Question: "how?", AskedAt: at(1), Times: 1, Citations: []stale.Citation{
					{N: 3, URL: tt.cited.URL, Quote: tt.cited.Quote, ChunkID: tt.cited.ChunkID, Reason: tt.want}}}}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Check (-want +got):\n%s", diff)
			}
		})
	}
}

// TestQuestions checks which questions are looked at, and in what order.
func TestQuestions(t *testing.T) {
	gone := []state.Citation{{N: 1, URL: "c", ChunkID: "c1", Quote: "It was so."}}
	moved := []state.Citation{{N: 1, URL: "a", ChunkID: "a9", Quote: "A lamp needs oil"}}
	fine := []state.Citation{{N: 1, URL: "a", ChunkID: "a1", Quote: "A lamp needs oil"}}
	asked := []state.Question{ // the newest first
		{Question: "moved?", Answered: true, Citations: moved},
		{Question: "unanswered?", Citations: gone},
		{Question: "asked again?", Answered: true, Citations: fine},
		{Question: "asked again?", Answered: true, Citations: gone},
		{Question: "gone?", Answered: true, Citations: append(gone, moved...)},
		{Question: "gone?", Source: "another", Answered: true, Citations: gone},
		{Question: "gone?", Answered: true, Citations: fine},
		{Question: "", Answered: true, Citations: gone},
		{Question: "", Answered: true, Citations: gone},
	}
	for i := range asked {
		asked[i].ID = fmt.Sprint(i)
	}
	got, err := stale.Find(t.Context(), now, asked)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, q := range got {
		lines = append(lines, fmt.Sprintf("%s %s %d times, %d citations", q.ID, q.Question, q.Times, len(q.Citations)))
	}
	want := []string{"4 gone? 2 times, 2 citations", "5 gone? 1 times, 1 citations", "7  1 times, 1 citations", "8  1 times, 1 citations", "0 moved? 1 times, 1 citations"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("Check (-want +got):\n%s", diff)
	}
}

// down is an index that fails, at once or for texts.
type down struct {
	chunks
	at string
}

func (d down) Chunks(ctx context.Context, ids []string) ([]index.Stored, error) {
	if d.at == "chunks" {
		return nil, index.ErrUnavailable
	}
	return d.chunks.Chunks(ctx, ids)
}

func (d down) ChunksOf(context.Context, string) ([]index.Chunk, error) {
	return nil, index.ErrUnavailable
}

func TestUnavailable(t *testing.T) {
	for _, at := range []string{"chunks", "texts"} {
		_, err := stale.Find(t.Context(), down{now, at}, []state.Question{{Question: "how?", Answered: true, Citations: []state.Citation{{URL: "c", ChunkID: "c1"}}}})
		if !errors.Is(err, index.ErrUnavailable) {
			t.Errorf("Check without %s = %v, want ErrUnavailable", at, err)
		}
	}
}
