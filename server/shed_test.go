package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/server/admit"
	"github.com/citewell/citewell/server/metrics"
)

// unread is a body that nobody should read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body of a request that is refused was read")
	return 0, io.EOF
}

// TestShed checks that a server whose queue is full refuses before it reads a request,
// tells pages of other origins when to try again, and logs few lines.
func TestShed(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	full := admit.New(1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 1 + admit.QueuePerSlot {
		go func() { _, _ = full.Enter(ctx) }() // they stay until the test ends
	}
	for s := full.Stats(); s.Inside+s.Waiting < 1+admit.QueuePerSlot; s = full.Stats() {
		time.Sleep(time.Millisecond)
	}
	m := metrics.New("v0", "go")
	h, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Asks: full, Searches: admit.New(1), AllowedOrigins: []string{"https://docs.example.com"}, Metrics: m})
	if err != nil {
		t.Fatal(err)
	}
	send := func(path string, body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, body)
		r.Host = "127.0.0.1"
		r.Header.Set("Origin", "https://docs.example.com")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for path, want := range map[string]string{"/v1/ask": `{"error":{"code":"overloaded",`, "/v1/chat/completions": `{"error":{"message":`, "/v1/responses": `{"error":{"message":`} {
		for range 50 {
			w := send(path, unread{t})
			if head := w.Header(); w.Code != http.StatusServiceUnavailable || !strings.HasPrefix(w.Body.String(), want) || head.Get("Retry-After") == "" || head.Get("X-Request-ID") == "" || head.Get("X-Content-Type-Options") != "nosniff" {
				t.Fatalf("%s = %d %v %s", path, w.Code, head, w.Body)
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); path == "/v1/ask" && got != "https://docs.example.com" {
				t.Fatalf("%s allows the origin %q", path, got)
			}
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("150 refusals are logged in %d lines, want 1: %s", n, &log)
	}
	if w := send("/v1/search", strings.NewReader(`{"query": "kettle"}`)); w.Code != http.StatusOK {
		t.Errorf("a search = %d %s, want that it does not wait for questions", w.Code, w.Body)
	}
	if s := full.Stats(); s.Refused != 150 {
		t.Errorf("%d are counted, want 150", s.Refused)
	}
}

// TestPace sends more requests at once than may be refused in a second: the others wait, but
// not for long.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r refusals
		perSecond := refusalsPerSecond * runtime.GOMAXPROCS(0)
		start := time.Now()
		var soon, late atomic.Int64
		var wg sync.WaitGroup
		for range 2 * perSecond {
			wg.Go(func() {
				r.pace(t.Context())
				switch took := time.Since(start); {
				case took < mostPace/2:
					soon.Add(1)
				case took > mostPace:
					late.Add(1)
				}
			})
		}
		wg.Wait()
		if n := int(soon.Load()); n < perSecond/5 || n > perSecond || late.Load() != 0 {
			t.Errorf("of %d, %d are refused in half a second, and %d after more than %v", 2*perSecond, n, late.Load(), mostPace)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		start = time.Now()
		for range 2 * perSecond {
			r.pace(gone)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("those who have gone wait %v", took)
		}
	})
}

// TestConnections opens as many connections as a server has, and leaves them idle: it
// still tells others how it is, since connections above three quarters end with their
// request.
func TestConnections(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	const most = 8
	go func() {
		ended <- Serve(ctx, ln, Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Drain: time.Second, maxConnections: most})
	}()
	address := "http://" + ln.Addr().String() + "/readyz"
	closed := 0
	for range 3 * most {
		tr := &http.Transport{}
		defer tr.CloseIdleConnections()
		resp, err := (&http.Client{Transport: tr}).Get(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("readyz = %d, %v", resp.StatusCode, err)
		}
		if resp.Close {
			closed++
		}
	}
	if want := 3*most - most*3/4; closed != want {
		t.Errorf("%d connections ended with their request, want %d", closed, want)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
