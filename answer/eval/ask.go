package eval

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/eval"
)

// askedKs are the cutoffs of recall.
var askedKs = []int{1, 3, 5, 10}

// An AskRow is what became of one question about the user's own pages.
type AskRow struct {
	Line         int      `json:"line"` // of the file
	Text         string   `json:"question"`
	Expected     string   `json:"expected,omitempty"`
	Unanswerable bool     `json:"unanswerable,omitempty"`
	Rank         int      `json:"rank"` // of the first chunk that is expected, from 1; 0 if none is among the first ten
	Found        []string `json:"found"`
	Answered     bool     `json:"answered"`
	Reason       string   `json:"reason,omitempty"` // why it is not answered
	Answer       string   `json:"answer,omitempty"`
	Right        bool     `json:"right"` // a citation is of the page, or the answer or what it cites has the text, that is expected
	Citations    int      `json:"citations"`
	Verified     int      `json:"verified"`
}

// Wrong returns what went wrong with a question; "" if nothing did.
func (r AskRow) Wrong() string {
	switch {
	case r.Unanswerable && r.Answered:
		return "answered, though the pages do not answer it"
	case r.Unanswerable:
		return ""
	case !r.Answered:
		return "not answered: " + r.Reason
	case !r.Right:
		return "the answer is from another place than expected"
	case r.Rank == 0:
		return "answered, but what is expected is not among the first ten chunks"
	case r.Verified < r.Citations:
		return fmt.Sprintf("%d of %d quotes are not on their pages", r.Citations-r.Verified, r.Citations)
	}
	return ""
}

// An AskReport is the result of [Ask].
//
// Its metrics are within 0–1:
//
//   - recall@k: the share of answerable questions for which one of the first k chunks is of
//     the expected page, or has the expected text;
//   - answered: the share of answerable questions that are answered;
//   - right: the share of them whose answer cites the expected page, or has the expected text;
//   - refused: the share of unanswerable questions that are refused;
//   - quotes_verified: the share of citations whose quote is on its page.
type AskReport struct {
	Questions    int          `json:"questions"`
	Unanswerable int          `json:"unanswerable"` // of them
	Metrics      eval.Metrics `json:"metrics"`
	Rows         []AskRow     `json:"rows,omitempty"`
}

// Names returns the names of the metrics, in order.
func (r *AskReport) Names() []string { return slices.SortedFunc(maps.Keys(r.Metrics), eval.ByMetric) }

// Ask asks questions about the user's own pages, one after the other. k is how many chunks
// an answer is made from; 0 means the answerer's default. progress may be nil.
func Ask(ctx context.Context, a Answerer, r retrieve.Finder, questions []evalset.Asked, k int, progress func(done, total int)) (*AskReport, error) {
	rep := &AskReport{Questions: len(questions)}
	for i, q := range questions {
		row, err := askOne(ctx, a, r, q, k)
		if err != nil {
			return nil, fmt.Errorf("eval: the question of line %d: %w", q.Line, err)
		}
		rep.Rows = append(rep.Rows, row)
		if progress != nil {
			progress(i+1, len(questions))
		}
	}
	rep.measure()
	return rep, nil
}

func askOne(ctx context.Context, a Answerer, r retrieve.Finder, q evalset.Asked, k int) (AskRow, error) {
	row := AskRow{Line: q.Line, Text: q.Text, Expected: q.URL + q.Answer, Unanswerable: q.Unanswerable}
	found, err := r.Retrieve(ctx, retrieve.Query{Text: q.Text, K: slices.Max(askedKs)})
	if err != nil {
		return row, err
	}
	for i, h := range found.Hits {
		row.Found = append(row.Found, h.URL)
		if row.Rank == 0 && isExpected(q, h.URL, h.Text) {
			row.Rank = i + 1
		}
	}
	ans, err := a.Answer(ctx, answer.Question{Text: q.Text, K: k})
	if err == nil && ans.WrongSettings { // each question would fail
		err = fmt.Errorf("%w: %s", answer.ErrModel, ans.Warning)
	}
	if err != nil {
		return row, err
	}
	row.Answered, row.Reason, row.Answer = ans.Answered, ans.Reason, ans.Answer
	row.Citations, row.Verified = ans.Total, ans.Verified
	row.Right = ans.Answered && (isExpected(q, "", ans.Answer) || slices.ContainsFunc(ans.Citations, func(c answer.Citation) bool { return isExpected(q, c.URL, c.Passage) }))
	return row, nil
}

// isExpected reports whether a text of a page is what a question expects.
func isExpected(q evalset.Asked, url, text string) bool {
	if q.URL != "" {
		return samePage(q.URL, url)
	}
	return q.Answer != "" && strings.Contains(normalise(text), normalise(q.Answer))
}

// samePage reports whether two addresses differ at most in the fragment, and the slash or
// index.html at the end of the path.
func samePage(a, b string) bool {
	bare := func(address string) string {
		address, _, _ = strings.Cut(address, "#")
		return strings.TrimSuffix(strings.TrimSuffix(address, "index.html"), "/")
	}
	return bare(a) == bare(b)
}

// measure computes the metrics whose denominator is not zero.
func (r *AskReport) measure() {
	counts, answerable, citations, verified := map[string]int{}, 0, 0, 0
	for _, row := range r.Rows {
		citations, verified = citations+row.Citations, verified+row.Verified
		if row.Unanswerable {
			r.Unanswerable++
			counts["refused"] += toInt(!row.Answered)
			continue
		}
		answerable++
		for _, k := range askedKs {
			counts[fmt.Sprintf("recall@%d", k)] += toInt(row.Rank > 0 && row.Rank <= k)
		}
		counts["answered"] += toInt(row.Answered)
		counts["right"] += toInt(row.Right)
	}
	r.Metrics = eval.Metrics{}
	for name, n := range counts {
		total := answerable
		if name == "refused" {
			total = r.Unanswerable
		}
		r.Metrics[name] = float64(n) / float64(total)
	}
	if citations > 0 {
		r.Metrics["quotes_verified"] = float64(verified) / float64(citations)
	}
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
