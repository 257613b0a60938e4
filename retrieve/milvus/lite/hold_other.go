//go:build !linux && !darwin

package lite

import (
	"context"
	"errors"
	"runtime"
)

// A holder does not exist on this system.
type holder struct{}

func holdFile(context.Context, string) (*holder, error) {
	return nil, errors.New("Milvus Lite does not run on " + runtime.GOOS + otherWays)
}

// Unreachable: holdFile never returns a holder.
func (*holder) ensure(context.Context, Config, string) (string, error) { return "", nil }

// Unreachable: holdFile never returns a holder.
func (*holder) release() error { return nil }
