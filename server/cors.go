package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// readers are the routes that a page of another origin may use: what the widget needs,
// and nothing that changes an index or asks a service for anything but an answer.
var readers = []string{"/v1/page", "/v1/search", "/v1/ask", "/v1/feedback"}

// preflightSeconds is how long a browser remembers what it may send: short, so that an
// origin that is taken off the list is refused soon.
const preflightSeconds = "600"

// ValidateOrigin returns an error unless origin is a scheme and a host, perhaps with a
// port, as [Config].AllowedOrigins needs it.
func ValidateOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || origin != u.Scheme+"://"+strings.ToLower(u.Host) {
		return fmt.Errorf("server: %q is not an origin such as https://docs.example.com, without a path and in lower case", origin)
	}
	return ValidateHost(hostname(u.Host))
}

// allowsOrigin reports whether a request to a route for readers comes from a page that
// may send it: its origin is one that the operator has named, or its key is for it.
func (s *api) allowsOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if !slices.Contains(readers, r.URL.Path) || origin == "" {
		return false
	}
	key := callerOf(r.Context()).key
	return slices.Contains(s.AllowedOrigins, origin) || key != nil && slices.Contains(key.Origins, origin)
}

// shareWithOrigins tells browsers which pages of other origins may read an answer, and
// answers their preflight requests. These carry no key, so that it tells this all origins
// that some key is for: a page with another key then reads why it is refused. An origin
// that nothing names is told nothing: the browser refuses its page.
func (s *api) shareWithOrigins(g *gin.Context) {
	if !slices.Contains(readers, g.Request.URL.Path) || len(s.AllowedOrigins) == 0 && s.keys == nil {
		return
	}
	h := g.Writer.Header()
	h.Add("Vary", "Origin") // a cache must not give one origin the answer for another
	origin := g.GetHeader("Origin")
	if !slices.Contains(s.AllowedOrigins, origin) && !s.keys.knows(g.Request.Context(), origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", requestIDHeader+", Date, Retry-After, RateLimit, RateLimit-Policy, "+challengeHeader)
	if g.Request.Method == http.MethodOptions && g.GetHeader("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, "+requestIDHeader+", "+proofHeader)
		h.Set("Access-Control-Max-Age", preflightSeconds)
		g.AbortWithStatus(http.StatusNoContent)
	}
}
