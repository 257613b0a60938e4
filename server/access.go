package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
)

// Who may do what is a table in SECURITY.md. A request's rights never depend on
// where it comes from: behind a proxy, every request comes from the proxy.

// health are the routes that answer to every Host: load balancers send their own.
var health = []string{"/healthz", "/livez", "/readyz"}

// maxHostBytes is the length of the longest host name.
const maxHostBytes = 253

// hostForm matches host names in lower case, also the names of containers.
var hostForm = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)

// ValidateHost returns an error unless host is a host name or an IP address, as
// [Config].AllowedHosts needs it.
func ValidateHost(host string) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if !isIP(name) && (len(name) > maxHostBytes || !hostForm.MatchString(name)) {
		return fmt.Errorf("server: %q is not a host name such as help.example.com, without scheme, port and path", host)
	}
	return nil
}

// isIP reports whether a host is an IP address, with or without a zone.
func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// hostname returns the host of a Host header in lower case, without the port, the
// brackets of IPv6 and the dot at the end.
func hostname(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]") // without a port
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// allows reports whether the operator has named a host with AllowedHosts.
func (s *api) allows(name string) bool {
	return slices.ContainsFunc(s.AllowedHosts, func(allowed string) bool { return hostname(allowed) == name })
}

// knows reports whether this server answers to a host.
func (s *api) knows(name string) bool { return isIP(name) || name == "localhost" || s.allows(name) }

// checkHost refuses a request to a host name that this server does not know.
//
// A page of another site can make its own name resolve to this server's address
// (DNS rebinding). To the browser, the server is then a part of that site, so the
// page may read all answers. Only the name in the Host header gives that away: an IP
// address and localhost can't be rebound. If a trusted proxy names the host that the
// client asked for, that must be known as well. It never stands in for the Host: a page
// can send X-Forwarded-Host to its own name, and the proxy may pass it on.
func (s *api) checkHost(g *gin.Context) {
	name := hostname(g.Request.Host)
	if asked := arrivalOf(g.Request.Context()).host; asked != "" && s.knows(name) {
		name = hostname(asked)
	}
	if s.knows(name) || slices.Contains(health, g.Request.URL.Path) {
		return
	}
	refusal := &problem.Error{Kind: problem.UnknownHost}
	if len(name) <= maxHostBytes && hostForm.MatchString(name) {
		refusal.Message = fmt.Sprintf("this server does not answer to the host name %q", name)
		refusal.Fix = fmt.Sprintf("if %s is this server's own name, start it with --allowed-host %s; else use its IP address or localhost", name, name)
	}
	s.fail(g, refusal)
}

// checkOrigin refuses a request that a page of another site makes a browser send,
// except GET, HEAD and OPTIONS, which change nothing, and what readers of allowed
// origins send.
func (s *api) checkOrigin(g *gin.Context) {
	if s.crossOrigin.Check(g.Request) != nil && !s.ownOrigin(g.Request) && !s.allowsOrigin(g.Request) {
		s.fail(g, problem.CrossOrigin)
	}
}

// ownOrigin reports whether a request comes from this server's own page although its
// Origin is not its Host. That is so behind a proxy that sends another Host, or the
// Host without the port. Sec-Fetch-Site decides if a browser sends it; over plain
// http, most send the Origin alone. An Origin passes if its host is
//
//   - the Host of the request, or the one that a trusted proxy names, on any port: who
//     serves pages there controls that host;
//   - one of AllowedHosts: the operator says that this server's page is there;
//   - a loopback address or localhost: such a page comes from the reader's machine.
//
// The IP address of another machine does not pass: anybody's page can be at one.
func (s *api) ownOrigin(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") != "" {
		return false
	}
	origin, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || origin.Host == "" {
		return false
	}
	name, asked := hostname(origin.Host), arrivalOf(r.Context()).host
	return name == hostname(r.Host) || asked != "" && name == hostname(asked) || s.allows(name) || isLoopback(name)
}
