// Load asks a server with more and more askers at once, and prints what they get.
//
//	go run ./.ci/load [-seconds 20] [-wait] http://127.0.0.1:8080 PID
//
// PID is the server's process, for its memory. With -wait, who is refused waits as long as
// Retry-After says. It sends requests to loopback addresses alone.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

var questions = []string{
	"What is Milvus Lite?", "How do I rotate a key?", "Which models accept images?", "How do I back up an index?", "What is logged of a question?",
	"How are quotes checked?", "What does --max-depth do?", "How do I put the widget on my site?", "Which languages have stems?", "What does an answer cost?",
}

// result is what a request got.
type result struct {
	status int
	took   time.Duration
}

func main() {
	seconds := flag.Int("seconds", 20, "how long each number of askers asks")
	polite := flag.Bool("wait", false, "wait as Retry-After says")
	path := flag.String("path", "/v1/ask", "/v1/ask or /v1/search")
	flag.Parse()
	base, err := url.Parse(flag.Arg(0))
	if err != nil || base.Hostname() != "127.0.0.1" || *seconds < 1 || *seconds > 120 {
		fmt.Fprintln(os.Stderr, "usage: load [-seconds N] [-wait] http://127.0.0.1:PORT PID")
		os.Exit(2)
	}
	fmt.Println("askers  answered/s  refused/s  others  p50 ms  p99 ms  refused p99 ms  readyz max ms  RSS MB")
	for _, askers := range []int{16, 200, 1000} {
		results, ready := run(base.String(), *path, askers, time.Duration(*seconds)*time.Second, *polite)
		var ok, refused []time.Duration
		others := 0
		for _, r := range results {
			switch r.status {
			case http.StatusOK:
				ok = append(ok, r.took)
			case http.StatusServiceUnavailable:
				refused = append(refused, r.took)
			default:
				others++
			}
		}
		s := float64(*seconds)
		fmt.Printf("%6d  %10.1f  %9.1f  %6d  %6.0f  %6.0f  %14.0f  %13.0f  %6.0f\n", askers, float64(len(ok))/s, float64(len(refused))/s, others,
			ms(at(ok, .5)), ms(at(ok, .99)), ms(at(refused, .99)), ms(at(ready, 1)), rss(flag.Arg(1)))
	}
}

// run lets askers ask for a time. It returns what they got, and how long /readyz took.
func run(base, path string, askers int, limit time.Duration, polite bool) (all []result, ready []time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: askers + 1, MaxIdleConnsPerHost: askers + 1}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range askers {
		wg.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				q := fmt.Sprintf(`{"question": %q}`, questions[n%len(questions)])
				start := time.Now()
				status, after := post(ctx, client, base+path, q)
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				all = append(all, result{status, time.Since(start)})
				mu.Unlock()
				if status == http.StatusServiceUnavailable && polite {
					pause(ctx, after)
				}
			}
		})
	}
	wg.Go(func() {
		for ctx.Err() == nil {
			start := time.Now()
			if resp, err := client.Get(base + "/readyz"); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				ready = append(ready, time.Since(start))
			}
			pause(ctx, 100*time.Millisecond)
		}
	})
	wg.Wait()
	return all, ready
}

func post(ctx context.Context, client *http.Client, address, body string) (status int, after time.Duration) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return resp.StatusCode, time.Duration(seconds) * time.Second
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// at returns the value below which this share of the values lies.
func at(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(share*float64(len(all))))]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// rss returns the memory of a process in MB.
func rss(pid string) float64 {
	b, _ := os.ReadFile("/proc/" + pid + "/status")
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}
