// Package start keeps the garbage collector from running while the packages of a
// program are initialized.
//
// Import it in package main, and call [Done] before the work begins. Libraries make
// tables of 20 MB before main runs, nearly all of which stay. The collector would scan
// them several times: a quarter of the processor time of "citewell --help" (2026-11-28).
//
// Packages are initialized in the order of their import paths, as far as their own
// imports allow. This one imports nothing of the kind, and comes before those
// that make large tables.
package start

import (
	"runtime/debug"
	"sync"
)

// percent is the setting of the user, or Go's default.
var percent = debug.SetGCPercent(-1)

// Done lets the collector run. Calls after the first have no effect.
var Done = sync.OnceFunc(func() { debug.SetGCPercent(percent) })
