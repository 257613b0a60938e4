package encoder

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A crew is the goroutines that compute one pass: the one that called, and helpers
// that wait for steps while the pass lasts. Steps are so short that waking a
// goroutine for each would cost more than it saves.
//
// The caller never waits for a helper that has not begun: it does all parts that
// nobody else has taken, so a helper without a processor costs nothing.
type crew struct {
	size int // goroutines, the caller among them
	step atomic.Pointer[step]
	load *load
}

// A load is what the passes of an encoder know of how busy the processors are.
type load struct {
	passes    atomic.Int32 // that run
	busyUntil atomic.Int64 // Unix time in ns: until then passes have no helpers
}

// busyTime is how long passes do without helpers after one has waited for a helper
// whose processor did something else. On two cores with twelve other processes, a wait
// took up to 10 ms (2026-11-28).
const busyTime = time.Second

// shortWait is how much longer a caller waits for its helpers than it has worked, at
// most, while all have processors.
const shortWait = 500 * time.Microsecond

// A step is work in parts that do not depend on each other.
type step struct {
	do    func(part, worker int)
	parts int32
	taken atomic.Int32 // parts that somebody has begun, or more
	done  atomic.Int32
}

// over is the step after the last one.
var over step

// maxCrew is the maximum of goroutines of a pass. Attention has no more parts.
const maxCrew = Heads

// newCrew returns a crew of as many goroutines as there are processors for each of the
// passes that run. Helpers leave when more passes begin. The caller must call end.
func newCrew(l *load) *crew {
	share := func() int { return runtime.GOMAXPROCS(0) / int(max(l.passes.Load(), 1)) }
	c := &crew{size: min(max(share(), 1), maxCrew), load: l}
	if time.Now().UnixNano() < l.busyUntil.Load() {
		c.size = 1
	}
	for worker := 1; worker < c.size; worker++ {
		go c.help(worker, func() bool { return worker < share() })
	}
	return c
}

// end lets the helpers go.
func (c *crew) end() { c.step.Store(&over) }

// help works on the steps of the pass until it ends or wanted is false.
func (c *crew) help(worker int, wanted func() bool) {
	var last *step
	for wanted() {
		var s *step
		spinUntil(func() bool { s = c.step.Load(); return s != last })
		if s == &over {
			return
		}
		s.work(worker)
		last = s
	}
}

// run does parts 0 to parts-1, in any order and at the same time. The number of a
// worker is below c.size, and no two have the same.
func (c *crew) run(parts int, do func(part, worker int)) {
	if c.size == 1 || parts == 1 {
		for i := range parts {
			do(i, 0)
		}
		return
	}
	s := &step{do: do, parts: int32(parts)}
	begun := time.Now()
	c.step.Store(s)
	s.work(0)
	worked := time.Since(begun)
	spinUntil(func() bool { return s.done.Load() == s.parts })
	if time.Since(begun) > 2*worked+shortWait {
		c.size = 1
		c.end() // else the helpers would spin until the pass is over
		c.load.busyUntil.Store(time.Now().Add(busyTime).UnixNano())
	}
}

// work does parts until all are taken.
func (s *step) work(worker int) {
	for {
		part := s.taken.Add(1) - 1
		if part >= s.parts {
			return
		}
		s.do(int(part), worker)
		s.done.Add(1)
	}
}

// spins is how often a condition is read before other goroutines may run: about 2 µs.
const spins = 1000

// spinUntil waits for a condition that is expected within microseconds.
func spinUntil(condition func() bool) {
	for {
		for range spins {
			if condition() {
				return
			}
		}
		runtime.Gosched()
	}
}
