package answer

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		name, section, text, quote string
		want, anchor               string
	}{
		{"own heading", "Guide > Keys", "## Keys\n\nRotate them often.", "Rotate them", "Guide > Keys", "chunk"},
		{"no heading", "Guide > Keys", "Rotate them often.", "Rotate them", "Guide > Keys", "chunk"},
		{"before the next one", "Guide > Keys", "## Keys\n\nRotate them often.\n\n## Doors\n\nShut them.", "Rotate them", "Guide > Keys", "chunk"},
		{"behind the next one", "Guide > Keys", "## Keys\n\nRotate them often.\n\n## Doors\n\nShut them tight.", "Shut them tight", "Guide > Doors", ""},
		{"the next one itself", "Guide > Keys", "Rotate them.\n\n## Doors and *more*\n\nShut them tight.", "Doors and more", "Guide > Doors and more", ""},
		{"deeper", "Guide > Keys", "## Keys\n\nRotate.\n\n### By hand\n\nTurn it around.", "Turn it around", "Guide > Keys > By hand", ""},
		{"higher", "Guide > Keys > By hand", "### By hand\n\nTurn it around.\n\n# Annex\n\nThe end is near.", "The end is near", "Annex", ""},
		{"levels left out", "Guide > By hand", "#### By hand\n\nTurn.\n\n#### By foot\n\nKick it twice.", "Kick it twice", "Guide > By foot", ""},
		{"no section", "", "Turn it around.\n\n## Doors\n\nShut them tight.", "Shut them tight", "Doors", ""},
		{"its anchor is known", "Guide > Keys", "## Keys\n\nRotate.\n\n## Doors\n\nShut them tight.", "Shut them tight", "Guide > Doors", "doors"},
		{"a comment is no heading", "Guide", "```sh\n# not a heading\nrun it now\n```", "run it now", "Guide", "chunk"},
		{"first page", "Guide", "Rotate them often.\n\nShut them tight.", "Rotate them", "Guide", "page=2"},
		{"next page", "Guide", "Rotate them often.\n\nShut them tight.", "Shut them tight", "Guide", "page=3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := retrieve.Hit{Chunk: index.Chunk{Section: tt.section, Anchor: "chunk", Text: tt.text, Start: 7}}
			if tt.anchor == "doors" {
				h.Anchors = "keys doors "
			}
			if strings.HasPrefix(tt.anchor, "page=") {
				h.Anchors = "page=2@3 page=3@27 "
			}
			p, ok := cite.Parse(tt.text, true).Find(tt.quote)
			if !ok {
				t.Fatalf("%q is not found", tt.quote)
			}
			if section, anchor := locate(h, p); section != tt.want || anchor != tt.anchor {
				t.Errorf("place = %q, %q, want %q, %q", section, anchor, tt.want, tt.anchor)
			}
		})
	}
}
