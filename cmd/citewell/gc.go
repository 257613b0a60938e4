package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// Bounds of the garbage that a long ingestion lets lie.
const (
	heapRoomBytes = 12 << 20 // about what a small site gets by Go's default
	minGCPercent  = 25
	maxGCPercent  = 100 // Go's default
)

// limitGarbage keeps the garbage of an ingestion at the same size while what is in
// use grows with the number of pages: by default Go lets there be as much of it
// as of the rest. It is called now and then. Who sets GOGC knows better.
func (a *app) limitGarbage() {
	if a.getenv("GOGC") != "" {
		return
	}
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 || sample[0].Value.Uint64() == 0 {
		return
	}
	debug.SetGCPercent(int(min(max(100*heapRoomBytes/sample[0].Value.Uint64(), minGCPercent), maxGCPercent)))
}
