package chunker_test

import (
	"fmt"
	"strings"

	"github.com/citewell/citewell/chunker"
)

func ExampleSplit() {
	text := "A hive stands in the sun.\n\nLook at the stores in March. Feed syrup, one litre a day."
	for _, c := range chunker.Split(text, chunker.Options{SizeRunes: 40, OverlapRunes: 10}) {
		fmt.Printf("%2d–%2d %q\n", c.Start, c.End, c.Text)
	}
	// Output:
	// 0–25 "A hive stands in the sun."
	// 27–60 "Look at the stores in March. Feed"
	// 56–84 "Feed syrup, one litre a day."
}

func ExampleSplitDocument() {
	text := "# Keys\n\nA key opens one door.\n\n## Rotation\n\nRotate each key every ninety days."
	headings := []chunker.Heading{
		{Level: 1, Text: "Keys", Start: 0},
		{Level: 2, Text: "Rotation", Start: strings.Index(text, "## Rotation")}, // in runes, which are bytes here
	}
	o := chunker.Options{Kind: chunker.Document, SizeRunes: 60, OverlapRunes: chunker.NoOverlap}
	for _, p := range chunker.SplitDocument(text, headings, o) {
		fmt.Printf("%q\n", p.Text)
	}
	// Output:
	// "# Keys\n\nA key opens one door."
	// "## Rotation\n\nRotate each key every ninety days."
}
