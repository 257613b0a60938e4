package crawl

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	// slots are what the requests at once to one host share: a crawl that sends
	// four takes a quarter for each, one that sends them one by one takes all.
	slots = 240
	// longestDelay is the longest Crawl-delay that is kept. With more, a site of
	// a thousand pages would take longer than a night.
	longestDelay = 30 * time.Second
	// maxPause is the longest Retry-After that a crawl waits for. A server that
	// asks for more ends it.
	maxPause = 5 * time.Minute
	// slowest is the lowest rate to which answers of 429 and 503 bring a host, in
	// requests a second.
	slowest = 0.1
	// unhurried is the rate that counts as the full one, where there is none, when
	// the host asks to slow down, and swift the rate that counts as none again.
	unhurried, swift = 20, 1000
	recovery         = 1.05 // of the rate, by each success
)

// A gate lets requests to one host through: so many at once, so many a second,
// and none while the host has asked for a pause. All crawls of a host by one
// Fetcher share it, and the slowest sets the pace.
type gate struct {
	slots *semaphore.Weighted
	pace  *rate.Limiter

	mu    sync.Mutex
	users int
	full  rate.Limit // when nothing slows the host down
	until time.Time  // end of the pause
}

// gate returns the gate of a host for requests at a rate, and what to call when
// no more are sent.
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

// pause sends nothing for d, and halves the rate of what follows.
func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, before := time.Now(), g.until
	if until := now.Add(d); until.After(g.until) {
		g.until = until
	}
	if now.Before(before) {
		return // One of several that were under way when the host asked.
	}
	g.pace.SetLimit(max(min(g.pace.Limit(), unhurried)/2, min(slowest, g.full)))
}

// succeed brings the rate back, step by step.
func (g *gate) succeed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.pace.Limit()
	if now >= g.full {
		return
	}
	next := now * recovery
	if next > g.full || (g.full == rate.Inf && next > swift) {
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

// asksToSlow reports whether an answer is one of a host that is asked too much.
func asksToSlow(resp *http.Response) bool {
	return resp != nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable)
}

// polite returns a client that repeats requests as f's does, but goes through the
// gate each time, makes the host's Retry-After the gate's, and follows no redirect.
// It calls sent before each request.
func (f *Fetcher) polite(g *gate, sent func()) *retryablehttp.Client {
	hc := *f.client.HTTPClient
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
