package general_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/citewell/citewell/ingest/extract/dom"
	"github.com/citewell/citewell/ingest/extract/general"
)

// paragraphs returns n paragraphs of an article.
func paragraphs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p>In part %d steam hurries through a hole that is too small for it, turns round in a ring, and so the kettle sings, "+
			"first low and then higher, until somebody takes it from the fire.</p>", i)
	}
	return b.String()
}

func reduce(t *testing.T, page string) (string, bool) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ok := general.Reduce(root, nil, 1<<30)
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "title" {
			b.WriteString(n.Data + "\n")
		}
	}
	return b.String(), ok
}

func TestReduce(t *testing.T) {
	const top = "<html><head><title>Singing kettles | Small Machines</title></head><body><div class='nav'><a href='/'>Menu</a> <a href='/a'>About machines</a></div>"
	for _, tt := range []struct {
		name, before, after string // around the paragraphs
		keeps, drops        []string
	}{
		{"title", "<h1>Singing kettles</h1>", "<div><h3><a href='/x'>Singing kettles</a></h3></div>", []string{"Singing kettles"}, []string{"Menu", "About machines"}},
		{"byline and date", "<h1>Singing kettles</h1><div>By Ann Boil</div><div>Published: 3 February 2026</div>", "", nil, []string{"Ann Boil", "February"}},
		{"credit", "", "<div>Photo: Ann Boil</div><p>Steam over a kettle in the morning (Photo by Ann Boil)</p>", nil, []string{"Ann Boil"}},
		{"caption", "<figure><img src='a.png'><figcaption>A kettle on a stove</figcaption></figure>", "", nil, []string{"on a stove"}},
		{"numbered caption", "<div><figure><img src='a.png'><figcaption>Fig. 1: where the ring of steam is made, seen from the side of the spout</figcaption></figure>", "</div>", []string{"ring of steam is made"}, nil},
		{"invitation", "", "<p>Sign up for our newsletter to get kettles in your inbox every week.</p>", nil, []string{"newsletter"}},
		{"related", "", "<h3>Related articles</h3><ul><li><a href='/x'>Why pans are silent</a></li><li><a href='/y'>The pot that was watched</a></li></ul>", nil, []string{"silent", "watched"}},
		{"class", "", "<div class='post-author-bio'><p>Ann Boil has written about small machines for longer than she cares to remember, mostly at night.</p></div>", nil, []string{"Ann Boil"}},
		{"section of its own name", "<div class='related-note'>", "</div>", []string{"In part 3"}, nil},
		{"lead", "<div class='page-header'><h1>Singing kettles</h1><div>Every kettle sings before it boils, and hardly anybody has ever asked why it does so.</div></div></div><div class='entry-content'>", "", []string{"hardly anybody"}, nil},
		{"builder's names", "<div class='builder-widget'><p>Sooner or later each of them is silent, which the neighbours are glad of at night.</p></div>", "", []string{"glad of at night"}, nil},
		{"heading of text that stays", "<div><p>The ring sings.</p>" + paragraphs(2) + "<h2 class='post-meta'>Where the ring is</h2>", "</div>", []string{"Where the ring is"}, nil},
		{"other articles", "<article><h1>Singing kettles</h1>", "</article><article><h2>Silent pans</h2>" + strings.ReplaceAll(paragraphs(3), "kettle", "pan") + "</article>", []string{"the kettle sings"}, []string{"the pan sings"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := reduce(t, top+"<div class='content'>"+tt.before+paragraphs(9)+tt.after+"</div></body></html>")
			if !ok || strings.Count(got, "somebody takes it from the fire") < 9 {
				t.Fatalf("Reduce = %t, and leaves %q", ok, got)
			}
			for _, s := range tt.keeps {
				if !strings.Contains(got, s) {
					t.Errorf("%q is gone from %q", s, got)
				}
			}
			for _, s := range tt.drops {
				if strings.Contains(got, s) {
					t.Errorf("%q is left in %q", s, got)
				}
			}
			if strings.Count(got, "Singing kettles") > 1 {
				t.Errorf("the title is there more than once: %q", got)
			}
		})
	}
}

func TestNothingToReduce(t *testing.T) {
	for name, page := range map[string]string{
		"empty":     "",
		"few words": "<main><h1>Kettle</h1><p>It sings.</p></main>",
		"menu":      "<ul>" + strings.Repeat("<li><a href='/x'>Kettle</a></li>", 20) + "</ul>",
	} {
		before, _ := html.Parse(strings.NewReader(page))
		want := strings.Count(dom.Text(before), "ettle")
		got, ok := reduce(t, page)
		if ok || strings.Count(got, "ettle") != want {
			t.Errorf("%s: Reduce = %t, and leaves %q; want the page as it was", name, ok, got)
		}
	}
}

// A page that is too large for two of the extractors is left to the third.
func TestLargePage(t *testing.T) {
	got, ok := reduce(t, "<body><div class='nav'><a href='/'>Menu</a></div><div class='content'>"+paragraphs(7000)+"</div>")
	if !ok || strings.Count(got, "takes it from the fire") != 7000 || strings.Contains(got, "Menu") {
		t.Errorf("Reduce = %t, and leaves %d of 7000 paragraphs", ok, strings.Count(got, "takes it from the fire"))
	}
}
