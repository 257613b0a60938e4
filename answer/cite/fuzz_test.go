package cite_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/citewell/citewell/answer/cite"
)

var (
	digits = regexp.MustCompile(`[0-9]+`)
	// plain matches quotes without an ellipsis, an escape, an entity, markup or a list.
	plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ,;:%]*$`)
)

// What a quote matches lies on the page, has the numbers of the quote, and is itself a
// quote of the page.
func FuzzFind(f *testing.F) {
	for _, q := range []string{"The key opens the door", "opens **the** door", "key … door", "Keep 3 keys, not 4", "- 1. item", "“key”", "opens\u00adthe door", "| a | b |", "ﬁre"} {
		f.Add("The key opens the door.\n\n- Keep 3 keys, not 4.\n\n| a | b |\n|---|---|\n| 5 % | `x` |\n\nNo ﬁre in the “archive”.", q)
	}
	f.Add("1. one\n2. two three four", "two three four")
	f.Add("Costs 10,000 euros a year", "Costs 10 euros a year")
	f.Fuzz(func(t *testing.T, page, quote string) {
		if len(page)+len(quote) > 2000 {
			t.Skip()
		}
		text := Parse(page, false)
		p, ok := text.Find(quote)
		if !ok {
			return
		}
		n := utf8.RuneCountInString(strings.ToValidUTF8(page, "\uFFFD"))
		if p.Start < 0 || p.End <= p.Start || p.End > n || p.Text == "" {
			t.Fatalf("Find(%q) in %q = %+v, which is not on the page", quote, page, p)
		}
		if have, want := digits.FindAllString(p.Text, -1), digits.FindAllString(quote, -1); plain.MatchString(quote) && !slices.Equal(have, want) {
			t.Fatalf("Find(%q) in %q = %q, which has the numbers %q", quote, page, p.Text, have)
		}
		p.Link("https://e.example/", "a")
		p.Around()
	})
}
