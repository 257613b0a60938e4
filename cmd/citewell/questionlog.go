package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/journal"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/internal/trace"
)

// logConfig holds the settings of the question log and of reports from it.
type logConfig struct {
	logQuestions string
	logKeep      span
	logSizeMB    int
	since        span
	alike        float64
	prices       string
}

// Values of --log-questions.
const (
	logFull = "full"
	logHash = "hash"
	logOmit = "omit"
	logOff  = "off"
)

var redactions = map[string]state.Redaction{logFull: state.Full, logHash: state.Hash, logOmit: state.Omit}

func logFlags(f *pflag.FlagSet, c *config) {
	stateFlag(f, c)
	f.StringVar(&c.logQuestions, "log-questions", logFull, "how to log the text of questions and comments: full, hash or omit (not at all); off logs no questions")
	c.logKeep = span(90 * day)
	f.Var(&c.logKeep, "log-keep", "how long to keep questions and feedback, such as 90d or 12h (0: for ever)")
	f.IntVar(&c.logSizeMB, "log-size", 1000, "maximum size of the state file in MB; above it, the oldest questions are deleted (0: no limit)")
}

func (c *config) validateLog(f *pflag.FlagSet) error {
	var errs []error
	if _, known := redactions[c.logQuestions]; f.Lookup("log-questions") != nil && !known && c.logQuestions != logOff {
		errs = append(errs, fmt.Errorf("--log-questions %q is unknown: choose %s", c.logQuestions, strings.Join([]string{logFull, logHash, logOmit, logOff}, ", ")))
	}
	if f.Lookup("log-size") != nil && c.logSizeMB < 0 {
		errs = append(errs, fmt.Errorf("--log-size %d is negative", c.logSizeMB))
	}
	if f.Lookup("alike") != nil && !(c.alike > 0 && c.alike <= 1) {
		errs = append(errs, fmt.Errorf("--alike %v is not above 0 and at most 1", c.alike))
	}
	return errors.Join(errs...)
}

// openState opens the state with the settings of the flags.
func (a *app) openState(ctx context.Context) (*state.DB, error) {
	return state.Open(ctx, state.Config{DSN: a.stateDSN(), Redact: redactions[a.logQuestions], Keep: time.Duration(a.logKeep), MaxBytes: int64(a.logSizeMB) << 20})
}

// openJournal logs further questions in db, unless --log-questions is off.
func (a *app) openJournal(p *parts, db journal.State, log *slog.Logger) (err error) {
	if a.logQuestions == logOff {
		return nil
	}
	p.journal, err = journal.New(journal.Config{Answerer: p.answerer, State: db, Index: a.indexID(), RequestID: trace.RequestID, Log: log})
	if err != nil {
		return err
	}
	p.answerer = p.journal
	p.closers = append(p.closers, p.journal.Close)
	return nil
}

// logQuestionsIfPossible logs further questions. If the log can't be opened, a warning is
// printed at the end. No answer waits for the log.
func (a *app) logQuestionsIfPossible(ctx context.Context, p *parts) error {
	if a.logQuestions == logOff {
		return nil
	}
	l := a.openStateLater(ctx)
	p.closers = append(p.closers, func() error { return a.closeLater(l) })
	return a.openJournal(p, l, a.log())
}

// openToAsk opens what answers a question, and logs it if that is possible.
func (a *app) openToAsk(ctx context.Context) (*parts, error) {
	p, err := a.open(ctx, false)
	if err != nil {
		return nil, err
	}
	if err = a.openAnswerer(ctx, p); err == nil {
		err = a.logQuestionsIfPossible(ctx, p)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// loggedQuestions returns the logged questions to the index within --since, newest
// first. It returns an error if there is no log.
func (a *app) loggedQuestions(ctx context.Context) (all []state.Question, err error) {
	err = a.withLog(ctx, func(db *state.DB) error {
		all, err = questionsWithin(ctx, db, a.indexID(), time.Duration(a.since))
		return err
	})
	return all, err
}

// withLog calls fn with the state. It returns an error if there is no log.
func (a *app) withLog(ctx context.Context, fn func(*state.DB) error) error {
	if dsn := a.stateDSN(); !state.IsPostgres(dsn) {
		if _, err := os.Stat(dsn); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no questions are logged in %s: ask and serve log them; for another log, set --state", dsn)
		}
	}
	return a.withState(ctx, fn)
}

// startOf returns when a period began that reaches until now; the zero time for 0, which
// means all.
func startOf(period time.Duration) time.Time {
	if period == 0 {
		return time.Time{}
	}
	return time.Now().Add(-period)
}

// questionsWithin returns the logged questions to an index within a period, newest first,
// without their scores: these are the larger part of a row.
func questionsWithin(ctx context.Context, db *state.DB, indexID string, period time.Duration) (all []state.Question, err error) {
	f := state.QuestionFilter{Index: indexID, From: startOf(period), Limit: state.MaxLimit}
	for {
		page, err := db.Questions(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range page {
			page[i].Scores = nil
		}
		all = append(all, page...)
		if len(page) < state.MaxLimit {
			return all, nil
		}
		f.After = page[len(page)-1].ID
	}
}

func sinceFlag(f *pflag.FlagSet, c *config) {
	f.Var(&c.since, "since", "only questions of this last period, such as 30d or 12h (0: all)")
}
