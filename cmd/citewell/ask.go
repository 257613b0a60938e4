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
	"github.com/citewell/citewell/retrieve"
)

func (a *app) ask(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	p, err := a.openToAsk(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	got, err := p.answerer.Answer(ctx, answer.Question{Text: args[0], K: a.k, Filter: a.filter()})
	if err != nil {
		return err
	}
	if err := a.printAnswer(got); err != nil || got.Answered {
		return err
	}
	return errUnanswered
}

// printAnswer prints an answer: with --json as /v1/ask returns it, else as text.
func (a *app) printAnswer(got *answer.Answer) error {
	if a.json {
		if got.Warning != "" {
			a.say("warning: %s", got.Warning)
		}
		return a.printJSON(got)
	}
	a.notice(got.Notice)
	a.notice(correctionNotice(got.Corrections))
	return writeAnswer(a.out, got)
}

// correctionNotice tells which words were searched for in place of misspelt ones; "" if
// there are none.
func correctionNotice(made []retrieve.Correction) string {
	var from, to []string
	for _, c := range made {
		from, to = append(from, c.From), append(to, c.To)
	}
	if len(made) == 0 {
		return ""
	}
	return fmt.Sprintf("showing results for %s: no page holds %s", strings.Join(to, ", "), strings.Join(from, ", "))
}

// writeAnswer prints the answer, then its citations and what it cost.
func writeAnswer(w io.Writer, got *answer.Answer) error {
	var out errWriter
	out.w = w
	if got.Warning != "" {
		out.printf("Warning: %s\n\n", got.Warning)
	}
	if !got.Answered {
		out.printf("Not answered: %s.\n", got.Reason)
		for i, c := range got.Closest {
			if i == 0 {
				out.printf("Closest, not an answer:\n")
			}
			out.printf("  “%s”\n    %s\n    %s\n", c.Quote, heading(c.Title, c.Section), c.Link)
		}
		for _, n := range got.Nearest {
			out.printf("  nearest: %s  %s\n", n.Title, n.URL)
		}
		out.printf("%s", usageLine(got))
		return out.err
	}
	out.printf("%s\n\n", got.Answer)
	if got.Editions != "" {
		out.printf("%s\n\n", got.Editions)
	}
	switch {
	case got.Mode == answer.Extractive && got.Usage == nil && got.Warning == "":
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
	out.printf("%s", usageLine(got))
	return out.err
}

// usageLine describes which model was asked, the tokens it used and their cost.
func usageLine(got *answer.Answer) string {
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
	if got.Usage.Unknown {
		return fmt.Sprintf("\n%s %s. Tokens: not reported.\n", verb, who)
	}
	reasoning := ""
	if got.Usage.ReasoningTokens > 0 { // 0 also if the service does not report them
		reasoning = fmt.Sprintf(", %d of these for reasoning", got.Usage.ReasoningTokens)
	}
	cost := ""
	if got.Cost != nil {
		cost = fmt.Sprintf(" Cost: %s %s.", strconv.FormatFloat(got.Cost.Amount, 'f', -1, 64), got.Cost.Currency)
	}
	return fmt.Sprintf("\n%s %s. Tokens: %d in, %d out%s.%s\n", verb, who, got.Usage.PromptTokens, got.Usage.CompletionTokens, reasoning, cost)
}

// citationAge describes how old a citation is: when its page was fetched, and the
// date on the page.
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

// ago describes a duration before now in one unit, rounded down.
func ago(d time.Duration) string {
	for _, u := range []struct {
		name string
		one  time.Duration
		from time.Duration // the shortest duration in this unit
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
