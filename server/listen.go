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

// Listen listens on addr, such as "127.0.0.1:8080". Everybody who can reach the
// address can ask, so an address that is not loopback requires anonymous.
func Listen(ctx context.Context, addr string, anonymous bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("server: address %q is not HOST:PORT, such as 127.0.0.1:8080", addr)
	}
	if !anonymous && !isLoopback(host) {
		return nil, fmt.Errorf("server: %s is reachable from the network, and no key is required: allow that with --anonymous, or listen on 127.0.0.1", addr)
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

// isLoopback reports whether host can only be this machine. A name other than
// localhost may resolve to any address.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
