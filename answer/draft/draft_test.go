package draft

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/prompt"
)

// drafted returns the draft of a text that arrives in these pieces, from a model with
// two sources.
func drafted(t *testing.T, cut bool, pieces ...string) (d *Draft, shown []string) {
	t.Helper()
	d = &Draft{sources: 2, show: func(s string) error {
		if s == "" {
			t.Error("nothing is shown")
		}
		shown = append(shown, s)
		return nil
	}}
	for _, p := range pieces {
		if err := d.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(cut); err != nil {
		t.Fatal(err)
	}
	return d, shown
}

func TestDraft(t *testing.T) {
	const quotes = "\nQUOTES:\n[1] \"a\""
	for _, tt := range []struct {
		name, writes string
		want, quotes string
		cited        []int
	}{
		{"plain", " It is so.\n", "It is so.", "", nil},
		{"forms", "a [1, 2] b [1-2] c [^1] d [Source 2] e 【1】 f 【2†x】", "a [1][2] b [1][2] c [1] d [2] e [1] f [2]", "", []int{1, 2, 1, 2, 1, 2, 1, 2}},
		{"unknown", "a [3], it[8]. c [1, 9]; so[7]; e", "a, it. c [1]; so; e", "", []int{1}},
		{"more forms", "a ［1］ b [Source 1, Source 2] c [1 and 2] d [1，2] e [Source: 2] f.¹ g,²", "a [1] b [1][2] c [1][2] d [1][2] e [2] f.[1] g,[2]", "", []int{1, 1, 2, 1, 2, 1, 2, 2, 1, 2}},
		{"no citations", "(1) x² m³ 10¹ [a] sys.argv[0], rows[0] and row[1].name, a_b[7] is", "(1) x² m³ 10¹ [a] sys.argv[0], rows[0] and row[1].name, a_b[7] is", "", nil},
		{"names", "MiniLM[1] OPENAI_API_KEY[2].", "MiniLM[1] OPENAI_API_KEY[2].", "", []int{1, 2}},
		{"none", "[x] [ ] [2023] a[i] [1", "[x] [ ] [2023] a[i] [1", "", nil},
		{"inside one another", "[[1]] [[9]] [[9]1] [1, [9] 8] [8 [9]]", "[[1]] […] […1] [1,… 8] [8…]", "", []int{1}},
		{"links", "a [1](https://e.org) [2] (b) [9](https://e.org)c", "a [1] [2] (b)c", "", []int{1, 2}},
		{"references", "a [1].\n\n[1]: https://e.org \"x\"\n[2]: so it is", "a [1].\n\n[2]: so it is", "", []int{1, 2}},
		{"code", "`a[9]` ``b`[9]`` `c [9]\n```\nx[9]\n\n```\n~~~ [9]\n```[9]\n~~~\n[9]", "`a[9]` ``b`[9]`` \\`c\n```\nx[9]\n\n```\n~~~ [9]\n```[9]\n~~~", "", nil},
		{"escaped backtick", "\\`a [9]` \\[1]", "\\`a\\` [1]", "", []int{1}},
		{"unclosed fence", "x\n\n1. ```sh\n   y[9]", "x\n\n1. ```sh\n   y[9]", "", nil},
		{"quotes", "a [1]." + quotes, "a [1].", "\n[1] \"a\"", []int{1}},
		{"quotes in marks", "a.\n\n---\n> ## **QUOTES** : [1] \"a\"", "a.", " [1] \"a\"", nil},
		{"quotes in other words", "a.\n\n**Quotes**\n\n- [1] \"a\"", "a.", "\n\n- [1] \"a\"", nil},
		{"quotes in a fence", "a.\n\n```text\n\nQUOTES:\n[1] \"a\"\n```", "a.", "[1] \"a\"\n```", nil},
		{"quotes in a fence that is not closed", "a.\n```yaml\nquotes: double\nb" + quotes, "a.\n```yaml\nquotes: double\nb", "[1] \"a\"", nil},
		{"no quotes", "Quotes: two\n\n## Quotes\n\nThere are two. QUOTES: x" + quotes, "Quotes: two\n\n## Quotes\n\nThere are two. QUOTES: x", "\n[1] \"a\"", nil},
		{"quotes alone", quotes, "", "\n[1] \"a\"", nil},
		{"a rule is none", "a\n\n---\n\nb\n***", "a\n\n---\n\nb\n***", "", nil},
		{"mark amid", "a NOT_IN_SOURCES b`NOT_IN_SOURCES`", "a b`…`", "", nil},
		{"marks inside one another", "a NOT_IN_NOT_IN_SOURCESSOURCES NOT_IN_[9]SOURCES [9]QUOTES: x", "a NOT_IN_ SOURCES NOT_IN_[9]SOURCES QUOTES: x", "", nil},
		{"left out in front of a mark", "a\n[9]QUOTES: x", "a", " x", nil},
		{"carriage returns", "a [1].\r\n\r\nQUOTES:\r\n[1] \"a\"", "a [1].", "\r\n[1] \"a\"", []int{1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, shown := drafted(t, false, tt.writes)
			if got := strings.Join(shown, ""); got != tt.want || d.text.String() != tt.want {
				t.Errorf("%q makes %q, and shows %q, want %q", tt.writes, &d.text, got, tt.want)
			}
			if d.quotes.String() != tt.quotes {
				t.Errorf("%q has the quotes %q, want %q", tt.writes, &d.quotes, tt.quotes)
			}
			if diff := cmp.Diff(tt.cited, d.cited); diff != "" {
				t.Errorf("%q: cited differs (-want +got):\n%s", tt.writes, diff)
			}
		})
	}
}

// Text is shown as soon as it is certain.
func TestDraftShows(t *testing.T) {
	pieces := []string{"N", "ow ", "it", " is", " so", " [", "1", "]", ".", " `a", "[9]", "`", " b\n", "\n", "QU", "ITE", "\nQUO", "TES", ":", "\n[1] \"x\""}
	want := []string{"Now", " it", " is", " so", " [1].", " `a[9]` b", "\n\nQUITE"}
	if _, got := drafted(t, false, pieces...); !cmp.Equal(want, got) {
		t.Errorf("shown differs (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// If the model was cut off, no incomplete citation or mark is left.
func TestDraftCut(t *testing.T) {
	for writes, want := range map[string]string{
		"It is so [": "It is so", "It is so [1": "It is so", "It is so [1](http": "It is so [1]", "It is so.\n\nQUO": "It is so.", "It is so.\n\n---\n": "It is so.",
		"It is so.\n```py": "It is so.", "NOT_IN": "", "It is so. NOT_": "It is so.", "It `is so": "It \\`is so", "It is. \xe2\x82": "It is. \xe2\x82", "It is so.\n\nQuotes:\n": "It is so.",
	} {
		if d, _ := drafted(t, true, writes); d.text.String() != want {
			t.Errorf("%q cut off makes %q, want %q", writes, &d.text, want)
		}
	}
}

func TestDraftStops(t *testing.T) {
	gone := errors.New("gone")
	calls := 0
	d := &Draft{show: func(string) error { calls++; return gone }}
	if err := d.Write("a "); !errors.Is(err, gone) {
		t.Errorf("write = %v, want the error of show", err)
	}
	if err := d.Write("b "); !errors.Is(err, gone) || calls != 1 {
		t.Errorf("the second write = %v after %d calls, want the error and no more calls", err, calls)
	}
}

// checkDraft checks that a text gives the same draft however it is cut into pieces,
// without marks, quotes or unknown numbers.
func checkDraft(t *testing.T, s string, seed uint64, cut bool) {
	t.Helper()
	whole, _ := drafted(t, cut, s)
	rnd := rand.New(rand.NewPCG(seed, 1))
	var pieces []string
	for rest := s; rest != ""; {
		n := rnd.IntN(min(len(rest), 1+int(seed%7))) + 1
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	d, shown := drafted(t, cut, pieces...)
	text := d.text.String()
	if got := strings.Join(shown, ""); got != text {
		t.Errorf("%q shows %q, but the text is %q", pieces, got, text)
	}
	if want := whole.text.String(); text != want || d.missing != whole.missing || d.quotes.String() != whole.quotes.String() || !cmp.Equal(d.cited, whole.cited) {
		t.Errorf("%q makes %q, missing %v, cited %v, quotes %q; in one piece %q, %v, %v, %q", pieces,
			text, d.missing, d.cited, &d.quotes, want, whole.missing, whole.cited, &whole.quotes)
	}
	if strings.Contains(text, prompt.NotInSources) || strings.TrimSpace(text) != text {
		t.Errorf("%q makes %q", s, text)
	}
	again := &Draft{sources: maxSource}
	if err := errors.Join(again.Write(text), again.Close(false)); err != nil {
		t.Fatal(err)
	}
	for _, n := range again.cited {
		alone := regexp.MustCompile(`(^|.)[ \t]*\\?[\[【［][ \t]*\^?` + strconv.Itoa(n) + `[ \t]*[\]】］]`).FindStringSubmatch(anyCode.ReplaceAllString(text, "`"))
		if n > 2 && alone != nil && !regexp.MustCompile(`[\pL\d_$.=>]`).MatchString(alone[1]) { // an index, or a value
			t.Errorf("%q makes %q, which cites %v", s, text, again.cited)
		}
	}
	if q := again.quotes.String(); q != "" && !cut && !strings.Contains(s, prompt.NotInSources) {
		t.Errorf("%q makes %q, which holds the quotes %q", s, text, q)
	}
}

// anyCode matches what may be code.
var anyCode = regexp.MustCompile("(?s)(```|~~~).*|``[^\n]*?``+|`[^`\n]*`")

func FuzzDraft(f *testing.F) {
	for i, s := range []string{"a [1].\nQUOTES:\n[1] \"x\"", "[9]", "```\n[1]\n```\nb [9]", "[1-999]", "[1", "【2†a】[^1]", "x\n```\n[1]", "[1]: https://e.org", "[ 1 ; 2 ](x)", "[[1]", "[[9]1]",
		"`[9]` [[[9]9]9]", "**NOT_IN_SOURCES**: none [1]", "NOT_IN_NOT_IN_SOURCESSOURCES", "a\n> ---\n**Quotes**\n\n- [1] x", "~~~~\n~~~\nQUOTES:\n", "naïve 【1】 \xf0\x9f\x92\xa9 \xe2\x82",
		"1. ``` a`b\n\n   [2](x\n", "``a [1†`] b`` \\` [9]`", "\u00a0[9]QUOTES: x", "\n\n  - [9]```x\n[9]\n```"} {
		f.Add(s, uint64(i), i%2 == 1)
	}
	f.Fuzz(checkDraft)
}

// TestDraftTokens does the same with texts of tokens that have a meaning.
func TestDraftTokens(t *testing.T) {
	tokens := []string{"[", "[", "]", "]", "【", "】", "1", "2", "9", "[1]", "[9]", "(", ")", "https://e", "†", "^", ",", "-", ":", ".", "a", "b", "N", "_", "é", "\xe2", "\\",
		"`", "``", "```", "~~~", "````", "\n", "\n", "\n", " ", " ", "\t", "\u00a0", "\r\n", ">", "#", "*", "- ", "1. ", "Source ", "sources", "(1)", "(9)", "[1, 9]", "citation:", "=", "\"", "NOT_IN_SOURCES", "NOT_IN_SOURCES", "NOT\\_IN", "NOT_IN_", "SOURCES", ". ", "QUOTES", "QUOTES:", "Quotes", "quo", "QUO", "TES:", "Zitate:", "ZITATE", "[1] \"x y\"", "\"x y z w\"", "« »", "\n\n", "SOURCE_QUOTES"}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range uint64(10_000 / share) {
		var b strings.Builder
		for range 1 + rnd.IntN(14) {
			b.WriteString(tokens[rnd.IntN(len(tokens))])
		}
		checkDraft(t, b.String(), i, i%3 == 0)
		if t.Failed() {
			return
		}
	}
}
