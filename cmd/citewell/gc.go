package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// Limits of the garbage that accumulates during ingestion.
const (
	targetGarbageBytes = 12 << 20 // about as much as Go's default allows for a small site
	minGCPercent       = 25
	maxGCPercent       = 100 // Go's default
)

// limitGarbage keeps the garbage of an ingestion at a constant size while the live
// heap grows with the number of pages. By default, Go allows as much garbage as
// live heap. It is called repeatedly during ingestion, and does nothing if the
// user sets GOGC.
func (a *app) limitGarbage() {
	if a.getenv("GOGC") != "" {
		return
	}
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 || sample[0].Value.Uint64() == 0 {
		return
	}
	debug.SetGCPercent(int(min(max(100*targetGarbageBytes/sample[0].Value.Uint64(), minGCPercent), maxGCPercent)))
}
