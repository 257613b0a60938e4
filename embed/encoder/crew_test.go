package encoder

import (
	"sync/atomic"
	"testing"
)

// Each part is done once, before run returns, and by workers whose memory is their own.
func TestCrew(t *testing.T) {
	for _, passes := range []int32{1, 2, 1000} {
		var running atomic.Int32
		running.Store(passes)
		c := newCrew(&running)
		for step := range 200 {
			if step == 100 {
				running.Store(1000) // all helpers leave
			}
			parts := make([]int, step%20)
			workers := make([]int, maxCrew)
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
			for _, n := range workers[:c.size] {
				done += n
			}
			if done != len(parts) {
				t.Fatalf("%d passes, step %d: %d workers below %d did %d parts of %d", passes, step, len(workers), c.size, done, len(parts))
			}
		}
		c.end()
	}
}
