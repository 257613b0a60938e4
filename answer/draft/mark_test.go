package draft

import (
	"strings"
	"testing"
)

// The mark that the sources lack the answer is understood wherever it is said.
func TestMarkSaid(t *testing.T) {
	for _, tt := range []struct{ writes, want string }{
		{"NOT_IN_SOURCES The price is not given.", "The price is not given."},
		{"NOT_IN_SOURCES the price is not given.", "the price is not given."},
		{"NOT_IN_SOURCES", ""},
		{`NOT\_IN\_SOURCES The price is not given.`, "The price is not given."},
		{`**NOT\_IN\_SOURCES**: The price.`, "The price."},
		{"**NOT_IN_SOURCES**\n\nThe price is not given. [1]", "The price is not given."},
		{"`NOT_IN_SOURCES` The price is not given.", "The price is not given."},
		{"`NOT_IN_SOURCES`: the price is not given.", "the price is not given."},
		{"\"NOT_IN_SOURCES\"", ""},
		{"“NOT_IN_SOURCES”. The price.", "The price."},
		{"```\nNOT_IN_SOURCES\n```\nThe price.", "The price."},
		{"> NOT_IN_SOURCES\n> The price.", "The price."},
		{"NOT IN SOURCES: The price.", "The price."},
		{"NOT-IN-SOURCES The price.", "The price."},
		{"not_in_sources. The price.", "The price."},
		{"Not in sources", ""},
		{"**Not in the sources.**", ""},
		{"Answer: NOT_IN_SOURCES. The sources do not say it.", "Answer: The sources do not say it."},
		{"**Answer:** NOT_IN_SOURCES the sources do not say it.", "**Answer:** the sources do not say it."},
		{"Antwort: **NOT\\_IN\\_SOURCES** Es steht nicht da.", "Antwort: Es steht nicht da."},
		{"回答：NOT_IN_SOURCES。没有说明。", "回答： 没有说明。"},
		{"### Answer\n\nNOT_IN_SOURCES\nThe price.", "### Answer\n\nThe price."},
		{"The sources do not say it. NOT_IN_SOURCES", "The sources do not say it."},
		{"The sources do not say it. NOT_IN_SOURCES.", "The sources do not say it."},
		{"The sources do not say it.\n\nNOT_IN_SOURCES: the price.", "The sources do not say it.\n\nthe price."},
		{"The sources do not say it. **NOT_IN_SOURCES**", "The sources do not say it."},
		{"The sources do not say it. `NOT_IN_SOURCES`", "The sources do not say it."},
	} {
		for _, d := range everySplit(t, tt.writes) {
			if d.Text() != tt.want || !d.Missing() || len(d.Cited()) > 0 {
				t.Errorf("%q makes %q, missing %v, cited %v; want %q, missing", tt.writes, d.Text(), d.Missing(), d.Cited(), tt.want)
				break
			}
		}
	}
}

// An answer that mentions the mark is an answer. The mark itself is never shown.
func TestMarkMentioned(t *testing.T) {
	for _, s := range []string{
		"It is five. [1] NOT_IN_SOURCES: the price.",
		"The server replies NOT_IN_SOURCES when it finds nothing [1].",
		"There are two marks: NOT_IN_SOURCES and another [1].",
		"The marks are\n- NOT_IN_SOURCES\n- another [1].",
		"| NOT_IN_SOURCES | nothing was found [1] |",
		"`NOT_IN_SOURCES` is what the server writes [1].",
		"It writes `NOT_IN_SOURCES` then [1].",
		"Set it so:\n```\nNOT_IN_SOURCES=1\n```\nThat is all [1].",
		"Not in sources of power, but in sinks [1].",
		"The word is not in sources [1].",
		"not in sources: see the sinks [1].",
		"Nothing is needed [1].",
		"N",
	} {
		for _, d := range everySplit(t, s) {
			if d.Missing() || strings.Contains(d.Text(), "NOT_IN") || d.Text() == "" {
				t.Errorf("%q makes %q, missing %v; want an answer", s, d.Text(), d.Missing())
				break
			}
		}
	}
}

// everySplit returns the drafts of a text in one piece, in each two pieces and
// character by character, and checks that they are equal and that what they show is
// their text.
func everySplit(t *testing.T, s string) []*Draft {
	t.Helper()
	write := func(pieces ...string) *Draft {
		shown := ""
		d := New([]string{"https://e.org/a", "https://e.org/b", "https://e.org/c"}, func(s string) error { shown += s; return nil })
		for _, p := range pieces {
			_ = d.Write(p)
		}
		if _ = d.Close(false); shown != d.Text() {
			t.Errorf("%q shows %q, but the text is %q", pieces, shown, d.Text())
		}
		return d
	}
	out := []*Draft{write(s), write(strings.Split(s, "")...)}
	for i := range s {
		out = append(out, write(s[:i], s[i:]))
	}
	for _, d := range out[1:] {
		if d.Text() != out[0].Text() || d.Missing() != out[0].Missing() || d.quotes.String() != out[0].quotes.String() {
			t.Errorf("in pieces %q makes %q, missing %v, quotes %q; in one %q, %v, %q", s, d.Text(), d.Missing(), &d.quotes, out[0].Text(), out[0].Missing(), &out[0].quotes)
		}
	}
	return out
}
