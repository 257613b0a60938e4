package ingest

import (
	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/dedupe"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/retrieve/index"
)

// Limits of what waits for a learner.
const (
	maxWaitingPages = 1000
	maxWaitingBytes = 16 << 20 // of their texts
)

// A learner finds out which lines the pages of one target repeat, so that they
// are left out of all of them. Pages wait until enough of them have come.
type learner struct {
	group    int
	crawl    *siteCrawl // nil for files
	repeated boilerplate.Set
	isKnown  bool // repeated is final
	lines    boilerplate.Collector
	seen     map[dedupe.Hash]bool // pages that it has learned from: of equal ones, one
	waiting  []*visitedPage
	bytes    int // of the texts that wait
}

// newLearner returns the learner of a page's target.
func newLearner(v *visitedPage, strips bool) *learner {
	l := &learner{group: v.group, crawl: v.crawl, isKnown: !strips, seen: map[dedupe.Hash]bool{}}
	if v.crawl == nil {
		return l
	}
	switch state := &v.crawl.site.State; {
	case v.crawl.previous.RepeatsKnown || state.StartOnly():
		l.repeated, l.isKnown = state.Repeated, true
	case l.isKnown:
		state.Learned = boilerplate.Learn // There is nothing to learn.
	}
	return l
}

// add takes the next page and returns those that need not wait any longer.
func (l *learner) add(v *visitedPage) []*visitedPage {
	if l.isKnown {
		return []*visitedPage{v}
	}
	l.waiting = append(l.waiting, v)
	if v.err == nil && v.hasBody() {
		l.learn(v.extracted)
	}
	if len(l.seen) < boilerplate.Learn && len(l.waiting) < maxWaitingPages && l.bytes < maxWaitingBytes {
		return nil
	}
	return l.conclude(boilerplate.Learn)
}

// learn counts the lines of a page.
func (l *learner) learn(e document.Extracted) {
	l.bytes += len(e.Page.Text)
	key := dedupe.HashOf(e.Page.Title, index.ContentHash(e.Page.Text))
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	if e.IsHTML {
		l.lines.Add(e.Page.Text)
	}
}

// drain returns the pages that wait when the target has no more.
func (l *learner) drain() []*visitedPage { return l.conclude(len(l.seen)) }

// conclude decides what repeats, records that it was learned from so many pages,
// and returns the pages that wait.
func (l *learner) conclude(learned int) []*visitedPage {
	if l.isKnown {
		return nil
	}
	l.repeated, _ = l.lines.Repeated()
	if l.crawl != nil {
		l.crawl.site.State.Repeated, l.crawl.site.State.Learned = l.repeated, learned
	}
	waiting := l.waiting
	*l = learner{group: l.group, crawl: l.crawl, repeated: l.repeated, isKnown: true}
	return waiting
}
