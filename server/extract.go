package server

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/internal/problem"
)

// maxPageBytes bounds a request that holds a page or images.
const maxPageBytes = 32 << 20

// An Extractor gets data out of a page. What fetches and reads the page is not
// this package's, so it is wired from outside.
type Extractor interface {
	// Extract returns data that is valid, or an error: [problem.UnreadablePage], or
	// one of package structured.
	Extract(ctx context.Context, x Extraction) (*structured.Result, error)
}

// An Extraction is the body of /v1/extract: a page, of which one is set, and the
// form of the data, of which one is set.
type Extraction struct {
	URL         string          `json:"url"`  // to fetch
	HTML        string          `json:"html"` // of the page
	Text        string          `json:"text"` // of the page, or Markdown
	Schema      json.RawMessage `json:"schema"`
	Example     json.RawMessage `json:"example"`
	Instruction string          `json:"instruction"`
}

func (s *api) extract(r *http.Request) (any, error) {
	if err := onLoopback(r); err != nil {
		return nil, err
	}
	if s.Extractor == nil {
		return nil, problem.NoModel
	}
	var in Extraction
	err := decode(r, &in, fixes{form: `send an object such as {"url": "https://…", "example": {"name": "…"}, "instruction": "…"}`, length: "send a smaller part of the page"})
	if err != nil {
		return nil, err
	}
	n := 0
	for _, given := range []string{in.URL, in.HTML, in.Text} {
		if given != "" {
			n++
		}
	}
	if n != 1 {
		return nil, problem.BadPage
	}
	res, err := s.Extractor.Extract(r.Context(), in)
	if err != nil {
		return nil, err
	}
	res.RequestID = RequestID(r.Context())
	return res, nil
}

// onLoopback refuses a request that does not come from a program on this machine.
func onLoopback(r *http.Request) error {
	if local(r) {
		return nil
	}
	return problem.LoopbackOnly
}

// local reports whether a request comes from a program on this machine. One that a
// proxy passes on does not, and neither does one that a browser sends to a name
// of somebody else's that leads here.
func local(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]") // without a port
	}
	return loopback(from) && loopback(host)
}

const bodyLimitKey = "body_limit"

// allowBody lets the bodies of a route be larger than others.
func allowBody(n int64) gin.HandlerFunc {
	return func(g *gin.Context) { g.Set(bodyLimitKey, n) }
}

// limitBody bounds the request's body.
func limitBody(g *gin.Context) {
	n := int64(maxBodyBytes)
	if v, ok := g.Get(bodyLimitKey); ok {
		n = v.(int64)
	}
	g.Request.Body = http.MaxBytesReader(g.Writer, g.Request.Body, n)
}
