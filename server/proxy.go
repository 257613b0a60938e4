package server

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// An arrival is how a request came here: what its trusted proxies say of it. It gives no
// rights. Anybody can send the headers of proxies, so those of others are not read, and of
// several values the last one counts, which the nearest proxy has written.
type arrival struct {
	ip     netip.Addr // of the client, without a zone
	host   string     // that the client asked for, as a proxy says; "" if none does
	https  bool       // the client has used TLS
	prefix string     // path that the proxy serves this server under, such as "/help"
}

type arrivalContext struct{}

// arrivalOf returns the arrival of the request of ctx.
func arrivalOf(ctx context.Context) arrival {
	a, _ := ctx.Value(arrivalContext{}).(arrival)
	return a
}

// prefixForm matches paths that a server can be served under.
var prefixForm = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// ValidateBasePath returns an error unless p is a path, as [Config].BasePath needs it.
func ValidateBasePath(p string) error {
	if p != "" && (!prefixForm.MatchString(p) || path.Clean(p) != p) {
		return fmt.Errorf("server: %q is not a path such as /help, without a slash at the end", p)
	}
	return nil
}

// ParseProxy returns the addresses of a proxy, such as 10.0.0.0/8 or 10.0.0.1, as
// [Config].TrustedProxies needs them.
func ParseProxy(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		return netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("server: %q is not an address or a network such as 10.0.0.0/8", s)
	}
	if p.Bits() == 0 {
		return netip.Prefix{}, fmt.Errorf("server: %s would trust every client as a proxy", s)
	}
	return p.Masked(), nil
}

// arrive notes how the request came here.
func (s *api) arrive(g *gin.Context) {
	r := g.Request
	a := arrival{prefix: s.BasePath, https: r.TLS != nil}
	hop, _ := netip.ParseAddrPort(r.RemoteAddr)
	a.ip = hop.Addr().Unmap().WithZone("")
	if s.trusts(a.ip) {
		a.ip = s.client(r, a.ip)
		a.host = lastOf(r.Header, "X-Forwarded-Host")
		a.https = a.https || strings.EqualFold(lastOf(r.Header, "X-Forwarded-Proto"), "https")
		if p := strings.TrimSuffix(lastOf(r.Header, "X-Forwarded-Prefix"), "/"); p != "" && ValidateBasePath(p) == nil {
			a.prefix = p
		}
	} else if r.Header.Get("X-Forwarded-For") != "" && (a.ip.IsPrivate() || a.ip.IsLoopback()) {
		s.namesNoProxy.Do(func() {
			s.Log.Warn("requests come through a proxy that --trusted-proxy does not name: its readers are not limited one by one", "proxy", a.ip)
		})
	}
	g.Request = r.WithContext(context.WithValue(r.Context(), arrivalContext{}, a))
}

// trusts reports whether an address is that of a trusted proxy.
func (s *api) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// client returns the address of the client of a request that a trusted proxy sent: in
// X-Forwarded-For, the last one that is no trusted proxy. What stands before it is what
// the client itself has sent.
func (s *api) client(r *http.Request, proxy netip.Addr) netip.Addr {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(hops) {
		hop, ok := parseHop(strings.TrimSpace(text))
		if !ok {
			return proxy // which has written nothing that names its client
		}
		proxy = hop
		if !s.trusts(hop) {
			return hop
		}
	}
	return proxy
}

// parseHop reads an address of X-Forwarded-For, which may have a port.
func parseHop(s string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return ip.Unmap().WithZone(""), err == nil
}

// lastOf returns the last value of a header that may have several.
func lastOf(h http.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
}

// below serves h under a path, too, for proxies that do not take it off. Without it, h is
// served for those that do, and for load balancers.
func below(prefix string, h http.Handler) http.Handler {
	if prefix == "" {
		return h
	}
	stripped := http.StripPrefix(prefix, h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, prefix+"/"):
			stripped.ServeHTTP(w, r)
		case r.URL.Path == prefix && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			// Relative, since another proxy may put a path before this one.
			w.Header().Set("Location", path.Base(prefix)+"/")
			w.WriteHeader(http.StatusMovedPermanently)
		default:
			h.ServeHTTP(w, r)
		}
	})
}
