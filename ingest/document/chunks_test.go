package document

import (
	"testing"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/retrieve/index"
)

// A chunk knows the anchors of all headings in it, in order.
func TestAnchors(t *testing.T) {
	const text = "# Page\n\nIt is short.\n\n## Keys\n\nRotate them.\n\n## Doors\n\nShut them."
	page := extract.Page{Title: "Page", Text: text, Headings: []extract.Heading{
		{Level: 1, Text: "Page", StartRune: 0}, {Level: 2, Text: "Keys", Anchor: "keys", StartRune: 22}, {Level: 2, Text: "Doors", Anchor: "the doors", StartRune: 45}}}
	chunks := chunksOf(page, chunker.Options{SizeRunes: 2000, Kind: chunker.Document}, index.Chunk{URL: "https://e.org/"})
	if len(chunks) != 1 || chunks[0].Anchors != " keys  " {
		t.Errorf("chunks = %+v, want one with the anchors of three headings", chunks)
	}
}
