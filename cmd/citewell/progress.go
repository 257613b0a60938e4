package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/internal/problem"
)

// lineEvery is the interval of progress lines where no bar can be drawn.
const lineEvery = 3 * time.Second

// terminal reports whether a bar can be drawn on w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say prints a line of progress to standard error. Standard output is for results.
func (a *app) say(format string, args ...any) {
	// There is no other place to report an error of writing.
	_, _ = io.WriteString(a.err, problem.Text(fmt.Sprintf(format, args...))+"\n")
}

// download returns a callback that shows the progress of downloading what: as a bar
// on a terminal, else as a line every few seconds.
func (a *app) download(what string) func(done, total int64) {
	var mu sync.Mutex
	var bar *progressbar.ProgressBar
	var last time.Time
	return func(done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if terminal(a.err) {
			if bar == nil {
				bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription("fetching "+what),
					progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { a.say("") }))
			}
			_ = bar.Set64(done)
			return
		}
		if now := time.Now(); last.IsZero() || now.Sub(last) >= lineEvery || done == total {
			last = now
			a.say("fetching %s: %d of %d MB", what, done>>20, total>>20)
		}
	}
}

// ingestProgress returns a callback that shows the progress of an ingestion, in the
// same way.
func (a *app) ingestProgress() func(ingest.Progress) {
	var bar *progressbar.ProgressBar
	var last time.Time
	return func(p ingest.Progress) {
		a.limitGarbage()
		if terminal(a.err) {
			if bar == nil {
				bar = progressbar.NewOptions(1, progressbar.OptionSetWriter(a.err), progressbar.OptionSetWidth(20),
					progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
			}
			done, total := progressSteps(p)
			bar.ChangeMax(total)
			// The seconds show that it goes on, also while one page or one batch takes long.
			bar.Describe(fmt.Sprintf("%d s: %s", int(p.Elapsed.Seconds()), progressLine(p)))
			_ = bar.Set(done)
			return
		}
		if now := time.Now(); now.Sub(last) >= lineEvery {
			last = now
			a.say("%s", progressLine(p))
		}
	}
}

// progressSteps returns how much is done of what is known to be to do: a step for each page and
// for each chunk. The last step is left for the end of the run.
func progressSteps(p ingest.Progress) (done, total int) {
	total = p.Found + p.ToEmbed + 1
	return min(p.Fetched+p.Failed, p.Found) + min(p.Embedded, p.ToEmbed), total
}

func progressLine(p ingest.Progress) string {
	return fmt.Sprintf("found %d, fetched %d, unchanged %d, chunks embedded %d of %d, failed %d", p.Found, p.Fetched, p.Unchanged, p.Embedded, p.ToEmbed, p.Failed)
}

// counter returns a callback that shows how many of what are done, in the same way.
func (a *app) counter(what string) func(done, total int) {
	var bar *progressbar.ProgressBar
	last := time.Now()
	return func(done, total int) {
		if terminal(a.err) {
			if bar == nil {
				bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetWidth(20),
					progressbar.OptionClearOnFinish(), progressbar.OptionSetDescription(what))
			}
			_ = bar.Set(done)
			return
		}
		if now := time.Now(); now.Sub(last) >= lineEvery {
			last = now
			a.say("%s: %d of %d", what, done, total)
		}
	}
}
