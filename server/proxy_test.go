package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// TestArrival checks what is believed of the headers of proxies.
func TestArrival(t *testing.T) {
	t.Parallel()
	s := openServer()
	s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	s.BasePath = "/base"
	const proto = "X-Forwarded-Proto: http, https"
	for _, tt := range []struct {
		name, remote, xff        string
		ip, host, prefix, header string // header is "Name: value" of one more
	}{
		{"direct", "192.0.2.7:1", "", "192.0.2.7", "", "/base", ""},
		{"direct, forged", "192.0.2.7:1", "127.0.0.1", "192.0.2.7", "", "/base", "X-Forwarded-Host: localhost"},
		{"one proxy", "10.0.0.1:1", "203.0.113.5", "203.0.113.5", "", "/base", ""},
		{"one proxy, forged before", "10.0.0.1:1", "1.1.1.1, 203.0.113.5", "203.0.113.5", "", "/base", ""},
		{"two proxies", "10.0.0.1:1", "1.1.1.1, 203.0.113.5,10.9.9.9", "203.0.113.5", "", "/base", ""},
		{"forged as a proxy", "10.0.0.1:1", "10.1.1.1, 203.0.113.5", "203.0.113.5", "", "/base", ""},
		{"client in the network of the proxies", "10.0.0.1:1", "10.1.1.1", "10.1.1.1", "", "/base", ""},
		{"no header", "10.0.0.1:1", "", "10.0.0.1", "", "/base", ""},
		{"no address", "10.0.0.1:1", "203.0.113.5, unknown", "10.0.0.1", "", "/base", ""},
		{"no address behind a proxy", "10.0.0.1:1", "_hidden, 10.9.9.9", "10.9.9.9", "", "/base", ""},
		{"with a port", "10.0.0.1:1", "203.0.113.5:4711", "203.0.113.5", "", "/base", ""},
		{"IPv6", "[fd00::1]:1", "2001:db8::1", "2001:db8::1", "", "/base", ""},
		{"IPv6 with a port", "[fd00::1]:1", "[2001:db8::1]:4711", "2001:db8::1", "", "/base", ""},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", "::ffff:203.0.113.5", "203.0.113.5", "", "/base", ""},
		{"zone", "[fe80::1%eth0]:1", "", "fe80::1", "", "/base", ""},
		{"host, the last one", "10.0.0.1:1", "203.0.113.5", "203.0.113.5", "b.example", "/base", "X-Forwarded-Host: a.example, b.example"},
		{"TLS", "10.0.0.1:1", "203.0.113.5", "203.0.113.5", "", "/base", proto},
		{"prefix", "10.0.0.1:1", "203.0.113.5", "203.0.113.5", "", "/help", "X-Forwarded-Prefix: /help/"},
		{"prefix that leads away", "10.0.0.1:1", "203.0.113.5", "203.0.113.5", "", "/base", "X-Forwarded-Prefix: //evil.example"},
		{"prefix with dots", "10.0.0.1:1", "203.0.113.5", "203.0.113.5", "", "/base", "X-Forwarded-Prefix: /a/../b"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.xff != "" {
			r.Header.Set("X-Forwarded-For", tt.xff)
		}
		if k, v, ok := strings.Cut(tt.header, ": "); ok {
			r.Header.Set(k, v)
		}
		g := &gin.Context{Request: r}
		s.arrive(g)
		if got := arrivalOf(g.Request.Context()); got != (arrival{netip.MustParseAddr(tt.ip), tt.host, tt.header == proto, tt.prefix}) {
			t.Errorf("%s: %+v, want %s %s %s", tt.name, got, tt.ip, tt.host, tt.prefix)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr, r.Header = "10.0.0.1:1", http.Header{"X-Forwarded-For": {"1.1.1.1", "203.0.113.5"}} // two lines are one list
	g := &gin.Context{Request: r}
	if s.arrive(g); arrivalOf(g.Request.Context()).ip.String() != "203.0.113.5" {
		t.Errorf("of two lines, the client is %s", arrivalOf(g.Request.Context()).ip)
	}
}

// TestUnnamedProxy checks that the log tells once of a proxy that is not trusted.
func TestUnnamedProxy(t *testing.T) {
	t.Parallel()
	s := openServer()
	var log bytes.Buffer
	s.TrustedProxies, s.Log = nil, slog.New(slog.NewTextHandler(&log, nil))
	for _, from := range []string{"203.0.113.5:1", "10.0.0.7:1", "10.0.0.8:1"} { // anybody can send the header from elsewhere
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", "198.51.100.1")
		s.arrive(&gin.Context{Request: r})
	}
	if said := log.String(); strings.Count(said, "--trusted-proxy") != 1 || !strings.Contains(said, "proxy=10.0.0.7") {
		t.Errorf("the log says\n%s", said)
	}
}

// TestForwardedHost checks that the host a trusted proxy names can refuse a request, and
// never admit one.
func TestForwardedHost(t *testing.T) {
	t.Parallel()
	h := openServer().routes() // trusts 127.0.0.0/8
	for _, tt := range []struct {
		name, remote, host, forwarded, origin string
		want                                  int
	}{
		{"own name", "127.0.0.1:1", "127.0.0.1:8080", ownName, "https://" + ownName, 200},
		{"own address, which the proxy replaced", "127.0.0.1:1", "127.0.0.1:8080", "203.0.113.5", "http://203.0.113.5", 200},
		{"another name", "127.0.0.1:1", "127.0.0.1:8080", evil, "http://" + evil, 403},
		{"own name at another host", "127.0.0.1:1", evil, ownName, "http://" + evil, 403},
		{"localhost at another host", "127.0.0.1:1", evil, "localhost", "", 403},
		{"forged own address", "192.0.2.7:1", "127.0.0.1:8080", "203.0.113.5", "http://203.0.113.5", 403},
		{"another name, not a proxy's", "192.0.2.7:1", "127.0.0.1:8080", evil, "", 200},
	} {
		r := httptest.NewRequest("POST", "/v1/search", strings.NewReader(`{"query":"a"}`))
		r.RemoteAddr, r.Host = tt.remote, tt.host
		r.Header.Set("X-Forwarded-Host", tt.forwarded)
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != tt.want {
			t.Errorf("%s = %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
	}
}

// TestBasePath checks which paths are served.
func TestBasePath(t *testing.T) {
	t.Parallel()
	c := openServer().Config
	c.BasePath = "/team/help"
	h, err := Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/team/help/": 200, "/team/help/v1/page": 200, "/v1/page": 200, "/healthz": 200, "/team/help": 301, "/team/help/nothing": 404, "/team/helpless/": 404, "/team/help/team/help/": 404} {
		w := httptest.NewRecorder() // not do: paths below another are not described
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://"+ownName+path, nil))
		if w.Code != want || want == 301 && w.Header().Get("Location") != "help/" {
			t.Errorf("GET %s = %d, Location %q, want %d", path, w.Code, w.Header().Get("Location"), want)
		}
	}
	r := httptest.NewRequest("POST", "http://"+ownName+"/team/help/v1/ingest", strings.NewReader(bodies["/v1/ingest"]))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Location"); w.Code != 202 || got != "/team/help/v1/ingest/j1" {
		t.Errorf("POST = %d, Location %q", w.Code, got)
	}
	for path, ok := range map[string]bool{"": true, "/help": true, "/a/b-c": true, "/": false, "help": false, "/help/": false, "//evil": false, "/a/../b": false, "/a b": false, "/a?b": false} {
		if err := ValidateBasePath(path); (err == nil) != ok {
			t.Errorf("ValidateBasePath(%q) = %v", path, err)
		}
	}
	for proxy, want := range map[string]string{"10.0.0.1": "10.0.0.1/32", "10.1.2.3/8": "10.0.0.0/8", "::1": "::1/128", "fd00::/8": "fd00::/8", "": "", "x": "", "0.0.0.0/0": "", "::/0": "", "10.0.0.0/33": "", "fe80::1%eth0": "", "::ffff:10.0.0.0/104": ""} {
		got, err := ParseProxy(proxy)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("ParseProxy(%q) = %s, %v", proxy, got, err)
		}
	}
}
