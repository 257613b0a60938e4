package crawl

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	// slots are shared by the concurrent requests to one host: in a crawl with a
	// concurrency of four, each takes a quarter; with one, each takes all.
	slots = 240
	// maxCrawlDelay is the longest Crawl-delay that is obeyed. With more, a site of
	// a thousand pages would take longer than a night.
	maxCrawlDelay = 30 * time.Second
	// maxPause is the longest Retry-After that a crawl waits for. A longer one ends
	// the crawl.
	maxPause = 5 * time.Minute
	// minRate is the lowest rate after answers of 429 and 503, in requests a second.
	minRate = 0.1
	// For a host without a limit, assumedRate is the rate to start from when it asks
	// to slow down, and unlimitedFrom the rate from which there is no limit again.
	assumedRate, unlimitedFrom = 20, 1000
	recovery                   = 1.05 // factor of the rate after each success
)

// A gate limits the requests to one host: their number at once, their rate, and
// none while the host has asked for a pause. All crawls of a host by one Fetcher
// share it; the lowest rate of them counts.
type gate struct {
	slots *semaphore.Weighted
	pace  *rate.Limiter

	mu    sync.Mutex
	users int
	full  rate.Limit // when nothing slows the host down
	until time.Time  // end of the pause
}

// gate returns the gate of a host with at most the given rate. The caller calls
// leave after its last request.
func (f *Fetcher) gate(host string, full rate.Limit) (g *gate, leave func()) {
	host = strings.TrimPrefix(host, "www.")
	f.mu.Lock()
	defer f.mu.Unlock()
	g = f.gates[host]
	if g == nil {
		g = &gate{slots: semaphore.NewWeighted(slots), pace: rate.NewLimiter(full, 1), full: full}
		f.gates[host] = g
	}
	g.users++
	g.limit(full)
	return g, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if g.users--; g.users == 0 {
			delete(f.gates, host)
		}
	}
}

// limit lowers the full rate.
func (g *gate) limit(full rate.Limit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if full < g.full {
		g.full = full
		g.pace.SetLimit(min(full, g.pace.Limit()))
	}
}

// wait returns when the next request may be sent.
func (g *gate) wait(ctx context.Context) error {
	for {
		if err := sleep(ctx, g.paused()); err != nil {
			return err
		}
		if err := sleep(ctx, g.pace.Reserve().Delay()); err != nil {
			return err
		}
		if g.paused() <= 0 {
			return nil
		}
	}
}

// paused returns how long the pause still lasts.
func (g *gate) paused() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until)
}

// pause stops requests for d and halves the rate after that.
func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, before := time.Now(), g.until
	if until := now.Add(d); until.After(g.until) {
		g.until = until
	}
	if now.Before(before) {
		return // Several requests were under way when the host asked.
	}
	g.pace.SetLimit(max(min(g.pace.Limit(), assumedRate)/2, min(minRate, g.full)))
}

// speedUp raises the rate towards the full one by one step.
func (g *gate) speedUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.pace.Limit()
	if now >= g.full {
		return
	}
	next := now * recovery
	if next > g.full || (g.full == rate.Inf && next > unlimitedFrom) {
		next = g.full
	}
	g.pace.SetLimit(next)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// asksToSlow reports whether a host answers that it gets too many requests.
func asksToSlow(resp *http.Response) bool {
	return resp != nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable)
}

// throttledClient returns a client that retries like f's, but waits for the gate each
// time, applies the host's Retry-After to the gate, follows no redirect, and sends back
// the cookies that the site sets. It calls sent before each request.
func (f *Fetcher) throttledClient(g *gate, sent func()) *retryablehttp.Client {
	hc := *f.client.HTTPClient
	// The error is that of options; there are none. A crawl has one host, so that no
	// list of public suffixes is needed.
	hc.Jar, _ = cookiejar.New(nil)
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &retryablehttp.Client{
		HTTPClient:     &hc,
		Logger:         f.client.Logger,
		RetryMax:       f.client.RetryMax,
		RetryWaitMin:   f.client.RetryWaitMin,
		RetryWaitMax:   f.client.RetryWaitMax,
		ErrorHandler:   f.client.ErrorHandler,
		RequestLogHook: func(retryablehttp.Logger, *http.Request, int) { sent() },
		CheckRetry:     retryUpTo(maxPause),
		Backoff: func(low, high time.Duration, attempt int, resp *http.Response) time.Duration {
			d := retryablehttp.DefaultBackoff(low, high, attempt, resp)
			if asksToSlow(resp) {
				g.pause(d)
			}
			return d
		},
		PrepareRetry: func(req *http.Request) error { return g.wait(req.Context()) },
	}
}
