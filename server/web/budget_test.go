package web_test

import (
	"testing"

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
// comes. It prints the times that the browser measures.
func TestBudget(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/")
	eval[bool](b, shifts)
	got := eval[[]int](b, loaded)
	if t.Logf("%d requests, %d bytes", got[0], got[1]); got[0] > maxPageRequests || got[1] > maxPageBytes {
		t.Errorf("the page takes %d requests and %d bytes, want at most %d and %d", got[0], got[1], maxPageRequests, maxPageBytes)
	}
	eval[bool](b, `(window.tasks = [], new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration))).observe({type: 'longtask', buffered: true}), true)`)
	still := func(when string) {
		t.Helper()
		if got := eval[[][]any](b, "window.shifts"); len(got) > 0 {
			t.Errorf("%s: the page shifts: %v", when, got)
		}
	}
	b.answered("long")
	b.answered("keys")
	still("new")
	t.Logf("first paint %v ms, long tasks %v ms", eval[float64](b, "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"), eval[[]float64](b, "window.tasks"))
	b.reload()
	eval[bool](b, shifts)
	b.until("document.querySelectorAll('citewell-turn .actions').length === 2")
	b.answered("long")
	still("with a kept thread")
	b.width(320)
	eval[bool](b, "window.shifts.length = 0, true")
	b.answered("long")
	still("on a phone")
	if f, ok := mustSite(t).File("widget.js"); !ok || len(f.Gzip) > maxWidgetBytes {
		t.Errorf("the widget has %d bytes, want at most %d", len(f.Gzip), maxWidgetBytes)
	} else {
		t.Logf("the widget has %d bytes", len(f.Gzip))
	}
}

func mustSite(t *testing.T) *web.Site {
	t.Helper()
	s, err := web.New(web.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
