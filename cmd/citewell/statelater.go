package main

import (
	"context"
	"errors"

	"github.com/citewell/citewell/answer/journal"
	"github.com/citewell/citewell/internal/state"
)

// A laterState is a state that is opened in the background, since it may be locked. Its
// methods wait for that. If it can't be opened, nothing is stored: Close says so.
type laterState struct {
	stop   context.CancelFunc
	opened chan struct{} // closed when db and err are set
	db     *state.DB
	err    error
}

var _ journal.State = (*laterState)(nil)

// openStateLater opens the state with the settings of the flags.
func (a *app) openStateLater(ctx context.Context) *laterState {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &laterState{stop: stop, opened: make(chan struct{})}
	go func() {
		defer close(l.opened)
		l.db, l.err = a.openState(ctx)
	}()
	return l
}

// wait waits until the state is open. It returns nil if that failed.
func (l *laterState) wait(ctx context.Context) (*state.DB, error) {
	select {
	case <-l.opened:
		return l.db, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// RecordQuestion implements [journal.State].
func (l *laterState) RecordQuestion(ctx context.Context, q state.Question) (string, error) {
	db, err := l.wait(ctx)
	if db == nil {
		return "", err
	}
	return db.RecordQuestion(ctx, q)
}

// Questions implements [journal.State].
func (l *laterState) Questions(ctx context.Context, f state.QuestionFilter) ([]state.Question, error) {
	db, err := l.wait(ctx)
	if db == nil {
		return nil, err
	}
	return db.Questions(ctx, f)
}

// SetFeedback implements [journal.State].
func (l *laterState) SetFeedback(ctx context.Context, f state.Feedback) (string, error) {
	db, err := l.wait(ctx)
	if db == nil {
		return "", err
	}
	return db.SetFeedback(ctx, f)
}

// close closes the state, or warns that it could not be opened. The journal, which is
// closed before, has waited for it.
func (a *app) closeLater(l *laterState) error {
	l.stop()
	<-l.opened
	switch {
	case errors.Is(l.err, context.Canceled):
		a.say("warning: questions are not logged: another process has locked %s", a.stateDSN())
		return nil
	case l.err != nil:
		a.say("warning: questions are not logged: %v", l.err)
		return nil
	}
	return l.db.Close()
}
