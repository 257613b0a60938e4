package crawl_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
)

// pipes is a listener whose connections are pipes in memory, so that a test can
// run in a bubble, where waiting takes no time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newPipes() *pipes {
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.done) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// inBubble runs a test with a server and a Fetcher that is connected to it. The
// time of the bubble begins at zero.
func inBubble(t *testing.T, h http.HandlerFunc, c crawl.Config, test func(t *testing.T, f *crawl.Fetcher)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		srv := &http.Server{Handler: h}
		go func() { _ = srv.Serve(p) }()
		transport := &http.Transport{DialContext: p.dial, MaxIdleConnsPerHost: 16}
		c.AllowPrivate, c.HTTPClient = true, &http.Client{Transport: transport}
		f, err := crawl.New(c)
		if err != nil {
			t.Fatal(err)
		}
		test(t, f)
		transport.CloseIdleConnections()
		_ = srv.Close()
		synctest.Wait()
	})
}

// tree answers for a site of n pages, each of which links to ten, and to some of
// the others.
func tree(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var i int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &i); r.URL.Path != "/" && err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<title>%d</title>", i)
		for k := range 10 {
			fmt.Fprintf(w, `<a href="/%d">a</a> <a href="/%d">b</a>`, min(i*10+k+1, n-1), (i*7+k*k)%n)
		}
	}
}

// TestCrawlOrder checks that the order of visits does not depend on how long the
// answers take, and that nothing is asked for twice.
func TestCrawlOrder(t *testing.T) {
	orders := map[string]bool{}
	for seed := range uint64(8) {
		var mu sync.Mutex
		random := rand.New(rand.NewPCG(seed, 1))
		hits := map[string]int{}
		site := tree(300)
		inBubble(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			hits[r.URL.Path]++
			delay := time.Duration(random.IntN(2000)) * time.Millisecond
			mu.Unlock()
			time.Sleep(delay)
			switch r.URL.Path {
			case "/17", "/170": // redirects to pages that come before, and after
				http.Redirect(w, r, map[string]string{"/17": "/250", "/170": "/16"}[r.URL.Path], http.StatusFound)
			case "/30":
				http.Error(w, "", http.StatusGone)
			default:
				site(w, r)
			}
		}, crawl.Config{}, func(t *testing.T, f *crawl.Fetcher) {
			c := crawlWith(t.Context(), f, crawl.Site{Start: "http://docs.example/", Options: crawl.Options{Rate: 1e6}, Concurrency: 8}, nil)
			if c.err != nil || len(c.visits) < 290 {
				t.Fatalf("Crawl = %d visits, %v", len(c.visits), c.err)
			}
			var order []string
			for _, v := range c.visits {
				order = append(order, fmt.Sprint(v.URL, v.Asked, v.DiscoveredFrom, v.Depth, v.Err))
			}
			orders[strings.Join(order, "\n")] = true
		})
		for path, n := range hits {
			if n != 1 {
				t.Errorf("%s was asked for %d times", path, n)
			}
		}
	}
	if len(orders) != 1 {
		t.Errorf("%d orders of visits, want one", len(orders))
	}
}

// TestPace checks when requests are sent.
func TestPace(t *testing.T) {
	pages := func(rest http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/":
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprint(w, `<a href="/1">1</a><a href="/2">2</a><a href="/3">3</a><a href="/4">4</a>`)
			case rest != nil:
				rest(w, r)
			default:
				http.NotFound(w, r)
			}
		}
	}
	robots := func(lines string) http.HandlerFunc {
		return pages(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, lines)
		})
	}
	var again atomic.Bool
	for _, tt := range []struct {
		name string
		site crawl.Site
		h    http.HandlerFunc
		want string // seconds after the start at which requests came, and their paths
	}{
		{"default", crawl.Site{}, pages(nil), "0.0/robots.txt 0.1/ 0.2/sitemap.xml 0.3/1 0.4/2 0.5/3 0.6/4 0.7/llms.txt"},
		{"rate", crawl.Site{Options: crawl.Options{Rate: 0.5}}, pages(nil), "0.0/robots.txt 2.0/ 4.0/sitemap.xml 6.0/1 8.0/2 10.0/3 12.0/4 14.0/llms.txt"},
		{"crawl delay", crawl.Site{Concurrency: 1}, robots("User-agent: *\nCrawl-delay: 5"), "0.0/robots.txt 5.0/ 10.0/sitemap.xml 15.0/1 20.0/2 25.0/3 30.0/4 35.0/llms.txt"},
		{"long crawl delay", crawl.Site{Options: crawl.Options{MaxDepth: new(0)}}, robots("User-agent: *\nCrawl-delay: 500"), "0.0/robots.txt 30.0/"},
		{"crawl delay ignored", crawl.Site{Options: crawl.Options{MaxDepth: new(0), IgnoreRobots: true}}, robots("User-agent: *\nCrawl-delay: 5\nDisallow: /"), "0.0/robots.txt 0.1/"},
		{"Retry-After for all", crawl.Site{Options: crawl.Options{Rate: 1e6}, Concurrency: 1}, pages(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/1" && again.CompareAndSwap(false, true) {
				w.Header().Set("Retry-After", "100")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			http.NotFound(w, r)
		}), "0.0/robots.txt 0.0/ 0.0/sitemap.xml 0.0/1 100.0/1 100.1/2 100.2/3 100.3/4 100.4/llms.txt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var got []string
			var begin time.Time
			inBubble(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				got = append(got, fmt.Sprintf("%.1f%s", time.Since(begin).Seconds(), r.URL.Path))
				mu.Unlock()
				tt.h(w, r)
			}, crawl.Config{}, func(t *testing.T, f *crawl.Fetcher) {
				begin = time.Now()
				tt.site.Start = "http://docs.example/"
				tt.site.Concurrency = max(tt.site.Concurrency, 1)
				if c := crawlWith(t.Context(), f, tt.site, nil); c.err != nil {
					t.Error(c.err)
				}
			})
			if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPauseHoldsEverything checks that the Retry-After of one page stops the
// requests for all, those that wait already too, and those of other crawls.
func TestPauseHoldsEverything(t *testing.T) {
	var mu sync.Mutex
	var begin, until time.Time
	early := 0
	site := tree(200)
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if time.Now().Before(until) {
			early++
		}
		if r.URL.Path == "/7" && until.IsZero() {
			until = time.Now().Add(time.Minute)
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		site(w, r)
	}, crawl.Config{}, func(t *testing.T, f *crawl.Fetcher) {
		begin = time.Now()
		var crawls sync.WaitGroup
		for _, start := range []string{"http://docs.example/", "http://docs.example/1"} {
			crawls.Go(func() {
				if c := crawlWith(t.Context(), f, crawl.Site{Start: start, Concurrency: 4}, nil); c.err != nil || c.summary.Failed != 0 {
					t.Errorf("Crawl(%s) = %+v, %v", start, c.summary, c.err)
				}
			})
		}
		crawls.Wait()
		if took := time.Since(begin); took < time.Minute || took > 10*time.Minute {
			t.Errorf("the crawls took %v, want the pause, and not much more", took)
		}
	})
	// Requests that are under way when the pause is asked for can't be held.
	if early > 3 {
		t.Errorf("%d requests during the pause, want at most the 3 that were under way", early)
	}
}

// TestConcurrency checks how many requests are under way at once.
func TestConcurrency(t *testing.T) {
	for _, tt := range []struct {
		name   string
		at     int
		robots string
		want   int64
	}{
		{"default", 0, "", 4},
		{"eight", 8, "", 8},
		{"crawl delay", 8, "User-agent: *\nCrawl-delay: 0.001", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var now, most atomic.Int64
			site := tree(100)
			inBubble(t, func(w http.ResponseWriter, r *http.Request) {
				n := now.Add(1)
				defer now.Add(-1)
				most.Store(max(most.Load(), n))
				time.Sleep(time.Second)
				if r.URL.Path == "/robots.txt" {
					fmt.Fprint(w, tt.robots)
					return
				}
				site(w, r)
			}, crawl.Config{}, func(t *testing.T, f *crawl.Fetcher) {
				c := crawlWith(t.Context(), f, crawl.Site{Start: "http://docs.example/", Options: crawl.Options{Rate: 1e6}, Concurrency: tt.at}, nil)
				if c.err != nil || most.Load() != tt.want {
					t.Errorf("%d requests at once, %v; want %d", most.Load(), c.err, tt.want)
				}
			})
		})
	}
}

// TestLeaveAlone checks that a host that asks for an hour ends the crawl, and
// gets no further request.
func TestLeaveAlone(t *testing.T) {
	var after atomic.Int64
	var asked atomic.Bool
	site := tree(200)
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case asked.Load():
			after.Add(1)
			http.NotFound(w, r)
		case r.URL.Path == "/7":
			asked.Store(true)
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			site(w, r)
		}
	}, crawl.Config{}, func(t *testing.T, f *crawl.Fetcher) {
		c := crawlWith(t.Context(), f, crawl.Site{Start: "http://docs.example/", Concurrency: 1}, nil)
		if c.err == nil || !strings.Contains(c.err.Error(), "asks for a pause of 1h0m0s") {
			t.Errorf("Crawl = %v after %d visits", c.err, len(c.visits))
		}
	})
	if after.Load() != 0 {
		t.Errorf("%d requests after that", after.Load())
	}
}

// TestTimeouts checks that pages without answer in time fail, and the others
// do not.
func TestTimeouts(t *testing.T) {
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<a href="/slow">1</a><a href="/drip">2</a><a href="/good">3</a>`)
		case "/slow":
			<-r.Context().Done()
		case "/drip":
			for {
				select {
				case <-r.Context().Done():
					return
				case <-time.After(time.Second):
				}
				if _, err := w.Write([]byte("<p>")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		case "/good":
			w.Header().Set("Content-Type", "text/html")
		default:
			http.NotFound(w, r)
		}
	}, crawl.Config{Timeout: 10 * time.Second}, func(t *testing.T, f *crawl.Fetcher) {
		crawlWith(t.Context(), f, crawl.Site{Start: "http://docs.example/"}, nil).wantPaths(t, "/ /slow=failed /drip=failed /good")
	})
	inBubble(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, crawl.Config{Timeout: 10 * time.Second},
		func(t *testing.T, f *crawl.Fetcher) {
			c := crawlWith(t.Context(), f, crawl.Site{Start: "http://docs.example/"}, nil)
			if c.err == nil || !strings.Contains(c.err.Error(), "no answer within 10s") {
				t.Errorf("Crawl without robots.txt in time = %v", c.err)
			}
		})
}
