package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// Exit codes, see docs/cli.md.
const (
	exitFailure    = 1
	exitUsage      = 2
	exitUnanswered = 3
)

// errUnanswered means that the pages do not answer the question of a command. The
// command has said so: nothing more is printed.
var errUnanswered = errors.New("the question is not answered")

// A usageError means that the arguments, the flags or the variables are wrong.
type usageError struct{ error }

// Unwrap returns what is wrong.
func (e usageError) Unwrap() error { return e.error }

// asUsage returns err as a [usageError], or nil.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// exitCode returns the exit code for what a command returned.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUnanswered):
		return exitUnanswered
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailure
}

// flagError is what cobra calls for a wrong flag.
func flagError(_ *cobra.Command, err error) error { return asUsage(err) }
