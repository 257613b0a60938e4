package retrieve

import (
	"math"
	"testing"

	"github.com/citewell/citewell/retrieve/index"
)

func TestPlainness(t *testing.T) {
	for _, tt := range []struct {
		name, question, address, text string
		want                          float64
	}{
		{"a page", "What is a kettle?", "https://e.org/kettle.html", "A kettle boils [water](water.html) for tea.", 1 - linkPenalty*5.0/23},
		{"uses of a class", "What is a kettle?", "https://e.org/api/class-use/Kettle.html", "Uses of Kettle", listingWeight},
		{"all terms", "What is a kettle?", "https://e.org/genindex/", "Kettle", listingWeight},
		{"links alone", "What is a kettle?", "https://e.org/index-all.html", "[Kettle](kettle.html)", listingWeight * (1 - linkPenalty)},
		{"changes", "When did the kettle whistle first?", "https://e.org/changelog/index.html", "The kettle whistles.", listingWeight},
		{"asked for", "Which changes has the kettle seen?", "https://e.org/changes.md", "The kettle whistles.", 1},
		{"a section of that name", "What is a kettle?", "https://e.org/search/kettle", "A kettle", 1},
		{"a file", "What is a kettle?", "notes/100%.md", "A kettle", 1},
	} {
		s := search{query: Query{Text: tt.question}}
		if got := s.plainness(index.Chunk{URL: tt.address, Text: tt.text}); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: plainness(%q) = %v, want %v", tt.name, tt.address, got, tt.want)
		}
	}
}
