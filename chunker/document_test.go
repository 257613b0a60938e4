package chunker_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/citewell/citewell/chunker"
)

// headingsOf returns the headings of a Markdown text whose lines begin with '#',
// outside of code.
func headingsOf(text string) []chunker.Heading {
	var hs []chunker.Heading
	runes, inCode := 0, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inCode = !inCode
		}
		name := strings.TrimLeft(line, "#")
		if n := len(line) - len(name); n > 0 && !inCode && strings.HasPrefix(name, " ") {
			name = strings.TrimSpace(name)
			hs = append(hs, chunker.Heading{Level: n, Text: name, Anchor: strings.ToLower(name), Start: runes})
		}
		runes += utf8.RuneCountInString(line)
	}
	return hs
}

// boundaries returns the bytes at which a grapheme of text begins, and its end.
func boundaries(text string) map[int]bool {
	at := map[int]bool{0: true, len(text): true}
	for it := graphemes.FromString(text); it.Next(); {
		at[it.End()] = true
	}
	return at
}

// checkParts holds the parts to what the package promises of all chunks and of
// those of SplitDocument.
func checkParts(t *testing.T, text string, o chunker.Options, parts []chunker.Part) {
	t.Helper()
	var chunks []chunker.Chunk
	for _, p := range parts {
		chunks = append(chunks, p.Chunk)
	}
	check(t, text, o, chunks)
	if !utf8.ValidString(text) {
		return
	}
	at := boundaries(text)
	size, _ := o.Size()
	var offsets []int
	for i := range text {
		offsets = append(offsets, i)
	}
	offsets = append(offsets, len(text))
	long := false // a grapheme longer than a chunk
	last := 0
	for i := range offsets {
		if at[offsets[i]] {
			long = long || i-last > size
			last = i
		}
	}
	for i, p := range parts {
		if !long && (!at[offsets[p.Start]] || !at[offsets[p.End]]) {
			t.Fatalf("part %d [%d, %d) cuts a grapheme: %q", i, p.Start, p.End, p.Text)
		}
	}
}

func FuzzSplitDocument(f *testing.F) {
	f.Add("# A\n\nText. More text! And 日本。語。\n## B\n\n```go\nx\ny\n```\n\n|a|b|\n|-|-|\n|1|2|\n|3|4|\n", 20, 5, true)
	f.Add("# A\n# B\n\nx\n\n# C\n", 4, 1, true)
	f.Add("e\u0301\u0301 👩‍💻🇯🇵🇯🇵 \u0600 x\r\n\u0301", 3, 0, true)
	f.Add("กำลัง ภาษาไทย", 4, 1, false)
	f.Add("- a\n- ```\n  b\n  ```\n> ~~~\n> c\n> ~~~\n", 7, 2, true)
	f.Fuzz(func(t *testing.T, text string, size, overlap int, document bool) {
		if overlap == 0 {
			overlap = chunker.NoOverlap
		}
		o := chunker.Options{SizeRunes: size, OverlapRunes: overlap}
		if document {
			o.Kind = chunker.Document
		}
		if o.Validate() != nil {
			t.Skip()
		}
		checkParts(t, text, o, chunker.SplitDocument(text, headingsOf(text), o))
	})
}
