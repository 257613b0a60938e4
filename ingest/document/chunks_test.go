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

func TestWithoutLinkTargets(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"no link", "no link"},
		{"See [keys](https://e.org/a) and [doors](/d).", "See keys and doors."},
		{"![a picture](/p.png \"of\n a kettle\")!", "a picture!"},
		{"[![badge](/b.svg)](https://e.org/)", "[badge](https://e.org/)"},
		{"[f(x)](#f(x)) [g](#g(x(y)))", "f(x) [g](#g(x(y)))"},
		{"a[0](b) and [relative](b.md)", "a[0](b) and [relative](b.md)"},
		{"[a](/x[b](/y) [c](/z)", "[a](/xb c"},
		{"[](/a)] [unfinished](/b", "] [unfinished](/b"},
	} {
		if got := withoutLinkTargets(tt.text); got != tt.want {
			t.Errorf("withoutLinkTargets(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}
