package main

import (
	"os"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/index"
)

// TestWritePages checks that extraction gives back each text to the rune: the
// offsets of marked answers are counted in it.
func TestWritePages(t *testing.T) {
	for _, tt := range []struct {
		name              string
		doc               evalset.Document
		wantTitle, wantIn string // "" in is the text itself
	}{
		{"plain", evalset.Document{Title: "Keys", Text: "A key.\n\nTwo keys."}, "Keys", ""},
		{"white space around", evalset.Document{Title: "Keys", Text: "\n\n \ta key \n"}, "Keys", ""},
		{"markup", evalset.Document{Title: "a < b & c", Text: "if a<b && c>d { return \"&amp;\" } </pre><script>x</script><p>"}, "a < b & c", ""},
		{"line ends", evalset.Document{Title: "Keys", Text: "one\r\ntwo\rthree\fpage\v\u0085\u2028"}, "Keys", ""},
		{"unseen", evalset.Document{Title: "Keys", Text: "\ufeffa\u200bb\u00adc\x01\x7fd"}, "Keys", ""},
		{"beyond ASCII", evalset.Document{Title: "鍵", Text: "鍵は e\u0301 👩‍👩‍👧 עברית\u00a0x"}, "鍵", ""},
		{"Markdown", evalset.Document{Title: "Keys", Text: "# not a heading\n\n```sh\n# a comment\n```\n| a | b |"}, "Keys", ""},
		{"no title", evalset.Document{Text: "a key"}, noTitle, ""},
		{"no text", evalset.Document{Title: "Keys", Text: " \n"}, "Keys", "Keys"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, err := writePages(t.TempDir(), []evalset.Document{tt.doc})
			if err != nil || len(files) != 1 {
				t.Fatalf("writePages() = %q, %v", files, err)
			}
			b, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			p, err := extract.Extract(b, "", files[0], extract.Options{Format: extract.Plain, Selectors: []string{evalSelector}})
			want := tt.wantIn
			if want == "" {
				want = tt.doc.Text
			}
			if err != nil || p.Text != want || p.Title != tt.wantTitle {
				t.Errorf("page %q = title %q, text %q, %v, want %q, %q", b, p.Title, p.Text, err, tt.wantTitle, want)
			}
		})
	}
	if files, err := writePages(t.TempDir(), []evalset.Document{{ID: "empty"}, {ID: "full", Text: "x"}}); err != nil || len(files) != 1 {
		t.Errorf("writePages() of an empty document = %q, %v", files, err)
	}
}

// TestEvalIndexKey checks that what changes an index changes its name.
func TestEvalIndexKey(t *testing.T) {
	fp := index.Fingerprint{Model: "m/2", Chunker: "c"}
	docs := []evalset.Document{{ID: "1", Title: "t", Text: "x"}}
	keys := map[string]string{"same": evalIndexKey(fp, []evalset.Document{{ID: "1", Title: "t", Text: "x"}})}
	if keys["same"] != evalIndexKey(fp, docs) {
		t.Error("the same data has two names")
	}
	keys["chunker"] = evalIndexKey(index.Fingerprint{Model: "m/2", Chunker: "d"}, docs)
	keys["model"] = evalIndexKey(index.Fingerprint{Model: "n/2", Chunker: "c"}, docs)
	keys["text"] = evalIndexKey(fp, []evalset.Document{{ID: "1", Title: "t", Text: "y"}})
	keys["title"] = evalIndexKey(fp, []evalset.Document{{ID: "1", Title: "u", Text: "x"}})
	seen := map[string]string{}
	for name, key := range keys {
		if seen[key] != "" {
			t.Errorf("%s and %s have the same name", name, seen[key])
		}
		seen[key] = name
	}
}
