package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/answer"
)

func (a *app) ask(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	p, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := a.openAnswerer(p); err != nil {
		return err
	}
	a.keepQuestions(ctx, p)
	got, err := p.answerer.Answer(ctx, answer.Question{Text: args[0], K: a.k, Filter: a.filter()})
	if err != nil {
		return err
	}
	return a.printAnswer(got)
}

// printAnswer prints an answer as /v1/ask gives it, or for reading.
func (a *app) printAnswer(got *answer.Answer) error {
	if a.json {
		return a.printJSON(got)
	}
	a.notice(got.Notice)
	return writeAnswer(a.out, got)
}

// writeAnswer prints the answer, then what it rests on.
func writeAnswer(w io.Writer, got *answer.Answer) error {
	var out errWriter
	out.w = w
	if got.Warning != "" {
		out.printf("Warning: %s\n\n", got.Warning)
	}
	if !got.Answered {
		out.printf("The pages do not answer this: %s.\n", got.Reason)
		for _, n := range got.Nearest {
			out.printf("  nearest: %s  %s\n", n.Title, n.URL)
		}
		out.printf("%s", spent(got))
		return out.err
	}
	out.printf("%s\n\n", got.Answer)
	switch {
	case got.Mode == answer.Extractive && got.Usage == nil:
		out.printf("Sentences quoted from the pages; no model was asked.\n\n")
	case got.Mode == answer.Extractive:
		out.printf("Sentences quoted from the pages.\n\n")
	}
	for _, c := range got.Citations {
		mark := "not found on the page"
		if c.Verified {
			mark = "verified"
		}
		out.printf("[%d] %s\n    “%s” (%s)\n    %s\n", c.N, heading(c.Title, c.Section), c.Quote, mark, c.Link)
		if age := citationAge(c, time.Now()); age != "" {
			out.printf("    %s\n", age)
		}
	}
	out.printf("%s", spent(got))
	return out.err
}

// spent says which model was asked and what it used.
func spent(got *answer.Answer) string {
	if got.Usage == nil {
		return ""
	}
	who := got.Model
	if model, ok := strings.CutSuffix(who, emulatedLabel); ok {
		who = "an emulation of " + model + ", not a model"
	}
	verb := "Written by"
	if got.Mode == answer.Extractive {
		verb = "Asked first:"
	}
	reasoning := ""
	if got.Usage.ReasoningTokens > 0 { // else there were none, or the service does not tell
		reasoning = fmt.Sprintf(", %d of these for reasoning", got.Usage.ReasoningTokens)
	}
	cost := ""
	if got.Cost != nil {
		cost = fmt.Sprintf(" Cost: %s %s.", strconv.FormatFloat(got.Cost.Amount, 'f', -1, 64), got.Cost.Currency)
	}
	return fmt.Sprintf("\n%s %s. Tokens: %d in, %d out%s.%s\n", verb, who, got.Usage.PromptTokens, got.Usage.CompletionTokens, reasoning, cost)
}

// citationAge says in words how old a citation is: when its page was fetched, and the
// date that the page itself gives.
func citationAge(c answer.Citation, now time.Time) string {
	var parts []string
	if !c.CrawledAt.IsZero() {
		parts = append(parts, "crawled "+ago(now.Sub(c.CrawledAt)))
	}
	if !c.Modified.IsZero() {
		parts = append(parts, "page dated "+c.Modified.UTC().Format(time.DateOnly))
	}
	return strings.Join(parts, ", ")
}

// ago says roughly how long ago something was.
func ago(d time.Duration) string {
	for _, u := range []struct {
		name string
		one  time.Duration
		from time.Duration // which this unit is used from
	}{
		{"year", 365 * day, 2 * 365 * day},
		{"month", 30 * day, 60 * day},
		{"day", day, day},
		{"hour", time.Hour, time.Hour},
		{"minute", time.Minute, time.Minute},
	} {
		if d < u.from {
			continue
		}
		n := int(d / u.one)
		if n == 1 {
			return "1 " + u.name + " ago"
		}
		return fmt.Sprintf("%d %ss ago", n, u.name)
	}
	return "just now"
}
