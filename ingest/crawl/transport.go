package crawl

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

// transport returns a transport whose connections control judges; nil lets all
// pass.
func transport(r *net.Resolver, control func(network, address string, c syscall.RawConn) error) *http.Transport {
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

// guarded returns what the guarded Fetcher sends requests by: a transport that
// connects to what the guard opens, or, if the environment names proxies, one
// that also sends through these what is theirs.
func guarded(r *net.Resolver, g guard) http.RoundTripper {
	direct := transport(r, g.control)
	env := httpproxy.FromEnvironment()
	if env.HTTPProxy == "" && env.HTTPSProxy == "" {
		return direct
	}
	// The proxy may be anywhere: its address is the operator's choice. Nothing
	// but the proxy is dialled by this transport.
	proxied := transport(nil, nil)
	d := &door{direct: direct, proxied: proxied, proxy: env.ProxyFunc(), guard: g, resolver: r}
	if r == nil {
		d.resolver = net.DefaultResolver
	}
	proxied.Proxy = func(req *http.Request) (*url.URL, error) {
		p, err := d.proxy(req.URL)
		if err == nil && p == nil {
			err = ErrPrivate // Unreachable: RoundTrip sends only what is a proxy's.
		}
		return p, err
	}
	return d
}

// A door sends each request directly, or through the proxy that the environment
// names for it. A proxy connects in the place of the Fetcher, so what it is asked
// for is judged before: by its address, or those that its name has here. A name
// that only the proxy knows is left to the proxy.
type door struct {
	direct, proxied *http.Transport
	proxy           func(*url.URL) (*url.URL, error)
	guard           guard
	resolver        *net.Resolver
	judged          sync.Map // judgement by name
}

// A judgement reports whether the addresses of a name are open. It is good for a
// while, so that a resolver that can't resolve public names, as behind some
// proxies, is not waited for with each request.
type judgement struct {
	open  bool
	until time.Time
}

const judgementLife = time.Minute

// RoundTrip implements [http.RoundTripper].
func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
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

// CloseIdleConnections is what [http.Client] calls by the same name.
func (d *door) CloseIdleConnections() {
	d.direct.CloseIdleConnections()
	d.proxied.CloseIdleConnections()
}

// admits reports whether a proxy may be asked for what the request names.
func (d *door) admits(req *http.Request) bool {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(req.URL.Hostname(), "."))
	if err != nil {
		host = req.URL.Hostname() // an IPv6 address, or a name that no host has
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return d.guard.open(a)
	}
	if strings.Contains(host, ":") || numeric(host) {
		return false
	}
	if j, ok := d.judged.Load(host); ok && time.Now().Before(j.(judgement).until) {
		return j.(judgement).open
	}
	addresses, err := d.resolver.LookupNetIP(req.Context(), "ip", host)
	if req.Context().Err() != nil {
		return false // The request is over.
	}
	open := err != nil || !slices.ContainsFunc(addresses, func(a netip.Addr) bool { return !d.guard.open(a.Unmap()) })
	d.judged.Store(host, judgement{open, time.Now().Add(judgementLife)})
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
