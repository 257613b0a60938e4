package server

import (
	"strings"
	"testing"
)

const docsOrigin = "https://docs.example.com"

// TestAllowedOrigins sends what browsers send for pages of other origins.
func TestAllowedOrigins(t *testing.T) {
	t.Parallel()
	s := openServer()
	s.AllowedOrigins = []string{docsOrigin}
	h := s.routes()
	for _, tt := range []struct {
		name, method, path, origin string
		status                     int
		shared                     bool
	}{
		{"ask", "POST", "/v1/ask", docsOrigin, 200, true},
		{"search", "POST", "/v1/search", docsOrigin, 200, true},
		{"vote", "POST", "/v1/feedback", docsOrigin, 200, true},
		{"page", "GET", "/v1/page", docsOrigin, 200, true},
		{"preflight", "OPTIONS", "/v1/ask", docsOrigin, 204, true},
		{"ask, another origin", "POST", "/v1/ask", "https://evil.example", 403, false},
		{"ask, an origin that begins alike", "POST", "/v1/ask", docsOrigin + ".evil.example", 403, false},
		{"ask, another scheme", "POST", "/v1/ask", strings.Replace(docsOrigin, "https", "http", 1), 403, false},
		{"ask, no origin", "POST", "/v1/ask", "null", 403, false},
		{"preflight, another origin", "OPTIONS", "/v1/ask", "https://evil.example", 204, false},
		{"ingestion", "POST", "/v1/ingest", docsOrigin, 403, false},
		{"extraction", "POST", "/v1/extract", docsOrigin, 403, false},
		{"chat completions", "POST", "/v1/chat/completions", docsOrigin, 403, false},
		{"agents", "POST", "/mcp", docsOrigin, 403, false},
		{"the list of jobs", "GET", "/v1/ingest", docsOrigin, 401, false},
	} {
		w := do(h, tt.method, tt.path, bodies[tt.path], "Origin", tt.origin, "Sec-Fetch-Site", "cross-site", "Access-Control-Request-Method", "POST")
		header := w.Header()
		shared := header.Get("Access-Control-Allow-Origin")
		if w.Code != tt.status || (shared != "") != tt.shared || tt.shared && shared != docsOrigin {
			t.Errorf("%s = %d, shared with %q, want %d, %t: %s", tt.name, w.Code, shared, tt.status, tt.shared, w.Body)
		}
		if header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s shares cookies", tt.name)
		}
		if isReader := strings.HasPrefix(tt.path, "/v1/ask"); isReader && header.Get("Vary") != "Origin" {
			t.Errorf("%s: Vary %q", tt.name, header.Get("Vary"))
		}
		if tt.name == "preflight" && (header.Get("Access-Control-Allow-Methods") != "GET, POST" || !strings.Contains(header.Get("Access-Control-Allow-Headers"), "Content-Type")) {
			t.Errorf("preflight = %v", header)
		}
	}
	if w := do(openServer().routes(), "POST", "/v1/ask", bodies["/v1/ask"], "Origin", docsOrigin, "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("without a list, another origin may ask: %d", w.Code)
	}
}

func TestValidateOrigin(t *testing.T) {
	t.Parallel()
	for origin, ok := range map[string]bool{
		docsOrigin: true, "http://localhost:8000": true, "https://a.example:8443": true,
		"docs.example.com": false, "https://docs.example.com/": false, "https://Docs.example.com": false, "*": false, "null": false, "ftp://a.example": false, "": false, "https://": false,
	} {
		if err := ValidateOrigin(origin); (err == nil) != ok {
			t.Errorf("ValidateOrigin(%q) = %v", origin, err)
		}
	}
}
