package llm

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// A callError is an error of [Client.Complete].
type callError struct {
	model, host string
	err         error
}

func (e *callError) Error() string { return fmt.Sprintf("llm: %s: %v", e.model, e.err) }

func (e *callError) Unwrap() error { return e.err }

// Advice returns what an error that is [ErrConfig] says is wrong, and how to fix it.
// The text is for users: it does not name the host, which may be an internal one.
func Advice(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*callError](err); ok {
		text = strings.ReplaceAll(e.err.Error(), e.host, "the service")
	}
	if _, after, ok := strings.Cut(text, ErrConfig.Error()+": "); ok {
		text = after
	}
	return cmp.Or(text, ErrConfig.Error())
}
