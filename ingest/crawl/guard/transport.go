package guard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/idna"
)

const (
	dialTimeout         = 10 * time.Second
	maxHeaderBytes      = 1 << 20
	idleConnectionsHost = 16 // more than the requests at once to one host
)

// Open returns a transport that connects to any address, and uses the proxy that
// the environment names.
func Open() *http.Transport {
	t := dialing(nil, nil)
	t.Proxy = http.ProxyFromEnvironment
	return t
}

// dialing returns a transport that calls control before each connection; nil allows
// every one.
func dialing(r *net.Resolver, control func(network, address string, c syscall.RawConn) error) *http.Transport {
	d := net.Dialer{Timeout: dialTimeout, Resolver: r, Control: control}
	return &http.Transport{
		DialContext:            d.DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    idleConnectionsHost,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true,
	}
}

// Direct returns a transport that connects to public addresses and to those in
// allow, and otherwise fails with [ErrPrivate]. It uses no proxy, since a proxy
// would resolve the name by itself and make the connection. A nil resolver means
// the system's.
func Direct(r *net.Resolver, allow []netip.Prefix) *http.Transport {
	return dialing(r, allowed(slices.Clone(allow)).control)
}

// Transport returns a transport that connects as that of [Direct] does, but through
// the proxies that the environment names, if there are any.
func Transport(r *net.Resolver, allow []netip.Prefix) http.RoundTripper {
	g := allowed(slices.Clone(allow))
	direct := Direct(r, allow)
	env := httpproxy.FromEnvironment()
	if env.HTTPProxy == "" && env.HTTPSProxy == "" {
		return direct
	}
	// The operator chose the address of the proxy: it may be private. This transport
	// dials only the proxy.
	proxied := dialing(nil, nil)
	d := &proxying{direct: direct, proxied: proxied, proxy: env.ProxyFunc(), allowed: g, resolver: r}
	if r == nil {
		d.resolver = net.DefaultResolver
	}
	proxied.Proxy = func(req *http.Request) (*url.URL, error) {
		p, err := d.proxy(req.URL)
		if err == nil && p == nil {
			err = ErrPrivate // Unreachable: RoundTrip uses this transport only for a proxy.
		}
		return p, err
	}
	return d
}

// proxying sends each request directly, or through the proxy that the environment
// names for it. The proxy makes the
// connection, so the host is checked before: its address, or the addresses that its
// name has here. A name that only the proxy can resolve is allowed.
type proxying struct {
	direct, proxied *http.Transport
	proxy           func(*url.URL) (*url.URL, error)
	allowed         allowed
	resolver        *net.Resolver
	lookups         sync.Map // lookup by name
}

// A lookup remembers for lookupLife whether the addresses of a name are open. So
// requests do not wait for a resolver that can't resolve public names, as behind
// some proxies.
type lookup struct {
	open  bool
	until time.Time
}

const lookupLife = time.Minute

// RoundTrip implements [http.RoundTripper].
func (d *proxying) RoundTrip(req *http.Request) (*http.Response, error) {
	p, err := d.proxy(req.URL)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return d.direct.RoundTrip(req)
	case !d.admits(req):
		return nil, ErrPrivate
	}
	return d.proxied.RoundTrip(req)
}

// CloseIdleConnections is called by [http.Client.CloseIdleConnections].
func (d *proxying) CloseIdleConnections() {
	d.direct.CloseIdleConnections()
	d.proxied.CloseIdleConnections()
}

// admits reports whether a request may be sent through a proxy.
func (d *proxying) admits(req *http.Request) bool {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(req.URL.Hostname(), "."))
	if err != nil {
		host = req.URL.Hostname() // an IPv6 address, or a name that no host has
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return d.allowed.open(a)
	}
	if strings.Contains(host, ":") || numeric(host) {
		return false
	}
	if j, ok := d.lookups.Load(host); ok && time.Now().Before(j.(lookup).until) {
		return j.(lookup).open
	}
	addresses, err := d.resolver.LookupNetIP(req.Context(), "ip", host)
	if req.Context().Err() != nil {
		return false // The request is over.
	}
	open := err != nil || !slices.ContainsFunc(addresses, func(a netip.Addr) bool { return !d.allowed.open(a.Unmap()) })
	d.lookups.Store(host, lookup{open, time.Now().Add(lookupLife)})
	return open
}

// numeric reports whether the last part of a host is a number, as in 127.1 and
// 0x7f000001. The C library takes such a host for an address.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(last, "0x") || strings.HasPrefix(last, "0X") {
		return true
	}
	return strings.Trim(last, "0123456789") == ""
}
