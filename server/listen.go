package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// ErrPortInUse means that another program listens on the address.
var ErrPortInUse = errors.New("the port is in use")

// Listen listens on addr, such as "127.0.0.1:8080".
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, fmt.Errorf("server: address %q is not HOST:PORT, such as 127.0.0.1:8080", addr)
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("server: listen on %s: %w: choose another with --addr, such as --addr 127.0.0.1:0 for a free one", addr, ErrPortInUse)
	case err != nil:
		return nil, fmt.Errorf("server: listen on %s: %w", addr, err)
	}
	return ln, nil
}

// IsPublic reports whether other machines may reach an address for [Listen].
func IsPublic(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && !isLoopback(host)
}

// isLoopback reports whether host can only be this machine. A name other than
// localhost may resolve to any address.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
