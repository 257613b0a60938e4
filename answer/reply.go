package answer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// A reply is what a model said to a prompt with these hits. Without a stream the
// draft is empty until the end.
type reply struct {
	llm.Response
	hits   []retrieve.Hit
	draft  draft
	pieces int // bytes that came in pieces
}

// delta takes a piece in.
func (r *reply) delta(piece string) error {
	r.pieces += len(piece)
	return r.draft.write(piece)
}

// end takes in what did not come in pieces; failed says that the text is not
// whole, whatever the response holds.
func (r *reply) end(failed bool) error {
	if !failed && r.pieces == 0 {
		if err := r.draft.write(r.Text); err != nil {
			return err
		}
	}
	cut, _ := truncated(r.Response, failed, nil)
	return r.draft.close(cut)
}

// read turns what the model wrote into an answer, and looks for its quotes in the
// sources. It returns nil if there is no answer in it.
func read(question string, r *reply) *Answer {
	text := r.draft.text.String()
	switch {
	case r.draft.missing:
		ans := unanswered(Generated, "the model finds no answer in the sources", r.hits)
		ans.Answer = text
		return ans
	case text == "":
		return nil
	}
	quotes := readQuotes(r.draft.quotes.String())
	cited := slices.Clone(r.draft.cited)
	if len(cited) == 0 { // the quotes say what it rests on
		for n := range quotes {
			if 1 <= n && n <= len(r.hits) {
				cited = append(cited, n)
			}
		}
	}
	slices.Sort(cited)
	ans := &Answer{Answer: text, Answered: true, Mode: Generated, Citations: []Citation{}}
	for _, n := range slices.Compact(cited) {
		ans.Citations = append(ans.Citations, check(n, r.hits, quotes[n], cmp.Or(claims(text, n), question)))
	}
	ans.judge()
	return ans
}

var quoteLine = regexp.MustCompile(`^[\s>*-]*[\[【]\s*(?:[Ss]ource\s*)?(\d{1,3})\s*(?:†[^\]】]*)?[\]】]\s*[:：.–-]?\s*(.*)$`)

// readQuotes returns the quotes by number of source. A line without a number
// goes on with the quote above it.
func readQuotes(s string) map[int][]string {
	quotes := make(map[int][]string)
	n := 0
	for l := range strings.SplitSeq(strings.TrimLeft(s, "*_"), "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "```") {
			continue
		}
		if m := quoteLine.FindStringSubmatch(l); m != nil {
			n, _ = strconv.Atoi(m[1]) // three digits at most
			quotes[n] = append(quotes[n], m[2])
		} else if last := len(quotes[n]) - 1; last >= 0 && strings.TrimSpace(l) != "" {
			quotes[n][last] += "\n" + l
		}
	}
	return quotes
}

var numberRange = regexp.MustCompile(`(\d{1,3})(?:[ \t]*[–-][ \t]*\^?(\d{1,3}))?`)

// numbers reads a list such as "1, 2" or "1-3".
func numbers(list string) []int {
	var out []int
	for _, m := range numberRange.FindAllStringSubmatch(list, -1) {
		first, _ := strconv.Atoi(m[1]) // three digits at most
		last := first
		if m[2] != "" {
			last, _ = strconv.Atoi(m[2])
		}
		for n := first; n <= last && !slices.Contains(out, n); n++ {
			out = append(out, n)
		}
	}
	return out
}

var number = regexp.MustCompile(`[ \t]*\[\d{1,3}\]`)

// claims returns the sentences of body that cite n, without the citations.
func claims(body string, n int) string {
	var out []string
	for _, p := range cite.Parse(body, false).Sentences() {
		if strings.Contains(p.Text, fmt.Sprintf("[%d]", n)) {
			out = append(out, number.ReplaceAllString(p.Text, ""))
		}
	}
	return strings.Join(out, " ")
}

// unquote takes off what a model puts around a quote: marks of quotation, and
// the points of an ellipsis.
func unquote(q string) string {
	for {
		s := strings.TrimSpace(q)
		for _, pair := range []string{`""`, "“”", "„“", "«»", "''", "‘’", "「」", "『』"} {
			rs := []rune(pair)
			if t := []rune(s); len(t) > 1 && t[0] == rs[0] && t[len(t)-1] == rs[1] {
				s = string(t[1 : len(t)-1])
			}
		}
		s = strings.TrimSpace(s)
		for _, e := range []string{"...", "…"} {
			s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSuffix(s, e), e))
		}
		if s == q {
			return s
		}
		q = s
	}
}
