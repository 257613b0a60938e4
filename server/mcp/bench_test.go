package mcp_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkSearch compares the time of the tool "search" over HTTP with that of POST
// /v1/search: both in turns, by their medians, with ten passages of 2000 characters.
func BenchmarkSearch(b *testing.B) {
	base := serve(b, config(b))
	call := func(path, body string) time.Duration {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, base+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		start := time.Now()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		reply, err := io.ReadAll(resp.Body)
		d := time.Since(start)
		if err != nil || resp.StatusCode != http.StatusOK || strings.Count(string(reply), "kettle k") < 100 {
			b.Fatalf("POST %s = %s %.200s, %v", path, resp.Status, reply, err)
		}
		return d
	}
	var search, tool []time.Duration
	for b.Loop() {
		search = append(search, call("/v1/search", `{"query": "which kettle boils after 700 minutes", "k": 10}`))
		tool = append(tool, call("/mcp", `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "which kettle boils after 700 minutes", "k": 10}}}`))
	}
	b.ReportMetric(float64(median(search).Microseconds()), "µs/search")
	b.ReportMetric(float64(median(tool).Microseconds()), "µs/mcp")
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
