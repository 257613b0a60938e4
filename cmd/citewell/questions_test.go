package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
)

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		in, want string // want "" means an error
	}{
		{"90d", "90d"}, {"12h", "12h0m0s"}, {"48h", "2d"}, {"0", "0"}, {"0d", "0"}, {"1h30m", "1h30m0s"},
		{"-1d", ""}, {"-1h", ""}, {"90", ""}, {"d", ""}, {"1.5d", ""}, {"99999999d", ""}, {"", ""},
	} {
		var s span
		err := s.Set(tt.in)
		if (err == nil) != (tt.want != "") || err == nil && s.String() != tt.want {
			t.Errorf("span %q = %v, %v, want %q", tt.in, &s, err, tt.want)
		}
	}
}

func TestFresh(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		age  time.Duration
		want string
	}{
		{-time.Minute, "just now"}, {59 * time.Second, "just now"}, {time.Minute, "1 minute ago"}, {119 * time.Minute, "1 hour ago"}, {23 * time.Hour, "23 hours ago"},
		{day, "1 day ago"}, {3*day + 5*time.Hour, "3 days ago"}, {59 * day, "59 days ago"}, {60 * day, "2 months ago"}, {729 * day, "24 months ago"}, {730 * day, "2 years ago"},
	} {
		c := answer.Citation{CrawledAt: now.Add(-tt.age), Modified: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
		if got, want := fresh(c, now), "crawled "+tt.want+", page dated 2026-01-02"; got != want {
			t.Errorf("fresh of %v = %q, want %q", tt.age, got, want)
		}
	}
	if got := fresh(answer.Citation{}, now); got != "" {
		t.Errorf("fresh of no dates = %q", got)
	}
}

func TestReadPrices(t *testing.T) {
	half := 0.5
	got, err := readPrices([]byte("currency: EUR\nmodels:\n  a model: {input: 2, cached: 0.5, output: 10}\n  gpt-4o: {input: 0, output: 1.25}\n"))
	want := answer.Prices{Currency: "EUR", Models: map[string]answer.Price{"a model": {Input: 2, Cached: &half, Output: 10}, "gpt-4o": {Output: 1.25}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("readPrices: %v (-want +got):\n%s", err, diff)
	}
	for _, tt := range []struct{ in, want string }{
		{"", "EOF"},
		{"currency: EUR", "names no model"},
		{"models: {a: {input: 1, output: 1}}", `currency ""`},
		{"currency: euro\nmodels: {a: {input: 1, output: 1}}", `"euro"`},
		{"currency: EUR\nmodels: {a: {input: 1}}", `"a" needs input and output`},
		{"currency: EUR\nmodels: {a: {input: 1, output: -1}}", "-1"},
		{"currency: EUR\nmodels: {a: {input: 1, output: .nan}}", "NaN"},
		{"currency: EUR\nmodels: {a: {in: 1, output: 1}}", "in"},
	} {
		if _, err := readPrices([]byte(tt.in)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("readPrices(%q) = %v, want an error with %q", tt.in, err, tt.want)
		}
	}
}
