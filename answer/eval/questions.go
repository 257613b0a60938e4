package eval

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/evalset"
)

// A Probe is a model that answers nothing. It counts how often it is asked, so
// that it shows which questions are refused before a model is asked.
type Probe struct{ Asked int }

var errProbe = errors.New("eval: the model only counts its questions")

// Complete counts the request and returns an error.
func (p *Probe) Complete(context.Context, llm.Request) (llm.Response, error) {
	p.Asked++
	return llm.Response{}, errProbe
}

var _ answer.Model = (*Probe)(nil)

// A SiteRow is what became of one question about a site.
type SiteRow struct {
	ID               string          `json:"id"`
	Site             string          `json:"site"`
	Stratum          evalset.Stratum `json:"stratum"`
	Text             string          `json:"question"`
	Refused          bool            `json:"refused"`            // without a model
	RefusedWithModel bool            `json:"refused_with_model"` // before a model was asked
	Reason           string          `json:"reason,omitempty"`   // of the refusal without a model
	Answer           string          `json:"answer,omitempty"`   // without a model, as the next fields
	Cited            []string        `json:"cited,omitempty"`    // pages, in the order of citations
	RightPage        bool            `json:"right_page"`         // the first citation is on a right page
	Missed           []string        `json:"missed,omitempty"`   // groups that the answer lacks; each by its first text
	Found            int             `json:"found"`              // groups that the answer holds
	Words            int             `json:"words,omitempty"`    // of the answer
	BlockWords       int             `json:"block_words,omitempty"`
	Missing          string          `json:"missing,omitempty"` // what the reason should name
	Named            bool            `json:"named"`             // the reason names it
}

// Whole reports whether the answer is from a right page and lacks nothing.
func (r SiteRow) Whole() bool { return !r.Refused && r.RightPage && len(r.Missed) == 0 }

// Wrong reports whether the answer is neither from a right page nor holds any part
// of the expected one.
func (r SiteRow) Wrong() bool { return !r.Refused && !r.RightPage && r.Found == 0 }

// minPassageWords is what a shorter passage counts as: a value or a line of a list
// is only understood with some words around it.
const minPassageWords = 20

// Ratio returns the words of the answer divided by those of the passage that
// answers the question, which count as 20 at least.
func (r SiteRow) Ratio() float64 {
	return float64(r.Words) / float64(max(r.BlockWords, minPassageWords))
}

// AskSite asks the questions of a site twice: plain, which has no model, and
// counted, whose model is the probe.
func AskSite(ctx context.Context, plain, counted Answerer, probe *Probe, s evalset.Site, progress func(done, total int)) ([]SiteRow, error) {
	var rows []SiteRow
	for i, q := range s.Questions {
		ans, err := plain.Answer(ctx, answer.Question{Text: q.Text})
		if err != nil {
			return nil, fmt.Errorf("eval: question %s: %w", q.ID, err)
		}
		row := judge(s, q, ans)
		before := probe.Asked
		if _, err := counted.Answer(ctx, answer.Question{Text: q.Text}); err != nil {
			return nil, fmt.Errorf("eval: question %s, with a model: %w", q.ID, err)
		}
		row.RefusedWithModel = probe.Asked == before
		rows = append(rows, row)
		if progress != nil {
			progress(i+1, len(s.Questions))
		}
	}
	return rows, nil
}

// judge compares the answer to a question without a model with what is expected.
func judge(s evalset.Site, q evalset.SiteQuestion, ans *answer.Answer) SiteRow {
	row := SiteRow{ID: q.ID, Site: s.Name, Stratum: q.Stratum, Text: q.Text, BlockWords: q.BlockWords, Missing: q.Missing}
	if !ans.Answered {
		row.Refused, row.Reason = true, ans.Reason
		row.Named = q.Missing != "" && strings.Contains(normalise(ans.Reason), normalise(q.Missing))
		return row
	}
	row.Answer = ans.Answer
	row.Words = words(ans.Answer)
	for _, c := range ans.Citations {
		row.Cited = append(row.Cited, c.URL)
	}
	if !q.Stratum.Answerable() {
		return row
	}
	row.RightPage = len(row.Cited) > 0 && s.Answers(q, row.Cited[0])
	text := normalise(ans.Answer)
	for _, group := range q.Must {
		if holdsOneOf(text, group) {
			row.Found++
		} else {
			row.Missed = append(row.Missed, group[0])
		}
	}
	return row
}

// words returns the number of words of an answer, without marks of citations.
func words(text string) int {
	n := 0
	for _, w := range strings.Fields(mark.ReplaceAllString(text, "")) {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			n++
		}
	}
	return n
}

func holdsOneOf(text string, alternatives []string) bool {
	for _, a := range alternatives {
		if strings.Contains(text, normalise(a)) {
			return true
		}
	}
	return false
}

// markup matches characters of Markdown that a reader does not see, and marks of
// citations.
var markup = regexp.MustCompile("[`*\\\\]+|\\[\\d+\\]")

// normalise returns a text in lower case without markup, with single spaces.
func normalise(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(markup.ReplaceAllString(text, ""))), " ")
}
