package dom_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// TestChanges checks what each operation makes of a tree.
func TestChanges(t *testing.T) {
	const before = `<div class="a b" id="x">1<!-- c --><p>2<b>3</b></p></div>`
	for _, tt := range []struct {
		name, want string
		change     func(body, div, p *html.Node)
	}{
		{"RemoveAttr", `<div class="a b">1<!-- c --><p>2<b>3</b></p></div>`, func(_, div, _ *html.Node) { dom.RemoveAttr(div, "id") }},
		{"Unwrap", `1<!-- c --><p>2<b>3</b></p>`, func(_, div, _ *html.Node) { dom.Unwrap(div) }},
		{"Append", `<div class="a b" id="x">1<!-- c --></div><p>2<b>3</b></p>`, func(body, _, p *html.Node) { dom.Append(body, []*html.Node{p}) }},
		{"Append of a new element", before + `<hr/>`, func(body, _, _ *html.Node) { dom.Append(body, []*html.Node{dom.Element(atom.Hr)}) }},
		{"RemoveAll", `<div class="a b" id="x">1<p>2</p></div>`, func(body, _, _ *html.Node) {
			dom.RemoveAll(body, func(n *html.Node) bool { return n.DataAtom == atom.B })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, div, p := parse(t, before)
			tt.change(body, div, p)
			var b strings.Builder
			for c := body.FirstChild; c != nil; c = c.NextSibling {
				if err := html.Render(&b, c); err != nil {
					t.Fatal(err)
				}
			}
			if b.String() != tt.want {
				t.Errorf("got %s, want %s", b.String(), tt.want)
			}
		})
	}
}

func TestReads(t *testing.T) {
	body, div, p := parse(t, `<div class="a b">1 <style>x</style><p> 22 </p></div>`)
	if class, ok := dom.Attr(div, "class"); !ok || !dom.HasClass(class, dom.SetOf("b", "c")) || dom.HasClass(class, dom.SetOf("ab")) {
		t.Errorf("class = %q, %v, want it to contain b and not ab", class, ok)
	}
	if v, ok := dom.Attr(p, "class"); ok {
		t.Errorf("Attr of an element without it = %q", v)
	}
	if got := dom.Text(div); got != "1 x 22 " {
		t.Errorf("Text = %q", got)
	}
	if got := dom.TextBytes(div); got != 3 {
		t.Errorf("TextBytes = %d, want 3", got)
	}
	if got := dom.Outermost([]*html.Node{p, div}); len(got) != 1 || got[0] != div || dom.Outermost([]*html.Node{body, div})[0] != body {
		t.Errorf("Outermost = %v, want the element around the other", got)
	}
	if l := dom.HeadingLevel(dom.Element(atom.H3)); l != 3 || dom.HeadingLevel(p) != 0 {
		t.Errorf("HeadingLevel of h3 = %d and of p = %d, want 3 and 0", l, dom.HeadingLevel(p))
	}
}

// parse returns the body of a page, and the first div and p in it.
func parse(t *testing.T, source string) (body, div, p *html.Node) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		switch n.DataAtom {
		case atom.Body:
			body = n
		case atom.Div:
			div = n
		case atom.P:
			p = n
		}
	}
	return body, div, p
}
