package draft

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cited returns the text that a model with three sources writes, and what it cites. It
// fails if another way to cut the text gives another result.
func cited(t *testing.T, writes string) (string, []int) {
	t.Helper()
	write := func(pieces ...string) *Draft {
		shown := ""
		d := New([]string{"https://e.org/a", "https://e.org/b", "https://e.org/c"}, func(s string) error { shown += s; return nil })
		for _, p := range pieces {
			_ = d.Write(p)
			if strings.Contains(shown, "【") || strings.Contains(shown, "citation") {
				t.Errorf("%q shows %q, a part of a mark", pieces, shown)
			}
		}
		_ = d.Close(false)
		if shown != d.Text() {
			t.Errorf("%q shows %q, but the text is %q", pieces, shown, d.Text())
		}
		return d
	}
	whole := write(writes)
	for i := range writes {
		if d := write(writes[:i], writes[i:]); d.Text() != whole.Text() || !cmp.Equal(d.cited, whole.cited) {
			t.Errorf("%q and %q make %q, cited %v; in one piece %q, %v", writes[:i], writes[i:], d.Text(), d.cited, whole.Text(), whole.cited)
		}
	}
	if d := write(strings.Split(writes, "")...); d.Text() != whole.Text() {
		t.Errorf("character by character %q makes %q, in one piece %q", writes, d.Text(), whole.Text())
	}
	return whole.Text(), whole.cited
}

// Each way to cite becomes [n].
func TestCitationHabits(t *testing.T) {
	for _, tt := range []struct {
		writes, want string
		cited        []int
	}{
		{"Five times [source-1].", "Five times [1].", []int{1}},
		{"Five times [source-1, source-3].", "Five times [1][3].", []int{1, 3}},
		{"Five times [Source_2]", "Five times [2]", []int{2}},
		{"Five times [SOURCE 2: Retries page].", "Five times [2].", []int{2}},
		{"Five times [Source 2, Retries].", "Five times [2].", []int{2}},
		{"Five times [Source 2 — Retries].", "Five times [2].", []int{2}},
		{"Five times [citation:1][citation:3].", "Five times [1][3].", []int{1, 3}},
		{"Five times [Citation: 1] or so", "Five times [1] or so", []int{1}},
		{"Five times [doc1][doc 2].", "Five times [1][2].", []int{1, 2}},
		{"Five times [ref. 2] [cite 1] [n=3].", "Five times [2] [1] [3].", []int{2, 1, 3}},
		{"Five [1 to 3], [1~2], [1 or 3]; fünfmal [1 bis 2].", "Five [1][2][3], [1][2], [1][3]; fünfmal [1][2].", []int{1, 2, 3, 1, 2, 1, 3, 1, 2}},
		{"Пять [1 и 2], 다섯 [1와 2], cinque [1 e 2].", "Пять [1][2], 다섯 [1][2], cinque [1][2].", []int{1, 2, 1, 2, 1, 2}},
		{"Beş [kaynak 1], fem [källa 2], năm [nguồn 3], πέντε [πηγή 1], خمس [المصدر 2].", "Beş [1], fem [2], năm [3], πέντε [1], خمس [2].", []int{1, 2, 3, 1, 2}},
		{"Five [search result 1], [snippet 2].", "Five [1], [2].", []int{1, 2}},
		{"五次「1」、五次〔2〕、〖3〗。", "五次[1]、五次[2]、[3]。", []int{1, 2, 3}},
		{"Five<sup>[1]</sup> or <sup>[2, 3]</sup>.", "Five[1] or [2][3].", []int{1, 2, 3}},
		{"Fünfmal [Quelle 1] [Quellen 2 und 3].", "Fünfmal [1] [2][3].", []int{1, 2, 3}},
		{"Cinco [fuente 1], cinq [Source 2 et 3].", "Cinco [1], cinq [2][3].", []int{1, 2, 3}},
		{"重试五次[来源1]。五次【出典 2】。", "重试五次[1]。五次[2]。", []int{1, 2}},
		{"五次［１］、五次[2、3]。", "五次[1]、五次[2][3]。", []int{1, 2, 3}},
		{"五次【1】【2†L3-L9】.", "五次[1][2].", []int{1, 2}},
		{"Five 【4:0†source】 or six 【4:2†b.md】.", "Five [1] or six [3].", []int{1, 3}},
		{"Five times \\[1\\], \\[2, 3\\].", "Five times [1], [2][3].", []int{1, 2, 3}},
		{"Five times[^1], six[^2^] [#3].", "Five times[1], six[2] [3].", []int{1, 2, 3}},
		{"Five times [1-3], [1–2], [1 & 3], [1, 2, and 3].", "Five times [1][2][3], [1][2], [1][3], [1][2][3].", []int{1, 2, 3, 1, 2, 1, 3, 1, 2, 3}},
		{"Five times[1]. Six[2].", "Five times[1]. Six[2].", []int{1, 2}},
		{"The default is MiniLM[1], see OPENAI_API_KEY[2].", "The default is MiniLM[1], see OPENAI_API_KEY[2].", []int{1, 2}},
		{"\"Five\" [1] and `x` [2] and **b** [3].", "\"Five\" [1] and `x` [2] and **b** [3].", []int{1, 2, 3}},
		{"So it is (see [1], [2, 3]).", "So it is (see [1], [2][3]).", []int{1, 2, 3}},
		{"[1] says so, and [2, 3] too.", "[1] says so, and [2][3] too.", []int{1, 2, 3}},
		{"So it is [[1]](https://e.org/a).", "So it is [1].", []int{1}},
		{"So it is [1](#source-1) or [2](https://e.org/b).", "So it is [1] or [2].", []int{1, 2}},
		{"Sources: [1, 2]", "Sources: [1][2]", []int{1, 2}},
		{"As follows: [1]\n- x", "As follows: [1]\n- x", []int{1}},
		{"| five | [1, 2] |", "| five | [1][2] |", []int{1, 2}},
		{"Five [1, 9]. Six [8].", "Five [1]. Six.", []int{1}},

		{"Five times (1).", "Five times [1].", []int{1}},
		{"Five times (1, 2), or six (3)", "Five times [1][2], or six [3]", []int{1, 2, 3}},
		{"五次（1）。", "五次[1]。", []int{1}},
		{"Five times (1)(2).\n\nThen six (3).", "Five times [1][2].\n\nThen six [3].", []int{1, 2, 3}},
		{"Five times (Source 1), six (source 2, source 3) [1].", "Five times [1], six [2][3] [1].", []int{1, 2, 3, 1}},
		{"Five times (1).\n\nQUOTES:\n(1) \"x\"", "Five times [1].", []int{1}},
	} {
		if got, ns := cited(t, tt.writes); got != tt.want || !cmp.Equal(ns, tt.cited) {
			t.Errorf("%q makes %q, cited %v; want %q, %v", tt.writes, got, ns, tt.want, tt.cited)
		}
	}
}

// Numbers in brackets that are data of the answer stay, and cite nothing.
func TestDataInBrackets(t *testing.T) {
	for _, s := range []string{
		"A push answers one of the codes [404, 500]",
		"It returns [1, 2] for both", "The regex [1-3] matches one digit", "The body is {\"a\": [1, 2]} then", "Values: [1, 2] are allowed",
		"Die Werte [1, 2] sind erlaubt", "Los valores son [1, 2]", "値は[1, 2]です", "「1」を押す",
		"The status [404] means that nothing is there",
		"Answers with one of [1, 2, 3]",
		"The default is [1, 2]",
		"Set `retries = [1, 2]`, or retries = [1, 2], or retries=[3]",
		"retries: [1, 2]",
		"- `retries`: [1, 2]",
		"max_retries: [1, 2, 3]",
		"Call f([1, 2])",
		"It waits [1, 2, 5, 10] seconds",
		"The pauses [1, 2, 2]",
		"The range [0, 1]",
		"Of the array, a[1] is the first and x[2] = 5",
		"The program reads sys.argv[1] and job_ids[2]",
		"It is rows[1].name, or rows[1] = 3",
		"In the list, items[1] == 2",
		"`a[1]` and ``b[2]``",
		"```py\nretries = [1, 2]\na[1] [2]\n```",
		"See [the page](https://e.org/x1) [2023] [x] [ ]",
		"[^1]: The page on retries",
		"ls(1) and printf(3)",
		"It has (1) a key and (2) a lock",
		"(1) first\n(2) then",
		"In 2023 (4) and (2023)",
	} {
		own := s + " [1]."
		want := strings.ReplaceAll(own, "[the page](https://e.org/x1)", "the page")
		if strings.HasSuffix(s, "```") {
			own, want = s+"\n[1].", want[:len(want)-5]+"\n[1]."
		}
		if got, ns := cited(t, own); got != want || !cmp.Equal(ns, []int{1}) {
			t.Errorf("%q makes %q, cited %v; want %q, and 1", own, got, ns, want)
		}
	}
}

// What cites nothing else in the text decides what a number in parentheses is.
func TestParentheses(t *testing.T) {
	for writes, want := range map[string]string{
		"Step (1). It is five [2].":    "Step (1). It is five [2].",
		"It is five [2]. Step (1).":    "It is five [2]. Step (1).",
		"Five (9), six (1).":           "Five (9), six [1].",
		"Five (1), six (2) [Source 3]": "Five (1), six (2) [3]",
		"Five (1) https://e.org/b":     "Five (1) <https://e.org/b>",
	} {
		if got, _ := cited(t, writes); got != want {
			t.Errorf("%q makes %q, want %q", writes, got, want)
		}
	}
}
