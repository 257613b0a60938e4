package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/eval"
)

func evalDiffFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.against, "against", "", "location of the other index, as --milvus takes it (default: that of --milvus)")
	f.StringVar(&c.againstName, "against-name", "", "name of the other index (default: that of --name)")
	jsonFlag(f, c)
}

// evalDiff replays the logged questions to an index on another one, such as that of a
// preview. It returns an error if answers are lost.
func (a *app) evalDiff(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	if a.against == "" && a.againstName == "" {
		return asUsage(errors.New("--against is missing: name the location of the other index, or with --against-name its name"))
	}
	questions, err := a.loggedQuestions(ctx)
	if err != nil {
		return err
	}
	asked, p, err := a.openSide(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	there := *a
	if a.against != "" {
		there.milvus = a.against
	}
	if a.againstName != "" {
		there.name = a.againstName
	}
	other, q, err := there.openSide(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	rep, err := eval.Diff(ctx, questions, asked, other, a.counter("questions replayed"))
	if err != nil {
		return err
	}
	if err := a.printDiff(rep); err != nil {
		return err
	}
	if n := len(rep.Lost); n > 0 {
		return fmt.Errorf("%s of %d would be lost", plural(n, "answer"), rep.Replayed)
	}
	return nil
}

// openSide opens an index for [eval.Diff]. No model is asked: its answers to one question
// differ from time to time.
func (a *app) openSide(ctx context.Context) (eval.Side, *parts, error) {
	p, err := a.open(ctx, false)
	if err != nil {
		return eval.Side{}, nil, err
	}
	plain, err := answer.New(answer.Config{Retriever: p.retriever, MinEvidence: a.minEvidence, Log: a.log()})
	if err != nil {
		return eval.Side{}, nil, errors.Join(err, p.Close())
	}
	return eval.Side{Index: p.store, Answerer: plain}, p, nil
}

// printDiff prints a comment for a pull request, in Markdown.
func (a *app) printDiff(r *eval.DiffReport) error {
	if a.json {
		return a.printJSON(r)
	}
	out := errWriter{w: a.out}
	switch n := len(r.Lost); n {
	case 0:
		out.printf("**No answer is lost**: %s of readers were replayed on the new pages.\n", plural(r.Replayed, "question"))
	default:
		out.printf("**%s of %d would be lost.** Readers have asked these questions, and the new pages do not support the answers any more.\n", plural(n, "answer"), r.Replayed)
	}
	for _, l := range r.Lost {
		question := escapeMarkdown(l.Question)
		if l.Question == "" {
			question = "(the text of the question is not logged)"
		}
		out.printf("\n- **%s** (asked %s)\n", question, l.AskedAt.UTC().Format("2006-01-02"))
		if l.Refused != "" {
			out.printf("  - not answered any more: %s\n", escapeMarkdown(l.Refused))
		}
		for _, c := range l.Quotes {
			out.printf("  - quote %s: “%s” of <%s>\n", c.Reason, escapeMarkdown(c.Quote), strings.NewReplacer("<", "%3C", ">", "%3E").Replace(c.URL))
		}
	}
	if r.Unread > 0 {
		out.printf("\nOf %s the text is not logged: only the quotes were looked for.\n", plural(r.Unread, "question"))
	}
	return out.err
}
