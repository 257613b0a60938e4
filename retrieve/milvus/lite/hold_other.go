//go:build !linux && !darwin

package lite

import (
	"context"
	"errors"
	"net"
	"runtime"
)

// A holder does not exist on this system.
type holder struct{}

// An engine does not run on this system.
type engine struct{ addr, inode string }

const logSuffix = ".log"

func acquire(context.Context, string) (string, *holder, error) {
	return "", nil, errors.New("Milvus Lite does not run on " + runtime.GOOS + otherWays)
}

// Unreachable: acquire never returns a holder.
func (*holder) ensure(context.Context, Config, string, bool) (engine, error) { return engine{}, nil }

// Unreachable: acquire never returns a holder.
func (*holder) release() error { return nil }

// Unreachable: acquire never returns a holder.
func inodeOf(string) (string, error) { return "", nil }

// Unreachable: acquire never returns a holder.
func endEngine(net.Conn, string) error { return nil }
