package answer

import (
	"testing"

	"github.com/citewell/citewell/retrieve"
)

func TestEvidence(t *testing.T) {
	const page = "Rotate a key every ninety days. The machine keeps the old one for an hour of use."
	hits := func(score float64) []retrieve.Hit {
		return []retrieve.Hit{{Chunk: retrieve.Chunk{Title: "Keys", Section: "Keys > Rotation", Text: page, Lang: "en"}, Dense: score}}
	}
	for _, tt := range []struct {
		name, question string
		hits           []retrieve.Hit
		enough         bool
	}{
		{"another subject", "Which CPU does the coffee machine use?", hits(0.2), false},
		{"no term at all", "Who won the world cup?", hits(0.1), false},
		{"its subject, near", "How do I change credentials?", hits(0.5), true},
		{"its words, far", "When to rotate a key?", hits(0.05), true},
		{"half of the words only", "How do I rotate a screen?", hits(0.1), false},
		{"a word of a heading", "Rotation?", hits(0.1), true},
		{"nothing found", "When to rotate a key?", nil, true},
		{"no terms asked", "?!", hits(0.1), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := evidence(tt.question, tt.hits); (got == "") != tt.enough {
				t.Errorf("evidence(%q) = %q, want enough: %v", tt.question, got, tt.enough)
			}
		})
	}
}
