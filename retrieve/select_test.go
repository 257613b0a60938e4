package retrieve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve/index"
)

// of returns a hit of a page's text.
func of(url, page string, start, end int, score float64) Hit {
	return Hit{Score: score, Chunk: index.Chunk{
		ID: fmt.Sprint(url, start), URL: url, Text: string([]rune(page)[start:end]), Start: start, End: end,
		Section: fmt.Sprint("section ", start), ContentHash: index.ContentHash(page),
	}}
}

func idsOf(hits []Hit) string {
	var ids []string
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	return strings.Join(ids, " ")
}

func TestRelevant(t *testing.T) {
	for _, tt := range []struct {
		name   string
		scores []float64
		want   int
	}{
		{"none", nil, 0},
		{"one", []float64{0.1}, 1},
		{"tail", []float64{1, 0.9, 0.61, 0.59, 0.2}, 3},
		{"not in order", []float64{0.5, 1, 0.7}, 2},
		{"equal", []float64{0, 0}, 2},
		{"negative", []float64{-0.2, -0.5}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var hits []Hit
			for _, s := range tt.scores {
				hits = append(hits, Hit{Score: s})
			}
			if got := len(relevant(hits)); got != tt.want {
				t.Errorf("%d hits, want %d", got, tt.want)
			}
		})
	}
}

func TestDistinct(t *testing.T) {
	var words []string
	for i := range 300 {
		words = append(words, fmt.Sprint("word", i))
	}
	text := strings.Join(words, " ")
	for _, tt := range []struct {
		name string
		text string // beside the first
		want int
	}{
		{"the same", text, 1},
		{"other case and space", strings.ToUpper(strings.ReplaceAll(text, " ", " \n")), 1},
		{"a word changed", strings.Replace(text, "word150", "other", 1), 1},
		{"a tenth overlaps", strings.Join(append(words[270:], strings.Fields(strings.ReplaceAll(text, "word", "next"))...), " "), 2},
		{"a half", strings.Join(words[:150], " "), 2},
		{"short", "word0", 2},
		{"empty", "", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hits := []Hit{{Chunk: index.Chunk{ID: "a", Text: text}}, {Chunk: index.Chunk{ID: "b", Text: tt.text}}}
			got := distinct(hits)
			if len(got) != tt.want || got[0].ID != "a" {
				t.Errorf("%s, want %d of them, the first one first", idsOf(got), tt.want)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	page := "Ein Absatz über größere Dinge, und noch einer mit 東京 darin."
	other := strings.ToUpper(page)
	for _, tt := range []struct {
		name string
		hits []Hit
		want []Hit
	}{
		{"none", nil, []Hit{}},
		{"apart", []Hit{of("u", page, 20, 30, 2), of("u", page, 0, 10, 1)}, []Hit{of("u", page, 20, 30, 2), of("u", page, 0, 10, 1)}},
		{"overlap", []Hit{of("u", page, 10, 30, 2), of("u", page, 0, 15, 1)}, []Hit{mergedHit("u", page, 0, 30, 2, 10)}},
		{"touch", []Hit{of("u", page, 0, 15, 2), of("u", page, 15, 30, 1)}, []Hit{mergedHit("u", page, 0, 30, 2, 0)}},
		{"three, best in the middle", []Hit{of("u", page, 14, 30, 3), of("v", page, 0, 5, 2), of("u", page, 28, 50, 1), of("u", page, 0, 15, 0)},
			[]Hit{mergedHit("u", page, 0, 50, 3, 14), of("v", page, 0, 5, 2)}},
		{"within", []Hit{of("u", page, 0, 30, 2), of("u", page, 5, 10, 1)}, []Hit{of("u", page, 0, 30, 2)}},
		{"another text of the page", []Hit{of("u", page, 0, 15, 2), of("u", other, 10, 30, 1)}, []Hit{of("u", page, 0, 15, 2), of("u", other, 10, 30, 1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, merged(tt.hits)); diff != "" {
				t.Errorf("merged() (-want +got):\n%s", diff)
			}
		})
	}
}

// mergedHit is a hit of several, the best of which began at best.
func mergedHit(url, page string, start, end int, score float64, best int) Hit {
	h := of(url, page, start, end, score)
	h.ID = fmt.Sprint(url, best)
	return h
}

func TestSelect(t *testing.T) {
	page := "One sentence about otters. Another one about tea. And a last one about keys."
	far := of("w", "Nothing of the kind is said here.", 0, 33, 0.2)
	hits := []Hit{of("u", page, 0, 30, 1), of("v", page, 0, 30, 0.9), of("u", page, 26, 60, 0.8), far}
	got := Select(hits)
	want := Selection{
		Hits:    []Hit{mergedHit("u", page, 0, 60, 1, 0)},
		LeftOut: map[string]string{"v0": "it repeats one above", "w0": "it is far below the best"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Select() (-want +got):\n%s", diff)
	}
}
