package encoder

import (
	"testing"
	"time"
)

// Each part is done once, before run returns, and by workers whose memory is their own.
func TestCrew(t *testing.T) {
	for _, passes := range []int32{1, 2, 1000} {
		var l load
		l.passes.Store(passes)
		c := newCrew(&l)
		for step := range 200 {
			if step == 100 {
				l.passes.Store(1000) // all helpers leave
			}
			parts := make([]int, step%20)
			workers := make([]int, maxCrew)
			size := c.size
			c.run(len(parts), func(part, worker int) {
				parts[part]++
				workers[worker]++
			})
			done := 0
			for part, n := range parts {
				if n != 1 {
					t.Fatalf("%d passes, step %d: part %d was done %d times, want once", passes, step, part, n)
				}
			}
			for _, n := range workers[:size] {
				done += n
			}
			if done != len(parts) {
				t.Fatalf("%d passes, step %d: %d workers below %d did %d parts of %d", passes, step, len(workers), size, done, len(parts))
			}
		}
		c.end()
	}
}

func TestCrewOfBusyProcessors(t *testing.T) {
	var l load
	l.busyUntil.Store(time.Now().Add(time.Hour).UnixNano())
	c := newCrew(&l)
	defer c.end()
	if c.size != 1 {
		t.Errorf("the crew has %d goroutines while the processors are busy, want 1", c.size)
	}
}

// A crew that has waited for a helper whose processor does something else lets its helpers go.
func TestCrewLetsHelpersGo(t *testing.T) {
	c := &crew{size: 2, load: &load{}}
	defer c.end()
	go c.help(1, func() bool { return true })
	helping, worked := make(chan bool), make(chan time.Duration, 1)
	begun := time.Now()
	c.run(2, func(_, worker int) {
		if worker == 0 {
			<-helping
			worked <- time.Since(begun)
			return
		}
		helping <- true
		time.Sleep(3*<-worked + 100*shortWait)
	})
	if c.size != 1 || c.step.Load() != &over || c.load.busyUntil.Load() == 0 {
		t.Errorf("the crew has %d goroutines and its helpers wait for more (%v), want that they have gone", c.size, c.step.Load() != &over)
	}
}
