package extract_test

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

// Whatever the front matter of a file is, the text below it is kept, and its fields are
// lines of text.
func FuzzFrontMatter(f *testing.F) {
	for _, s := range []string{"title: A\nlang: de\ndate: 2026-01-02", "title = \"A\"", "a: &a [x]\nb: [*a, *a]", "title: [1, 2]", "date: 99999-99-99", "- x", "{", "title: |\n  two\n  lines", "\x00", "title: ''\n---\nmore", "? {a: b}\n: c", "lang: \"\\ud800\"", "title: !!binary aGk="} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, front string, yaml bool) {
		fence := "+++"
		if yaml {
			fence = "---"
		}
		const body = "The body stays here."
		page, err := extract.Extract([]byte(fence+"\n"+front+"\n"+fence+"\n\n"+body+"\n"), "text/markdown; charset=utf-8", "https://e.example/a.md", extract.Options{})
		if err != nil || !strings.Contains(page.Text, body) {
			t.Fatalf("with the front matter %q, the text is %q (%v)", front, page.Text, err)
		}
		if strings.ContainsAny(page.Title+page.Lang, "\n\r") {
			t.Errorf("with the front matter %q, the title is %q and the language %q", front, page.Title, page.Lang)
		}
	})
}
