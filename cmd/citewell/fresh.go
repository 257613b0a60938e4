package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/citewell/citewell/answer"
)

// fresh says in words how old a citation is: when its page was fetched, and the
// date that the page itself gives.
func fresh(c answer.Citation, now time.Time) string {
	var parts []string
	if !c.CrawledAt.IsZero() {
		parts = append(parts, "crawled "+ago(now.Sub(c.CrawledAt)))
	}
	if !c.Modified.IsZero() {
		parts = append(parts, "page dated "+c.Modified.UTC().Format(time.DateOnly))
	}
	return strings.Join(parts, ", ")
}

// ago says roughly how long ago something was.
func ago(d time.Duration) string {
	for _, u := range []struct {
		name string
		one  time.Duration
		from time.Duration // which this unit is used from
	}{
		{"year", 365 * day, 2 * 365 * day},
		{"month", 30 * day, 60 * day},
		{"day", day, day},
		{"hour", time.Hour, time.Hour},
		{"minute", time.Minute, time.Minute},
	} {
		if d < u.from {
			continue
		}
		n := int(d / u.one)
		if n == 1 {
			return "1 " + u.name + " ago"
		}
		return fmt.Sprintf("%d %ss ago", n, u.name)
	}
	return "just now"
}
