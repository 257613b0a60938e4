package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/journal"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server"
)

// logConfig is what is said of the log of questions, and of what is made of it.
type logConfig struct {
	logQuestions string
	logKeep      span
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
	f.StringVar(&c.logQuestions, "log-questions", logFull, "what is kept of the words of questions and comments: full, hash, omit (nothing of them); off keeps no question at all")
	f.Var(&c.logKeep, "log-keep", "how long questions and feedback are kept, such as 90d or 12h (0: for ever)")
}

func pricesFlag(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.prices, "prices", "", "file with the prices of models, so that answers say what they cost")
}

func (c *config) validateLog(f *pflag.FlagSet) error {
	var errs []error
	if _, known := redactions[c.logQuestions]; f.Lookup("log-questions") != nil && !known && c.logQuestions != logOff {
		errs = append(errs, fmt.Errorf("--log-questions %q is unknown: choose %s", c.logQuestions, strings.Join([]string{logFull, logHash, logOmit, logOff}, ", ")))
	}
	if f.Lookup("alike") != nil && !(c.alike > 0 && c.alike <= 1) {
		errs = append(errs, fmt.Errorf("--alike %v is not above 0 and at most 1", c.alike))
	}
	return errors.Join(errs...)
}

const day = 24 * time.Hour

// A span is a time in days, or in Go's units.
type span time.Duration

var _ pflag.Value = (*span)(nil)

func (s *span) String() string {
	d := time.Duration(*s)
	switch {
	case d == 0:
		return "0"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}

// Set reads a time.
func (s *span) Set(v string) error {
	d, err := time.ParseDuration(v)
	if n, ok := strings.CutSuffix(v, "d"); ok {
		var days uint64
		days, err = strconv.ParseUint(n, 10, 16) // 179 years at most
		d = time.Duration(days) * day
	}
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no time such as 90d or 12h", v)
	}
	*s = span(d)
	return nil
}

// Type is shown in help.
func (*span) Type() string { return "time" }

// openState opens the state as the flags say.
func (a *app) openState(ctx context.Context) (*state.DB, error) {
	return state.Open(ctx, state.Config{DSN: a.stateDSN(), Redact: redactions[a.logQuestions], Keep: time.Duration(a.logKeep)})
}

// openJournal lets what is asked from now on be kept in db.
func (a *app) openJournal(p *parts, db *state.DB, log *slog.Logger) (err error) {
	if a.logQuestions == logOff {
		return nil
	}
	p.journal, err = journal.New(journal.Config{Answerer: p.answerer, State: db, Index: a.indexID(), RequestID: server.RequestID, Log: log})
	if err != nil {
		return err
	}
	p.answerer = p.journal
	p.closers = append(p.closers, p.journal.Close)
	return nil
}

// openLogTimeout is how long a question on the command line waits for its log.
const openLogTimeout = 5 * time.Second

// keepQuestions lets what is asked be kept if that is possible: the answer is
// given in any case.
func (a *app) keepQuestions(ctx context.Context, p *parts) {
	if a.logQuestions == logOff {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, openLogTimeout)
	defer cancel()
	db, err := a.openState(ctx)
	if err == nil {
		p.closers = append(p.closers, db.Close)
		err = a.openJournal(p, db, a.log())
	}
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		a.say("warning: questions are not logged: %v", err)
	}
}
