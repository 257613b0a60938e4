package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"

	"github.com/citewell/citewell/server/web"
)

const (
	maxPageBytes    = 120_000 // transferred
	maxPageRequests = 5       // the page, its script, its style, its icon on the page and of the tab
	maxWidgetBytes  = 30_000  // compressed
)

// loaded returns the requests and the bytes of a page so far.
const loaded = `(() => { const all = performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')); return [all.length, all.reduce((sum, e) => sum + e.transferSize, 0)] })()`

// shifts counts layout shifts from now on, whoever causes them.
const shifts = `(window.shifts = [], new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts.push([e.value, ...e.sources.map((s) => s.node?.outerHTML?.slice(0, 120) || '')]) }).observe({type: 'layout-shift', buffered: true}), true)`

// TestBudget checks what a reader has to load, and that nothing moves while an answer
// comes. It prints the times that the browser measures while it streams 4000 tokens.
func TestBudget(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/")
	eval[bool](b, shifts)
	got := eval[[]int](b, loaded)
	if t.Logf("%d requests, %d bytes", got[0], got[1]); got[0] > maxPageRequests || got[1] > maxPageBytes {
		t.Errorf("the page takes %d requests and %d bytes, want at most %d and %d", got[0], got[1], maxPageRequests, maxPageBytes)
	}
	still := func(when string) {
		t.Helper()
		if got := eval[[][]any](b, "window.shifts"); len(got) > 0 {
			t.Errorf("%s: the page shifts: %v", when, got)
		}
	}
	tasks := b.longTasks(func() { b.answered("long") })
	b.answered("keys")
	still("new")
	t.Logf("first paint after %.0f ms, long tasks: %s", eval[float64](b, "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"), strings.Join(tasks, ", "))
	b.reload()
	eval[bool](b, shifts)
	b.until("document.querySelectorAll('citewell-turn .actions').length === 2")
	b.answered("everything")
	still("with a kept thread")
	b.width(320)
	eval[bool](b, "window.shifts.length = 0, true")
	b.answered("everything")
	still("on a phone")
	if f, ok := mustSite(t).File("widget.js"); !ok || len(f.Gzip) > maxWidgetBytes {
		t.Errorf("the widget has %d bytes, want at most %d", len(f.Gzip), maxWidgetBytes)
	} else {
		t.Logf("the widget has %d bytes", len(f.Gzip))
	}
}

// longTasks returns the tasks above 50 ms of the browser's threads while f runs, by its own
// timeline, with the time that each had a processor: a busy machine keeps tasks waiting.
func (b *tab) longTasks(f func()) []string {
	b.Helper()
	b.traced, b.complete = nil, make(chan struct{})
	p := tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"disabled-by-default-devtools.timeline"}, ExcludedCategories: []string{"*"}}}
	if _, err := chromedp.Call(b.ctx, tracing.Start, p); err != nil {
		b.Fatal(err)
	}
	f()
	if _, err := chromedp.Call(b.ctx, tracing.End, cdp.Empty{}); err != nil {
		b.Fatal(err)
	}
	select {
	case <-b.complete:
	case <-b.ctx.Done():
		b.Fatal(b.ctx.Err())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	long := []string{}
	for _, v := range b.traced {
		var e struct {
			Name string  `json:"name"`
			Took float64 `json:"dur"`  // in µs
			Ran  float64 `json:"tdur"` // in µs
		}
		if err := json.Unmarshal(v, &e); err != nil {
			b.Fatal(err)
		}
		if e.Name == "RunTask" && e.Took > 50_000 {
			long = append(long, fmt.Sprintf("%.0f ms (%.0f on a processor)", e.Took/1000, e.Ran/1000))
		}
	}
	return long
}

func mustSite(t *testing.T) *web.Site {
	t.Helper()
	s, err := web.New(web.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
