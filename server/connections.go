package server

import (
	"net"
	"net/http"
	"sync/atomic"

	"golang.org/x/net/netutil"
)

// maxConnections is how many connections a server has at once. More wait until one ends:
// each takes about 10 kB (2026-11) and a descriptor.
const maxConnections = 4096

// connections bounds the connections of a server. Of its places, a quarter is kept for
// connections that end with their request, so that idle ones never keep others out, such as
// those that ask for the health of the server.
type connections struct {
	most int
	open atomic.Int64
}

// listener returns a listener that has at most as many connections as c allows.
func (c *connections) listener(ln net.Listener) net.Listener {
	return netutil.LimitListener(ln, c.most)
}

// watch counts connections, as [http.Server].ConnState.
func (c *connections) watch(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	}
}

// handler returns a handler that ends connections after a request if there are many.
func (c *connections) handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.open.Load() > int64(c.most-c.most/4) {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}
