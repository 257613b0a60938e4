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

// allowsOrigin reports whether a request comes from a page of an origin that the
// operator has named, to a route for readers.
func (s *api) allowsOrigin(r *http.Request) bool {
	return slices.Contains(readers, r.URL.Path) && slices.Contains(s.AllowedOrigins, r.Header.Get("Origin"))
}

// shareWithOrigins tells browsers which pages of other origins may read an answer, and
// answers their preflight requests. An origin that is not named is told nothing: the
// browser refuses its page.
func (s *api) shareWithOrigins(g *gin.Context) {
	if !slices.Contains(readers, g.Request.URL.Path) || len(s.AllowedOrigins) == 0 {
		return
	}
	h := g.Writer.Header()
	h.Add("Vary", "Origin") // a cache must not give one origin the answer for another
	if !s.allowsOrigin(g.Request) {
		return
	}
	h.Set("Access-Control-Allow-Origin", g.GetHeader("Origin"))
	h.Set("Access-Control-Expose-Headers", requestIDHeader+", Retry-After")
	if g.Request.Method == http.MethodOptions && g.GetHeader("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, "+requestIDHeader)
		h.Set("Access-Control-Max-Age", preflightSeconds)
		g.AbortWithStatus(http.StatusNoContent)
	}
}
