package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/trace"
)

// maxPageBytes limits the body of a request with a page or images.
const maxPageBytes = 32 << 20

// An Extractor extracts data from a page. The command provides it, since fetching
// and reading pages is the task of other packages.
type Extractor interface {
	// Extract returns valid data, or an error: [problem.UnreadablePage] or one of
	// package structured.
	Extract(ctx context.Context, x Extraction) (*structured.Result, error)
}

// An Extraction is the body of POST /v1/extract. Exactly one of URL, HTML and Text
// is set, and exactly one of Schema and Example.
type Extraction struct {
	URL         string          `json:"url"`  // the page to fetch
	HTML        string          `json:"html"` // the page itself
	Text        string          `json:"text"` // the page as plain text or Markdown
	Schema      json.RawMessage `json:"schema"`
	Example     json.RawMessage `json:"example"`
	Instruction string          `json:"instruction"`
}

func (s *api) extract(r *http.Request) (any, error) {
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
	res.RequestID = trace.RequestID(r.Context())
	return res, nil
}

const bodyLimitKey = "body_limit"

// allowBody sets the largest body of a route.
func allowBody(n int64) gin.HandlerFunc {
	return func(g *gin.Context) { g.Set(bodyLimitKey, n) }
}

// limitBody limits the body of the request.
func limitBody(g *gin.Context) {
	n := int64(maxBodyBytes)
	if v, ok := g.Get(bodyLimitKey); ok {
		n = v.(int64)
	}
	g.Request.Body = http.MaxBytesReader(g.Writer, g.Request.Body, n)
}
