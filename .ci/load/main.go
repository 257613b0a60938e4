// Load asks a server of its own with 16, 200 and 1000 askers at once, and prints what they
// get, and whether that is good enough.
//
//	go run ./.ci/load [-seconds 60] [-rude] [-path /v1/search]
//
// It builds the program, ingests the guide into a temporary folder and serves it on a
// loopback address without caches, so that each answer is work. Who is refused waits as
// long as Retry-After says; with -rude, nobody waits. Askers and server share the
// processors: run it on a machine that does nothing else. The exit status is 1 if a goal is
// missed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// Goals, against what 16 askers get.
const (
	leastShare     = 0.9 // of their answers in a second
	mostLatency    = 5   // times their median, for 99 of 100 answers
	refusedMS      = 100 // for 99 of 100 refusals
	readyMS        = 50  // of /readyz, always
	mostMemory     = 1.3 // times the memory after them
	moreGoroutines = 10  // when the server is idle again
)

func main() {
	seconds := flag.Int("seconds", 60, "how long each number of askers asks")
	rude := flag.Bool("rude", false, "ask again at once when refused")
	path := flag.String("path", "/v1/ask", "/v1/ask or /v1/search")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	missed, err := load(ctx, *path, time.Duration(*seconds)*time.Second, *rude)
	if err != nil || missed > 0 {
		fmt.Fprintln(os.Stderr, "goals missed:", missed, err)
		stop()
		os.Exit(1)
	}
}

// load measures, and returns how many goals were missed.
func load(ctx context.Context, path string, limit time.Duration, rude bool) (missed int, err error) {
	dir, err := os.MkdirTemp("", "citewell-load")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, end := context.WithCancel(ctx)
	defer end()
	s, err := start(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer func() {
		end()
		_ = s.cmd.Wait() // it was told to end
	}()
	ask(ctx, s.base+path, s.base, 4, limit/6, rude) // warm up
	idle := s.goroutines(ctx)
	fmt.Println("askers  answered/s  refused/s  others  p50 ms  p99 ms  refused p50 ms  refused p99 ms  readyz max ms  RSS MB")
	var base row
	goal := func(name string, got, want float64, ok bool) {
		verdict := "ok"
		if !ok {
			verdict, missed = "MISSED", missed+1
		}
		fmt.Printf("        %-34s %8.1f  goal %8.1f  %s\n", name, got, want, verdict)
	}
	for _, askers := range []int{16, 200, 1000} {
		r := ask(ctx, s.base+path, s.base, askers, limit, rude)
		r.rssMB = s.rssMB()
		fmt.Println(r)
		if askers == 16 {
			base = r
			continue
		}
		goal("answered/s", r.answered, leastShare*base.answered, r.answered >= leastShare*base.answered)
		goal("p99 of the answered, ms", r.p99, mostLatency*base.p50, r.p99 <= mostLatency*base.p50)
		goal("p99 of the refused, ms", r.refusedP99, refusedMS, r.refusedP99 <= refusedMS)
		goal("longest /readyz, ms", r.readyMax, readyMS, r.readyMax <= readyMS)
		goal("replies that are neither", float64(r.others), 0, r.others == 0)
		goal("memory, MB", r.rssMB, mostMemory*base.rssMB, r.rssMB <= mostMemory*base.rssMB)
	}
	left := s.goroutines(ctx)
	goal("goroutines when it is idle again", left, idle+moreGoroutines, left <= idle+moreGoroutines)
	return missed, ctx.Err()
}
