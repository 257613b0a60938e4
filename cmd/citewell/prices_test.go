package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
)

func TestReadPrices(t *testing.T) {
	half := 0.5
	got, err := readPrices([]byte("currency: EUR\nmodels:\n  a model: {input: 2, cached: 0.5, output: 10}\n  gpt-4o: {input: 0, output: 1.25}\n"))
	want := answer.Prices{Currency: "EUR", Models: map[string]answer.Price{"a model": {Input: 2, Cached: &half, Output: 10}, "gpt-4o": {Output: 1.25}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("readPrices: %v (-want +got):\n%s", err, diff)
	}
	for _, tt := range []struct{ in, want string }{
		{"", "EOF"},
		{"currency: EUR", "contains no model"},
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
