package crawl

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl/guard"
)

// TestAllow checks that Config.Allow opens what it names and nothing else.
func TestAllow(t *testing.T) {
	srv, _ := here(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") })
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	f, err := New(Config{Allow: guard.Named(srv.URL), Resolver: zone{"here.example": {"127.0.0.1"}, "there.example": {"127.0.0.2"}, "ten.example": {"10.0.0.1"}}.resolver()})
	if err != nil {
		t.Fatal(err)
	}
	for host, open := range map[string]bool{
		"127.0.0.1": true, "here.example": true, "127.0.0.2": false, "there.example": false, "ten.example": false, "[::1]": false, "169.254.169.254": false,
	} {
		_, err := f.Fetch(t.Context(), "http://"+host+":"+port+"/")
		if open && err != nil || !open && !errors.Is(err, guard.ErrPrivate) {
			t.Errorf("Fetch from %s = %v, want open = %v", host, err, open)
		}
	}
}

// TestGuardCrawl checks that neither a link nor a redirect, a sitemap, a
// robots.txt or a canonical address of a public site leads to a private one.
func TestGuardCrawl(t *testing.T) {
	private, connections := here(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(private.Listener.Addr().String())
	var targets []string
	z := zone{"public.example": {"127.0.0.1"}, "127.0.0.1": {"127.0.0.1"}, "localhost": {"127.0.0.1"}}
	for _, tt := range tricks {
		if tt.dns != "" {
			z[strings.ToLower(strings.TrimSuffix(tt.host, "."))] = []string{tt.dns}
		}
		targets = append(targets, "http://"+tt.host+":"+port+"/")
	}
	var page, urls, robots strings.Builder
	for i, u := range targets {
		fmt.Fprintf(&page, `<a href="%s">x</a><a href="/to/%d">y</a><iframe src="%s"></iframe><link rel="next" href="%s">`, u, i, u, u)
		fmt.Fprintf(&urls, "<url><loc>%s</loc></url>", u)
		fmt.Fprintf(&robots, "Sitemap: %ssitemap.xml\n", u)
	}
	for _, s := range []string{"/moved.xml", "/named.xml", "/rebound.xml"} {
		fmt.Fprintf(&robots, "Sitemap: http://public.example%s\n", s)
	}
	public, _ := here(t, func(w http.ResponseWriter, r *http.Request) {
		var i int
		switch _, err := fmt.Sscanf(r.URL.Path, "/to/%d", &i); {
		case err == nil:
			http.Redirect(w, r, targets[i], http.StatusFound)
		case r.URL.Path == "/robots.txt":
			_, _ = io.WriteString(w, robots.String())
		case r.URL.Path == "/moved.xml":
			http.Redirect(w, r, targets[0], http.StatusFound)
		case r.URL.Path == "/named.xml":
			fmt.Fprintf(w, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>`, urls.String())
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<link rel="canonical" href="%s"><meta http-equiv="refresh" content="0;url=%s">%s`, targets[0], targets[0], page.String())
		default:
			w.Header().Set("Connection", "close")
			http.NotFound(w, r)
		}
	})
	f, err := New(Config{Resolver: z.resolver(), Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	// What is dialled as the public host's port 80 gets the server that stands for
	// it; all else passes the guard.
	transport := f.client.HTTPClient.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "public.example:80" {
			return (&net.Dialer{}).DialContext(ctx, network, public.Listener.Addr().String())
		}
		return dial(ctx, network, address)
	}
	visits, failed := 0, 0
	s, err := f.Crawl(t.Context(), Site{Start: "http://public.example/", Options: Options{Rate: 1e6}}, nil, func(v Visit) error {
		visits++
		if v.Err != nil {
			failed++
		}
		return nil
	})
	if err != nil || visits != len(targets)+1 || failed != len(targets) {
		t.Errorf("Crawl = %d visits, %d failed, %v; want the start, and a failure for each of %d redirects", visits, failed, err, len(targets))
	}
	if len(s.ForeignHosts) == 0 {
		t.Error("the hosts are not reported")
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made, want none", n)
	}
	for _, u := range targets {
		if _, err := f.Crawl(t.Context(), Site{Start: u}, nil, func(Visit) error { return errors.New("visited") }); err == nil || err.Error() == "visited" {
			t.Errorf("Crawl(%s) = %v, want a refusal", u, err)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made from a start, want none", n)
	}
}

// proxy is an HTTP proxy that answers itself, and notes what it is asked for.
func proxy(t *testing.T) (srv *httptest.Server, asked func() []string) {
	var mu sync.Mutex
	var got []string
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = append(got, r.Method+" "+r.RequestURI)
		mu.Unlock()
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/to-private" {
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		}
	}))
	t.Cleanup(srv.Close)
	return srv, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

// TestProxy checks that the guarded Fetcher uses the proxies of the environment,
// which may be anywhere, and that neither the proxy nor a connection gets to see
// what is private.
func TestProxy(t *testing.T) {
	srv, asked := proxy(t)
	private, connections := here(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(private.Listener.Addr().String())
	t.Setenv("HTTP_PROXY", srv.URL)
	t.Setenv("http_proxy", "")
	t.Setenv("HTTPS_PROXY", srv.URL)
	t.Setenv("https_proxy", "")
	t.Setenv("NO_PROXY", "direct.example")
	t.Setenv("no_proxy", "")
	z := zone{"public.example": {"93.184.216.34"}, "direct.example": {"127.0.0.1"}, "localhost": {"127.0.0.1"}, "127.0.0.1": {"127.0.0.1"}}
	for _, tt := range tricks {
		if tt.dns != "" {
			z[strings.ToLower(strings.TrimSuffix(tt.host, "."))] = []string{tt.dns}
		}
	}
	f, err := New(Config{Resolver: z.resolver(), Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []string{"http://public.example/", "http://only-the-proxy-knows.example/", "http://8.8.8.8/"} {
		if _, err := f.Fetch(t.Context(), u); err != nil {
			t.Errorf("Fetch(%s) = %v", u, err)
		}
	}
	if _, err := f.Fetch(t.Context(), "https://public.example/"); err == nil {
		t.Error("a proxy that refuses to connect goes unnoticed")
	}
	want := []string{"GET http://public.example/", "GET http://only-the-proxy-knows.example/", "GET http://8.8.8.8/", "CONNECT public.example:443"}
	if diff := cmp.Diff(want, asked()); diff != "" {
		t.Fatalf("the proxy was asked for (-want +got):\n%s", diff)
	}
	hosts := []string{"direct.example:" + port, strings.TrimPrefix(srv.URL, "http://")}
	for _, tt := range tricks {
		hosts = append(hosts, tt.host+":"+port)
	}
	for _, h := range hosts {
		for _, scheme := range []string{"http://", "https://"} {
			_, err := f.Fetch(t.Context(), scheme+h+"/")
			if dns := new(net.DNSError); !errors.Is(err, guard.ErrPrivate) && !(errors.As(err, &dns) && dns.IsNotFound) && !unparsed(err) {
				t.Errorf("Fetch(%s%s) = %v, want the guard's refusal", scheme, h, err)
			}
		}
	}
	if _, err := f.Fetch(t.Context(), "http://public.example/to-private"); !errors.Is(err, guard.ErrPrivate) {
		t.Errorf("Fetch of a redirect to a private address = %v", err)
	}
	if diff := cmp.Diff(append(want, "GET http://public.example/to-private"), asked()); diff != "" || connections.Load() != 0 {
		t.Errorf("%d connections, and the proxy was asked for (-want +got):\n%s", connections.Load(), diff)
	}
	f.client.HTTPClient.CloseIdleConnections()
}

// TestProxyNamed checks that a named private address may be asked of a proxy.
func TestProxyNamed(t *testing.T) {
	srv, asked := proxy(t)
	t.Setenv("HTTP_PROXY", srv.URL)
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	f, err := New(Config{Allow: guard.Named("http://10.0.0.1/")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fetch(t.Context(), "http://10.0.0.1/"); err != nil || len(asked()) != 1 {
		t.Errorf("Fetch = %v, the proxy was asked for %v", err, asked())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Fetch(ctx, "http://unknown.example/"); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch with a canceled context = %v", err)
	}
}

// TestCrawlMoves crawls a site whose start leads to another scheme and to www: the
// crawl moves along, and the configured headers do not leave the host asked for.
func TestCrawlMoves(t *testing.T) {
	var mu sync.Mutex
	var got []string
	site := func(scheme string) *httptest.Server {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			got = append(got, strings.TrimSpace(scheme+"://"+r.Host+r.URL.Path+" "+r.Header.Get("X-Key")))
			mu.Unlock()
			switch {
			case r.URL.Path == "/robots.txt":
				http.NotFound(w, r)
			case scheme == "http":
				http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
			case r.Host == "docs.example":
				http.Redirect(w, r, "https://www.docs.example"+r.URL.Path, http.StatusMovedPermanently)
			case r.URL.Path == "/a/":
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, `<a href="http://docs.example/a/1"></a><a href="https://docs.example/a/2"></a><a href="http://www.docs.example/a/3"></a>
					<a href="/a/4"></a><a href="https://www.docs.example:8443/a/5"></a><a href="https://old.docs.example/a/6"></a>`)
			default:
				w.Header().Set("Content-Type", "text/html")
			}
		}))
		t.Cleanup(srv.Close)
		return srv
	}
	plain, secure := site("http"), site("https")
	to := func(srv *httptest.Server) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
		}
	}
	f, err := New(Config{AllowPrivate: true, Headers: map[string]string{"X-Key": "secret"},
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: to(plain), DialTLSContext: to(secure)}}})
	if err != nil {
		t.Fatal(err)
	}
	var visits []string
	_, err = f.Crawl(t.Context(), Site{Start: "http://docs.example/a/", Options: Options{Rate: 1e6, MaxDepth: new(9)}, Concurrency: 1}, nil, func(v Visit) error {
		visits = append(visits, v.URL)
		return v.Err
	})
	want := []string{"https://www.docs.example/a/", "https://www.docs.example/a/1", "https://www.docs.example/a/2", "https://www.docs.example/a/3", "https://www.docs.example/a/4"}
	if diff := cmp.Diff(want, visits); diff != "" || err != nil {
		t.Errorf("Crawl = %v, visits (-want +got):\n%s", err, diff)
	}
	requests := append([]string{"http://docs.example/robots.txt secret", "http://docs.example/a/ secret", "https://docs.example/robots.txt secret", "https://docs.example/a/ secret",
		"https://www.docs.example/robots.txt"}, want...)
	got = slices.DeleteFunc(got, func(at string) bool { return strings.HasSuffix(at, "/a/citewell-zqxjkv") }) // asked for beside the first page
	if diff := cmp.Diff(requests, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	// A secret is for https if the start is.
	c := hostClient{f: f, start: &url.URL{Scheme: "https", Host: "docs.example"}}
	req, err := c.request(t.Context(), request{url: &url.URL{Scheme: "http", Host: "docs.example"}})
	if err != nil || req.Header.Get("X-Key") != "" || req.Header.Get("User-Agent") != DefaultUserAgent {
		t.Errorf("request over http = %v, %v", req.Header, err)
	}
}

// TestBodies checks what of bodies a crawl takes.
func TestBodies(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 8 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<a href="/bomb"></a><a href="/pdf"></a><a href="/image"></a><a href="/brotli"></a><a href="/text"></a>`)
		case "/bomb":
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/pdf":
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = io.WriteString(w, "%PDF-1.7")
		case "/image":
			w.Header().Set("Content-Type", "image/svg+xml")
		case "/brotli":
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "x")
		case "/text":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "plain")
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	f, err := New(Config{AllowPrivate: true, MaxBodyBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	s, err := f.Crawl(t.Context(), Site{Start: srv.URL}, nil, func(v Visit) error {
		line := strings.TrimPrefix(v.URL, srv.URL) + " "
		if e, ok := errors.AsType[*Error](v.Err); ok {
			line += e.Reason
		} else {
			line += v.Response.ContentType
		}
		got = append(got, line)
		return nil
	})
	want := []string{"/ text/html", "/bomb the page is larger than the limit of 1048576 bytes: raise the limit or leave the page out", "/pdf application/pdf",
		"/image it is image/svg+xml, not HTML, Markdown, plain text or PDF", `/brotli the server sends it encoded as "br", which was not asked for`, "/text text/plain"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || s.Failed != 0 {
		t.Errorf("Crawl = %+v, %v; visits (-want +got):\n%s", s, err, diff)
	}
}
