package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestLimitGarbage(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(maxGCPercent))
	much := make([]byte, 16*targetGarbageBytes)
	runtime.GC()
	for _, tt := range []struct {
		name, gogc string
		want       int
	}{
		{"much in use", "", minGCPercent},
		{"as the user says", "80", maxGCPercent},
	} {
		debug.SetGCPercent(maxGCPercent)
		a := &app{getenv: func(string) string { return tt.gogc }}
		a.limitGarbage()
		if got := debug.SetGCPercent(maxGCPercent); got != tt.want {
			t.Errorf("%s: the collector waits for %d %% of garbage, want %d", tt.name, got, tt.want)
		}
	}
	runtime.KeepAlive(much)
}
