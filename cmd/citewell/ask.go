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
	"github.com/citewell/citewell/server"
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

// notice tells how a search was not the one that was asked for.
func (a *app) notice(text string) {
	if text != "" {
		a.say("notice: %s", text)
	}
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
		if age := fresh(c, time.Now()); age != "" {
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

// heading joins a page's title and the path of its headings, which often begins
// with the title.
func heading(title, section string) string {
	path := strings.Split(section, " > ")
	if title != "" && path[0] != title {
		path = append([]string{title}, path...)
	}
	return strings.Trim(strings.Join(path, " › "), " ›")
}

// errWriter prints until the first error and keeps it.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

func (a *app) search(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	p, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	found, err := p.retriever.Retrieve(ctx, retrieve.Query{Text: args[0], K: a.k, Filter: a.filter()})
	if err != nil {
		return err
	}
	hits := found.Hits
	if a.json {
		return a.printJSON(server.FoundOf(found, false))
	}
	a.notice(found.Notice)
	out := errWriter{w: a.out}
	for i, h := range hits {
		out.printf("%d. %.3f  %s\n   %s\n   %s\n", i+1, h.Score, heading(h.Title, h.Section), h.URL, preview(h.Text))
	}
	if len(hits) == 0 {
		out.printf("nothing found\n")
	}
	return out.err
}

// previewRunes is how much of a chunk a list shows.
const previewRunes = 160

// preview returns the beginning of a text on one line.
func preview(text string) string {
	r := []rune(oneLine(text))
	if len(r) <= previewRunes {
		return string(r)
	}
	return string(r[:previewRunes]) + "…"
}
