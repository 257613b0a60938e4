// Package problem holds every kind of error that a user is told of: its code in
// the API, its HTTP status, its message and how to fix it.
//
// Call [Of] with any error. The server sends the result and the command line
// prints it, so both say the same. A [Kind] is itself an error: the package that
// returns one gives it a name of its own, such as retrieve.ErrQuery, and wraps it
// with fmt.Errorf.
package problem

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// A Kind is a kind of error.
type Kind struct {
	Code    string // in the API
	Status  int    // of HTTP
	Text    string // of the error itself
	Message string // for the user; "" means the text of the error that wraps the kind, which then holds no secret
	Fix     string // what the user can do
	Means   error  // an error of the standard library that means the same; nil if there is none
}

// Error implements error.
func (k *Kind) Error() string { return k.Text }

// describes reports whether err is of this kind.
func (k *Kind) describes(err error) bool {
	return errors.Is(err, k) || k.Means != nil && errors.Is(err, k.Means)
}

// All returns every kind.
func All() []*Kind { return slices.Clone(kinds) }

// An Error is an error of a kind with its own message or fix.
type Error struct {
	Kind    *Kind
	Message string // "" means the kind's
	Fix     string // "" means the kind's
	Cause   error  // logged, never shown; may be nil

	After time.Duration // when to try again; 0 means unknown
}

// Error implements error.
func (e *Error) Error() string {
	return e.Kind.Code + ": " + cmp.Or(e.Message, e.Kind.Message, e.Kind.Text)
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Cause} }

// Details are what a user is told of an error.
type Details struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
	Status  int    `json:"-"`

	After time.Duration `json:"-"` // when to try again; 0 means unknown
}

// Of returns what a user is told of err. An error of several kinds is described by
// the one that stands first in kinds.go, an error of no kind by [Internal].
func Of(err error) Details {
	var own *Error
	if errors.As(err, &own) {
		k := own.Kind
		message := cmp.Or(k.Message, k.Text)
		if own.Message != "" {
			message = Text(own.Message)
		}
		return Details{Code: k.Code, Message: message, Fix: cmp.Or(own.Fix, k.Fix), Status: k.Status, After: own.After}
	}
	for _, k := range kinds {
		if k.describes(err) {
			return Details{Code: k.Code, Message: Text(cmp.Or(k.Message, err.Error())), Fix: k.Fix, Status: k.Status}
		}
	}
	return Details{Code: Internal.Code, Message: Internal.Message, Fix: Internal.Fix, Status: Internal.Status}
}
