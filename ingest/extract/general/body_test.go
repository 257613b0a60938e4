package general

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestVoteBody(t *testing.T) {
	prose := func(subject string) string {
		return strings.Repeat("<p>The "+subject+" turns round in a ring that is too small for it, first low and then higher, until somebody takes it from the fire.</p>", 4)
	}
	const menu = "<div><a href='/'>Menu of machines</a></div><div><a href='/a'>About the machines</a></div>"
	for _, tt := range []struct {
		name, page string
		in, out    []string
	}{
		{"named", "<div class='article-body'>" + prose("steam") + "</div><div>" + prose("pan") + prose("pot") + "</div>", []string{"steam"}, []string{"pan", "pot"}},
		{"by itemprop", "<div itemprop='articleBody'>" + prose("steam") + "</div><div>" + prose("pan") + "</div>", []string{"steam"}, []string{"pan"}},
		{"in pieces", "<section class='body__content-article x1'>" + prose("steam") + "</section><div>" + prose("pan") + "</div><section class='body__content-article x2'>" +
			prose("bell") + "</section>", []string{"steam", "bell"}, []string{"pan"}},
		{"inner name", "<div class='post-main'>" + "<div class='entry-content'>" + prose("steam") + prose("bell") + "</div><p>The pot is not a part of it.</p></div>",
			[]string{"steam", "bell"}, []string{"pot"}},
		{"name of little", "<div class='story-text'><p>The pot is what the next story is about.</p></div><div class='x'>" + prose("steam") + prose("bell") + "</div>", []string{"steam", "bell"}, []string{"pot"}},
		{"no names", menu + "<div>" + prose("steam") + "<p><a href='/x'>The pan</a></p>" + prose("bell") + "</div>" + menu, []string{"steam", "bell"}, []string{"Menu", "About", "pan"}},
		{"beside", "<div>" + prose("steam") + prose("bell") + "<div class='related-box'><p>The pot that was watched for days.</p></div></div>", []string{"steam", "bell"}, []string{"pot"}},
		{"furniture around all", "<div class='has-sidebar'>" + prose("steam") + "</div>", []string{"steam"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root, err := html.Parse(strings.NewReader("<body>" + tt.page))
			if err != nil {
				t.Fatal(err)
			}
			p := newPage(root)
			if !p.voteBody() {
				t.Fatal("voteBody() = false, want true")
			}
			var in, out strings.Builder
			for i := range p.blocks {
				if b := &p.blocks[i]; b.score > 0 {
					in.WriteString(b.text())
				} else {
					out.WriteString(b.text())
				}
			}
			for _, s := range tt.in {
				if !strings.Contains(in.String(), s) || strings.Contains(out.String(), s) {
					t.Errorf("%q is not in the body: %q", s, in.String())
				}
			}
			for _, s := range tt.out {
				if strings.Contains(in.String(), s) {
					t.Errorf("%q is in the body: %q", s, in.String())
				}
			}
		})
	}
}

func TestVoteBodyOfNoText(t *testing.T) {
	root, err := html.Parse(strings.NewReader("<body>" + strings.Repeat("<li><a href='/x'>Kettle</a></li>", 20)))
	if err != nil {
		t.Fatal(err)
	}
	if newPage(root).voteBody() {
		t.Error("voteBody() = true for a page of links, want false")
	}
}
