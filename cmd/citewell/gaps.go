package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/internal/state"
)

func alikeFlag(f *pflag.FlagSet, c *config) {
	f.Float64Var(&c.alike, "alike", gaps.DefaultSimilarity, "minimum average similarity of the questions in a group, as a cosine")
}

// gaps lists groups of questions that the pages do not answer.
func (a *app) gaps(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	var questions []state.Question
	var done map[string]time.Time
	err = a.withLog(ctx, func(db *state.DB) error {
		if questions, err = questionsWithin(ctx, db, a.indexID(), time.Duration(a.since)); err != nil {
			return err
		}
		done, err = db.GapMarks(ctx, a.indexID())
		return err
	})
	if err != nil {
		return err
	}
	p, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	r, err := gaps.Find(ctx, gaps.Config{Embedder: p.embedder, Retriever: p.retriever, Similarity: a.alike, MinEvidence: a.minEvidence, Done: done}, questions)
	if err != nil {
		return err
	}
	if r.Left > 0 {
		a.say("%d more questions are left out: limit the period with --since", r.Left)
	}
	if r.Unread > 0 {
		a.say("%d questions can't be grouped: their text is not logged", r.Unread)
	}
	switch {
	case a.json:
		return a.printJSON(r)
	case a.csv:
		return gapsCSV(a.out, r)
	}
	return gapsMarkdown(a.out, r, len(questions), a.since)
}

func gapsCSV(w io.Writer, r *gaps.Report) error {
	records := [][]string{{"size", "different", "answered_now", "done", gaps.Unanswered, gaps.Weak, gaps.Ungrounded, gaps.Down, "last_asked", "nearest_url", "nearest_title", "nearest_score", "evidence", "examples"}}
	for _, g := range r.Gaps {
		near := gaps.NearestPage{}
		if g.Nearest != nil {
			near = *g.Nearest
		}
		records = append(records, []string{strconv.Itoa(g.Size), strconv.Itoa(g.Different), strconv.FormatBool(g.Answered), strconv.FormatBool(g.Done), strconv.Itoa(g.Reasons[gaps.Unanswered]),
			strconv.Itoa(g.Reasons[gaps.Weak]), strconv.Itoa(g.Reasons[gaps.Ungrounded]), strconv.Itoa(g.Reasons[gaps.Down]), g.Last.UTC().Format(time.RFC3339),
			near.URL, heading(near.Title, near.Section), fmt.Sprintf("%.3f", near.Score), fmt.Sprintf("%.3f", near.Evidence), strings.Join(g.Examples, "\n")})
	}
	return csv.NewWriter(w).WriteAll(records)
}

// gapsMarkdown writes the report as Markdown, such as for a ticket. since is the period of
// the questions; 0 means all.
func gapsMarkdown(w io.Writer, r *gaps.Report, asked int, since span) error {
	out := errWriter{w: w}
	period := ""
	if since != 0 {
		period = fmt.Sprintf(" of the last %s", &since)
	}
	out.printf("# What readers asked and the pages do not answer\n\n%d of %d questions%s, in %d groups.\n", r.Questions, asked, period, len(r.Gaps))
	for i, g := range r.Gaps {
		done := ""
		switch {
		case g.Done:
			done = " — done"
		case g.Answered:
			done = " — answered now"
		}
		out.printf("\n## %d. %s%s\n\n", i+1, escapeMarkdown(g.Examples[0]), done)
		out.printf("- asked %s, last on %s: %s\n", plural(g.Size, "time"), g.Last.UTC().Format(time.DateOnly), gapReasons(g))
		for _, e := range g.Examples[1:] {
			out.printf("- also: %s\n", escapeMarkdown(e))
		}
		if more := g.Different - len(g.Examples); more > 0 {
			out.printf("- and %s more\n", plural(more, "wording"))
		}
		if n := g.Nearest; n != nil {
			out.printf("- nearest page: %s <%s> (score %.2f, evidence %.2f)\n", escapeMarkdown(heading(n.Title, n.Section)), n.URL, n.Score, n.Evidence)
		} else {
			out.printf("- nearest page: none\n")
		}
	}
	return out.err
}

// gapReasons lists how often each reason occurs in a group.
func gapReasons(g gaps.Gap) string {
	var parts []string
	for _, reason := range []string{gaps.Unanswered, gaps.Weak, gaps.Ungrounded, gaps.Down} {
		if n := g.Reasons[reason]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, reason))
		}
	}
	return strings.Join(parts, ", ")
}
