// Bench measures Citewell next to what its users would run instead, on the same data
// and in the same run, and prints one table:
//
//	go run ./internal/bench
//	go run ./internal/bench -run 'embed|search' -runs 9
//	go run ./internal/bench -update
//	go run ./internal/bench -growth -update
//
// Each line of the table is a task, with the figure that is wanted. Citewell and its
// peer take turns, and which of them begins changes with each run. A figure is met if
// the median of the runs meets it, each run judged by the peer's figure of the same
// run.
//
// The peers are set up once, in the folder citewell/bench of the user's cache: a
// virtual environment of Python with the packages of requirements.txt, and a program
// in Go. With -update the table replaces the one in docs/performance.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	only   *regexp.Regexp // names of the lines to run
	runs   int
	json   string // file to write; "" for none
	update bool
	growth bool
	sizes  string // of growth
}

func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := fs.String("run", "", "run only the lines whose names match this regular expression")
	fs.IntVar(&o.runs, "runs", 5, "number of runs of each line")
	fs.StringVar(&o.json, "json", "", "write the figures of all runs to this file")
	fs.BoolVar(&o.update, "update", false, "write the result to docs/performance.md")
	fs.BoolVar(&o.growth, "growth", false, "measure how time and memory grow with the index, instead of the table")
	fs.StringVar(&o.sizes, "chunks", "1000,10000,100000", "with -growth: numbers of chunks, separated by commas")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if o.runs < 1 || fs.NArg() > 0 {
		return o, fmt.Errorf("want at least one run and no arguments")
	}
	o.only, err = regexp.Compile(*only)
	return o, err
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	b, err := setUp(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	if o.growth {
		return growth(ctx, b, o)
	}
	results, err := measureAll(ctx, b, o)
	if err != nil {
		return err
	}
	t := table{Machine: machine(), Runs: o.runs, Lines: results}
	fmt.Print(t.text())
	if o.json != "" {
		if err := writeJSON(o.json, t); err != nil {
			return err
		}
	}
	if o.update {
		return t.update(b.root)
	}
	return nil
}
