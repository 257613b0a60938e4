package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
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

// question returns a question. Equal ones at the same time are answered once, so that each
// has other blanks between its words.
func question(n int) string {
	words := strings.Fields(questions[n%len(questions)])
	for i, rest := 1, n/len(questions); i < len(words); i, rest = i+1, rest/8 {
		words[i] = strings.Repeat(" ", rest%8) + words[i]
	}
	return strings.Join(words, " ")
}

// row is what a number of askers got. Times are in milliseconds.
type row struct {
	askers                                            int
	answered, refused                                 float64 // in a second
	others                                            int
	p50, p99, refusedP50, refusedP99, readyMax, rssMB float64
}

func (r row) String() string {
	return fmt.Sprintf("%6d  %10.1f  %9.1f  %6d  %6.0f  %6.0f  %14.0f  %14.0f  %13.0f  %6.0f", r.askers, r.answered, r.refused, r.others, r.p50, r.p99, r.refusedP50, r.refusedP99, r.readyMax, r.rssMB)
}

// asked is what one request got.
type asked struct {
	status int
	took   time.Duration
}

// arrival is the time within which the askers come: 1000 at once would wait for their own
// connections.
const arrival = 5 * time.Second

// ask lets askers ask an address for a time.
func ask(ctx context.Context, address, base string, askers int, limit time.Duration, rude bool) row {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: askers + 1, MaxIdleConnsPerHost: askers + 1}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all []asked
	var wg sync.WaitGroup
	for i := range askers {
		wg.Go(func() {
			pause(ctx, time.Duration(i)*arrival/time.Duration(askers))
			for n := 0; ctx.Err() == nil; n++ {
				start := time.Now()
				status, after := post(ctx, client, address, fmt.Sprintf(`{"question": %q}`, question(i*7919+n)))
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				all = append(all, asked{status, time.Since(start)})
				mu.Unlock()
				if status == http.StatusServiceUnavailable && !rude {
					pause(ctx, after)
				}
			}
		})
	}
	var ready []time.Duration
	wg.Go(func() { ready = watch(ctx, client, base+"/readyz") })
	wg.Wait()
	return summarise(askers, all, ready, limit.Seconds())
}

// watch returns how long a page took that it asks for ten times a second.
func watch(ctx context.Context, client *http.Client, address string) (took []time.Duration) {
	for ctx.Err() == nil {
		start := time.Now()
		resp, err := client.Get(address)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		took = append(took, time.Since(start))
		pause(ctx, 100*time.Millisecond)
	}
	return took
}

func summarise(askers int, all []asked, ready []time.Duration, seconds float64) row {
	var answered, refused []time.Duration
	r := row{askers: askers}
	for _, a := range all {
		switch a.status {
		case http.StatusOK:
			answered = append(answered, a.took)
		case http.StatusServiceUnavailable:
			refused = append(refused, a.took)
		default:
			r.others++
		}
	}
	r.answered, r.refused = float64(len(answered))/seconds, float64(len(refused))/seconds
	r.p50, r.p99, r.refusedP50, r.refusedP99, r.readyMax = at(answered, .5), at(answered, .99), at(refused, .5), at(refused, .99), at(ready, 1)
	return r
}

func post(ctx context.Context, client *http.Client, address, body string) (status int, after time.Duration) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
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

// at returns the value below which this share of the values lies, in milliseconds.
func at(all []time.Duration, share float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[min(len(all)-1, int(share*float64(len(all))))].Microseconds()) / 1000
}
