package crawl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/ingest/crawl"
)

func newFetcher(t *testing.T, c crawl.Config) *crawl.Fetcher {
	t.Helper()
	if c.RetryWait == 0 {
		c.RetryWait = time.Millisecond
	}
	c.AllowPrivate = true // the servers of these tests are on this machine
	f, err := crawl.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// page answers with a small page.
func page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("ETag", `"v1"`)
	w.Header().Set("Last-Modified", "Mon, 01 Jun 2026 10:00:00 GMT")
	fmt.Fprint(w, "<p>hello</p>")
}

func TestFetch(t *testing.T) {
	var seen http.Header
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) { seen = r.Header.Clone(); page(w, r) })
	mux.Handle("/moved", http.RedirectHandler("/page?x=1", http.StatusFound))
	mux.HandleFunc("/zipped", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, "<p>hello</p>")
		z.Close()
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	f := newFetcher(t, crawl.Config{Headers: map[string]string{"X-Key": "k"}, UserAgent: "tester"})
	for _, tt := range []struct{ name, path, wantURL string }{
		{"plain", "/page", "/page"},
		{"fragment", "/page#part", "/page"},
		{"redirect", "/moved", "/page?x=1"},
		{"gzip", "/zipped", "/zipped"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := f.Fetch(t.Context(), srv.URL+tt.path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Body) != "<p>hello</p>" || got.URL != srv.URL+tt.wantURL || got.Status != 200 || got.FetchedAt.IsZero() {
				t.Errorf("Fetch(%s) = %+v, want %s", tt.path, got, tt.wantURL)
			}
			if tt.path == "/page" && (got.ETag != `"v1"` || got.LastModified == "" || !strings.HasPrefix(got.ContentType, "text/html")) {
				t.Errorf("Fetch(%s) = %+v, want its headers", tt.path, got)
			}
		})
	}
	if seen.Get("User-Agent") != "tester" || seen.Get("X-Key") != "k" {
		t.Errorf("request headers = %v, want the configured ones", seen)
	}
}

func TestFetchSaysWhatIsWrong(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/missing", http.NotFoundHandler())
	mux.Handle("/loop", http.RedirectHandler("/loop2", http.StatusFound))
	mux.Handle("/loop2", http.RedirectHandler("/loop", http.StatusFound))
	mux.HandleFunc("/far/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	})
	mux.Handle("/leave", http.RedirectHandler("ftp://example.com/", http.StatusFound))
	mux.HandleFunc("/image", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/png") })
	mux.HandleFunc("/private", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	mux.HandleFunc("/later", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	mux.HandleFunc("/announced", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000000")
		fmt.Fprint(w, "<p>")
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	tls := httptest.NewTLSServer(nil)
	defer tls.Close()
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	f := newFetcher(t, crawl.Config{MaxBodyBytes: 1 << 20, Retries: -1})
	impatient := newFetcher(t, crawl.Config{Timeout: time.Second, Retries: -1})
	for _, tt := range []struct {
		name, url  string
		wantStatus int
		want       string // in the error
	}{
		{"404", srv.URL + "/missing?key=secret", 404, "there is no such page"},
		{"403", srv.URL + "/private", 403, "not public"},
		{"redirect loop", srv.URL + "/loop", 0, "form a loop"},
		{"many redirects", srv.URL + "/far/", 0, "more than 10 redirects"},
		{"redirect off the web", srv.URL + "/leave", 0, "neither http nor https"},
		{"image", srv.URL + "/image", 200, "it is image/png, not HTML"},
		{"too large, as announced", srv.URL + "/announced", 200, "larger than the limit of 1048576 bytes"},
		{"too large", srv.URL + "/endless", 200, "larger than the limit of 1048576 bytes"},
		{"long Retry-After", srv.URL + "/later", 429, `asks to wait (Retry-After: "3600")`},
		{"slow", srv.URL + "/slow", 0, "no answer within 1s"},
		{"closed port", closed.URL, 0, "nothing listens on 127.0.0.1"},
		{"not trusted", tls.URL, 0, "certificate is not trusted"},
		{"no TLS", strings.Replace(srv.URL, "http:", "https:", 1), 0, "use http"},
		{"scheme", "file:///etc/hosts", 0, "only http and https"},
		{"no host", "http:///path", 0, "names no host"},
		{"no URL", "http://[::1", 0, "not a URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := f
			if tt.name == "slow" {
				f = impatient
			}
			_, err := f.Fetch(t.Context(), tt.url)
			var e *crawl.Error
			if !errors.As(err, &e) {
				t.Fatalf("Fetch(%s) = %v, want a *crawl.Error", tt.url, err)
			}
			if e.Status != tt.wantStatus || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Fetch(%s) = status %d, %q; want %d, %q", tt.url, e.Status, err, tt.wantStatus, tt.want)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
				t.Errorf("Fetch(%s) = %q: not fit to print", tt.url, err)
			}
		})
	}
}

func TestFetchUnknownHost(t *testing.T) {
	dial := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}
	}
	f := newFetcher(t, crawl.Config{HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dial}}})
	_, err := f.Fetch(t.Context(), "http://nowhere.example/page")
	want := "crawl: fetch http://nowhere.example/page: there is no host nowhere.example: check the address"
	if err == nil || err.Error() != want {
		t.Errorf("Fetch = %v, want %q", err, want)
	}
}

func TestFetchTriesAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault http.HandlerFunc // of the first two answers
	}{
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }},
		{"429 with Retry-After", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		}},
		{"connection broken", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"body broken", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "<p>")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) <= 2 {
					tt.fault(w, r)
					return
				}
				page(w, r)
			}))
			defer srv.Close()
			got, err := newFetcher(t, crawl.Config{}).Fetch(t.Context(), srv.URL)
			if err != nil || string(got.Body) != "<p>hello</p>" {
				t.Fatalf("Fetch = %q, %v", got.Body, err)
			}
			if calls.Load() != 3 {
				t.Errorf("%d requests, want 3", calls.Load())
			}
		})
	}
}

func TestFetchGivesUp(t *testing.T) {
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer srv.Close()
	_, err := newFetcher(t, crawl.Config{Retries: 2}).Fetch(t.Context(), srv.URL)
	if err == nil || !strings.Contains(err.Error(), "the server answers 502") || calls.Load() != 3 {
		t.Errorf("Fetch = %v after %d requests, want 502 after 3", err, calls.Load())
	}
}

func TestFetchCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer srv.Close()
	if _, err := newFetcher(t, crawl.Config{}).Fetch(ctx, srv.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch = %v, want context.Canceled", err)
	}
}

func TestHeadersStayWithTheirHost(t *testing.T) {
	var got http.Header
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		page(w, r)
	}))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer srv.Close()
	f := newFetcher(t, crawl.Config{Headers: map[string]string{"X-Key": "secret", "Authorization": "Bearer secret"}})
	if _, err := f.Fetch(t.Context(), srv.URL); err != nil {
		t.Fatal(err)
	}
	if got.Get("X-Key") != "" || got.Get("Authorization") != "" {
		t.Errorf("the other host received %v", got)
	}
	if got.Get("User-Agent") != crawl.DefaultUserAgent {
		t.Errorf("User-Agent = %q, want %q", got.Get("User-Agent"), crawl.DefaultUserAgent)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    crawl.Config
	}{
		{"timeout", crawl.Config{Timeout: -1}},
		{"body", crawl.Config{MaxBodyBytes: -1}},
		{"header", crawl.Config{Headers: map[string]string{"X-A": "b\r\nX-C: d"}}},
		{"client without guard", crawl.Config{HTTPClient: &http.Client{}}},
		{"resolver without guard", crawl.Config{AllowPrivate: true, Resolver: &net.Resolver{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if f, err := crawl.New(tt.c); err == nil {
				t.Errorf("New(%+v) = %v, want an error", tt.c, f)
			}
		})
	}
}
