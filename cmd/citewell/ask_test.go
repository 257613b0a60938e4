package main

import (
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
)

func TestCitationAge(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		age  time.Duration
		want string
	}{
		{-time.Minute, "just now"}, {59 * time.Second, "just now"}, {time.Minute, "1 minute ago"}, {119 * time.Minute, "1 hour ago"}, {23 * time.Hour, "23 hours ago"},
		{day, "1 day ago"}, {3*day + 5*time.Hour, "3 days ago"}, {59 * day, "59 days ago"}, {60 * day, "2 months ago"}, {729 * day, "24 months ago"}, {730 * day, "2 years ago"},
	} {
		c := answer.Citation{CrawledAt: now.Add(-tt.age), Modified: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
		if got, want := citationAge(c, now), "crawled "+tt.want+", page dated 2026-01-02"; got != want {
			t.Errorf("citationAge of %v = %q, want %q", tt.age, got, want)
		}
	}
	if got := citationAge(answer.Citation{}, now); got != "" {
		t.Errorf("citationAge of no dates = %q", got)
	}
}
