package index

import (
	"context"
	"fmt"
	"time"

	"github.com/citewell/citewell/internal/problem"
)

// ErrBusy means that another run is changing the index; see [BusyError].
var ErrBusy error = problem.IndexBusy

// A Holder is the run that changes an index, as others are told of it.
type Holder struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"` // by the clock of its host
}

// String names the process and when it began.
func (h Holder) String() string {
	if h == (Holder{}) {
		return "another process"
	}
	return fmt.Sprintf("process %d on %s, since %s,", h.PID, h.Host, h.Since.UTC().Format(time.RFC3339))
}

// A BusyError names the run that changes an index. errors.Is(err, ErrBusy) holds.
type BusyError struct {
	Name   string // of the index
	Holder Holder // zero if it is unknown
}

// Error names the holder.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is changing index %q: try again when it has ended", e.Holder, e.Name)
}

// Is makes the error an [ErrBusy].
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// A Lock is the right to change an index, kept by a service beside the store.
type Lock interface {
	// Validate returns an error if the lock is lost. Such an error is final.
	Validate(context.Context) error

	// Release releases the lock. It is no error if the lock was lost.
	Release(context.Context) error
}

// TryLock acquires the lock of a name. Those who try meanwhile get note. If the lock
// is held, it returns nil and the note of the holder, or "" if that is not known.
type TryLock func(ctx context.Context, name, note string) (lock Lock, heldBy string, err error)
