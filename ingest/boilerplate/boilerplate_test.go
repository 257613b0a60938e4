package boilerplate_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/boilerplate"
)

// onePage is a page of a site; %d is its number, %s its name.
const onePage = `# Kettle %[1]d

Copy page

Kettle %[2]s sings in the key of %[2]s.

Parameters:

- how long to let kettle %[2]s wait

Ask the kettle maker whenever something boils over.

The kettle that you read about is kettle %[1]d.

~~~sh
kettle on --now --and --always --the --same
~~~

| Name | What the name means to a kettle |
|---|---|
| loud | %[2]s |

## Need help?

[Write to us about your kettle](https://example.com/%[1]d/help) at any hour.

## See also

The next kettle after %[2]s.

Last updated by Ann`

// site returns pages that share a menu, an invitation, a label and a section.
func site(n int) []string {
	var pages []string
	for i := range n {
		pages = append(pages, fmt.Sprintf(onePage, i, strings.Repeat(string(rune('a'+i)), 3)))
	}
	return pages
}

func collect(pages []string) (boilerplate.Set, []boilerplate.Repeat) {
	var c boilerplate.Collector
	for _, p := range pages {
		c.Add(p)
	}
	return c.Repeated()
}

func TestRepeated(t *testing.T) {
	pages := site(12)
	set, report := collect(pages)
	want := []boilerplate.Repeat{
		{Text: "Ask the kettle maker whenever something boils over.", Pages: 12},
		{Text: "Copy page", Pages: 12},
		{Text: "Last updated by Ann", Pages: 12},
		{Text: "[Write to us about your kettle](https://example.com/0/help) at any hour.", Pages: 12},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	got := set.Strip(pages[3])
	wantText := `# Kettle 3

Kettle ddd sings in the key of ddd.

Parameters:

- how long to let kettle ddd wait

The kettle that you read about is kettle 3.

~~~sh
kettle on --now --and --always --the --same
~~~

| Name | What the name means to a kettle |
|---|---|
| loud | ddd |

## See also

The next kettle after ddd.`
	if diff := cmp.Diff(wantText, got.Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if got.Lines != 5 || len(got.Taken) != 5 || got.Taken[0].Text != "Copy page" {
		t.Errorf("lines taken out = %d, %+v, want 5", got.Lines, got.Taken)
	}
}

func TestFewPages(t *testing.T) {
	pages := site(boilerplate.MinPages - 1)
	set, report := collect(pages)
	if len(set) != 0 || len(report) != 0 {
		t.Errorf("Repeated of %d pages = %v, want nothing", len(pages), report)
	}
	if got := set.Strip(pages[0]); got.Text != pages[0] {
		t.Errorf("an empty set changes the text:\n%s", got.Text)
	}
}

func TestPageOfNothingElse(t *testing.T) {
	set, _ := collect(site(12))
	page := "# Help\n\nCopy page\n\n## Need help?\n\n[Write to us about your kettle](x) at any hour."
	if got := set.Strip(page); got.Text != page || got.Lines != 0 {
		t.Errorf("Strip = %q, want the page as it is", got.Text)
	}
}

func TestSetIsBounded(t *testing.T) {
	var page strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&page, "Line %d is on every page.\n", i)
	}
	var c boilerplate.Collector
	for range 12 {
		c.Add(page.String())
	}
	set, report := c.Repeated()
	text, err := set.MarshalText()
	if err != nil || len(text) > 40_000 || len(set) < 1000 || len(report) != len(set) {
		t.Errorf("set of %d lines, reported %d, written %d bytes, %v; want it to fit a row of the manifest", len(set), len(report), len(text), err)
	}
}

func TestSetRoundTrip(t *testing.T) {
	set, _ := collect(site(12))
	b, err := set.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var back boilerplate.Set
	if err := back.UnmarshalText(b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(set, back); diff != "" || len(back) == 0 {
		t.Errorf("set (-written +read):\n%s", diff)
	}
	if err := back.UnmarshalText([]byte("steam")); err == nil {
		t.Error("UnmarshalText(steam) succeeds")
	}
}

// FuzzStrip holds every text and set to this: what is left was there before, in
// order; code and tables stay; and every rune that is left is found by its offset.
func FuzzStrip(f *testing.F) {
	for _, p := range site(9)[:3] {
		f.Add(p, "Copy page\nLast updated by Ann")
	}
	f.Add("```\nCopy page\n```\n\n# A\n\nCopy page\r\n\n\n## B", "Copy page\n## B")
	f.Fuzz(func(t *testing.T, text, repeated string) {
		var c boilerplate.Collector
		for range boilerplate.MinPages {
			c.Add(repeated)
		}
		set, _ := c.Repeated()
		got := set.Strip(text)
		before, after := []rune(text), []rune(got.Text)
		at := 0
		for old, r := range before {
			now, gone := got.Offset(old)
			if now > len(after) {
				t.Fatalf("Offset(%d) = %d of %d", old, now, len(after))
			}
			if gone {
				continue
			}
			if now < at {
				t.Fatalf("Offset(%d) = %d, before %d", old, now, at)
			}
			at = now
			if now < len(after) && after[now] != r && utf8.ValidString(text) {
				t.Fatalf("rune %d of the text before is %q, and %q at %d", old, r, after[now], now)
			}
		}
		if strings.Count("\n"+text, "\n|") != strings.Count("\n"+got.Text, "\n|") {
			t.Fatalf("a row is gone:\n%s", got.Text)
		}
	})
}

func BenchmarkStrip(b *testing.B) {
	pages := site(12)
	set, _ := collect(pages)
	b.SetBytes(int64(len(pages[0])))
	b.ReportAllocs()
	for b.Loop() {
		set.Strip(pages[0])
	}
}
