package llm

import (
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

// Advice returns what an error of [Client.Complete] says is wrong, and how to fix it; ""
// if it says neither. The text is for users: it does not name the host, which may be an
// internal one. An error that is [ErrConfig] always has a text.
func Advice(err error) string {
	text, host := "", ""
	if e, ok := errors.AsType[*callError](err); ok {
		host = e.host
	}
	if r, ok := errors.AsType[*reason](err); ok {
		text = r.text
	} else if _, after, ok := strings.Cut(err.Error(), ErrConfig.Error()+": "); ok {
		text = after
	} else if errors.Is(err, ErrConfig) {
		text = ErrConfig.Error()
	}
	if host == "" {
		return text
	}
	return strings.ReplaceAll(text, host, "the service")
}
