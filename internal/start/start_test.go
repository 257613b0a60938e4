package start_test

import (
	"runtime/debug"
	"testing"

	"github.com/citewell/citewell/internal/start"
)

func TestDone(t *testing.T) {
	const off = -1
	before := debug.SetGCPercent(off)
	if before != off {
		t.Errorf("before Done, the collector waits for %d %% of garbage, want it off", before)
	}
	for range 2 {
		start.Done()
	}
	if after := debug.SetGCPercent(off); after == off {
		t.Error("after Done, the collector is off")
	}
	debug.SetGCPercent(100)
}
