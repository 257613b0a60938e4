package site

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
)

// TestStoredSettings checks that the settings of crawls that older versions stored
// are read as they were meant. An absent max_depth meant no limit then, too, and a
// crawl of the start alone was never stored.
func TestStoredSettings(t *testing.T) {
	for _, tt := range []struct {
		name, stored string
		want         Settings
	}{
		{"all", `{"include":["/a/**"],"exclude":["/b"],"max_pages":5,"max_depth":3,"ignore_robots":true,"base":"https://e.example","source":"docs","selectors":["main"],"version":4}`,
			Settings{
				Options: crawl.Options{Source: "docs", Include: []string{"/a/**"}, Exclude: []string{"/b"}, MaxPages: 5, MaxDepth: new(3), IgnoreRobots: true},
				Base:    "https://e.example", Selectors: []string{"main"}, Version: 4,
			}},
		{"no limit", `{"max_pages":100000,"version":4}`, Settings{Options: crawl.Options{MaxPages: 100_000}, Version: 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Settings
			if err := json.Unmarshal([]byte(tt.stored), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || !got.Equal(tt.want) {
				t.Errorf("Equal = %t (-want +got):\n%s", got.Equal(tt.want), diff)
			}
			b, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var again, stored map[string]any
			if err := errors.Join(json.Unmarshal(b, &again), json.Unmarshal([]byte(tt.stored), &stored)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored, again); diff != "" {
				t.Errorf("stored again (-before +after):\n%s", diff)
			}
		})
	}
}
