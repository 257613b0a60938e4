package draft

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

var pageURLs = []string{"https://e.org/a", "https://e.org/b?x=1#part"}

func contained(t *testing.T, cut bool, pieces ...string) *Draft {
	t.Helper()
	d := New(pageURLs, nil)
	for _, p := range pieces {
		if err := d.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(cut); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestContain(t *testing.T) {
	for _, tt := range []struct {
		name, writes, want string
		cited              []int
	}{
		{"link to a page", "See [the *page*](https://e.org/a#top) and [b]( <https://e.org/b?x=1> \"t\" ).", "See [the *page*](https://e.org/a#top) and [b](https://e.org/b?x=1).", []int{1, 2}},
		{"foreign link", "See [the page](https://evil.org/?q=secret), or [that](//evil.org) (or so).", "See the page, or that (or so).", nil},
		{"link to another query", "See [b](https://e.org/b?x=2) and [c](https://e.org/a/../c).", "See b and c.", nil},
		{"other schemes", "[a](javascript:alert(1)) [b](data:text/html,x) [c](mailto:x@y.z) [d](/rel) [e](#x) [f]()", "a b c d e f", nil},
		{"image", "So ![it is](https://evil.org/x.png \"t\") and ![](https://e.org/a).", "So it is and .", nil},
		{"image in a link", "So [![it](https://evil.org/x.png)](https://evil.org) is.", "So it is.", nil},
		{"citation in a link", "So [it is [1]](https://evil.org).", "So it is [1].", []int{1}},
		{"code in a link", "So [`it`](https://evil.org) is.", "So `it` is.", nil},
		{"over a line", "So [it\nis](https://evil.org) so.", "So [it\nis] (`https://evil.org`) so.", nil},
		{"reference", "So [it][x] is.\n\n[x]: https://evil.org 'y'", "So [it][x] is.\n\n[x] : `https://evil.org` 'y'", nil},
		{"angles", "At <https://evil.org/a?b> or <https://e.org/a>, or <mailto:x@y.z>.", "At `https://evil.org/a?b` or <https://e.org/a>, or `<mailto:x@y.z>`.", []int{1}},
		{"bare", "At https://evil.org/a_(b), (www.evil.org) or HTTP://EVIL.ORG. And https://e.org/a#x!", "At `https://evil.org/a_(b)`, (`www.evil.org`) or `HTTP://EVIL.ORG`. And <https://e.org/a#x>!", []int{1}},
		{"words that begin like one", "He who wants http or www finds few.", "He who wants http or www finds few.", nil},
		{"tags", "a <img src=https://evil.org/x> b <a href='//evil.org'>c</a> <script>d</script> <!-- e -->", "a `<img src=https://evil.org/x>` b `<a href='//evil.org'>`c`</a>` `<script>`d`</script>` `<!-- e -->`", nil},
		{"open tag", "a <img src=x\nonerror=y>", "a `<`img src=x\nonerror=y>", nil},
		{"no tags", "a < b, 1<2 and a <- b", "a < b, 1<2 and a <- b", nil},
		{"tag with a backtick", "a <b title=`>`c", "a `<`b title=`>`c", nil},
		{"backtick in front", "a `<b> c", "a \\` `<b>` c", nil},
		{"code is left alone", "`<b> [x](https://evil.org)`\n\n```html\n<img src=\"https://evil.org\">\n```", "`<b> [x](https://evil.org)`\n\n```html\n<img src=\"https://evil.org\">\n```", nil},
		{"quotation ends with its code", "> ```\n<img src=x>", "> ```\n`<img src=x>`", nil},
		{"item ends with its code", "- ```\n<img src=x>", "- ```\n`<img src=x>`", nil},
		{"set in too far", "text\n      ```\n<img src=x>", "text\n      \\`\\`\\`\n`<img src=x>`", nil},
		{"exclamation", "Look! [1]![x]", "Look! [1]![x]", []int{1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := contained(t, false, tt.writes)
			if got := d.text.String(); got != tt.want {
				t.Errorf("%q makes %q, want %q", tt.writes, got, tt.want)
			}
			if diff := cmp.Diff(tt.cited, d.cited); diff != "" {
				t.Errorf("cited differs (-want +got):\n%s", diff)
			}
		})
	}
}

var reader = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// leads returns an error that names a link to another page, for a reader who
// interprets Markdown, bare addresses and HTML.
func leads(s string) (err error) {
	src := []byte(s)
	bad := func(what string, b []byte) { err = errors.Join(err, errors.New(what+" "+string(b))) }
	allowed := func(u []byte) bool {
		page, _, _ := strings.Cut(string(u), "#")
		return page == "https://e.org/a" || page == "https://e.org/b?x=1"
	}
	_ = ast.Walk(reader.Parse(text.NewReader(src)), func(n ast.Node, in bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if in && !allowed(n.Destination) {
				bad("link", n.Destination)
			}
		case *ast.AutoLink:
			if in && !allowed(n.URL(src)) && !strings.Contains(string(n.URL(src)), "@") {
				bad("autolink", n.URL(src))
			}
		case *ast.Image:
			bad("image", n.Destination)
		case *ast.RawHTML, *ast.HTMLBlock:
			bad("HTML", nil)
		}
		return ast.WalkContinue, nil
	})
	return err
}

// checkContained checks that a text links to no other page, however it is cut into
// pieces.
func checkContained(t *testing.T, s string, seed uint64, cut bool) {
	t.Helper()
	whole := contained(t, cut, s).text.String()
	if err := leads(whole); err != nil {
		t.Errorf("%q makes %q, which has %v", s, whole, err)
	}
	rnd := rand.New(rand.NewPCG(seed, 3))
	var pieces []string
	for rest := s; rest != ""; {
		n := rnd.IntN(min(len(rest), 1+int(seed%5))) + 1
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	if got := contained(t, cut, pieces...).text.String(); got != whole {
		t.Errorf("%q makes %q, in one piece %q", pieces, got, whole)
	}
}

// TestContainTokens tries texts of tokens that make links.
func TestContainTokens(t *testing.T) {
	tokens := []string{"[", "]", "(", ")", "](", "][", "]:", "![", "<", ">", "<a ", "</", "<!--", "-->", "href=", "https://evil.org", "https://e.org/a", "www.evil.org", "x", "y", " ", " ", "\n", "\n", "\n\n", "`", "```", "~~~", "\\", "!", "[1]", "[9]",
		"> ", "- ", "1. ", "    ", "  ", "*", "_", "\"", "'", ":", "[x](https://evil.org)", "![x](https://evil.org)", "<img src=x>", "<https://evil.org>", "[x]: https://evil.org", "#", "|", "|-|", "NOT_IN_SOURCES", "\t", "ftp://evil.org"}
	rnd := rand.New(rand.NewPCG(7, 8))
	for i := range uint64(30_000 / share) {
		var b strings.Builder
		for range 1 + rnd.IntN(12) {
			b.WriteString(tokens[rnd.IntN(len(tokens))])
		}
		if checkContained(t, b.String(), i, i%4 == 0); t.Failed() {
			return
		}
	}
}

func FuzzContain(f *testing.F) {
	for i, s := range []string{"[a](https://evil.org)", "![a](b)", "<img src=x>", "https://evil.org", "[a]\n(b)", "[a\nb](c)", "[a]: b", "`<a>", "> ```\n<a>", "[![a](b)](c)", "www.evil.org", "<a\nhref=x>", "A[0](0)"} {
		f.Add(s, uint64(i), false)
	}
	f.Fuzz(checkContained)
}
