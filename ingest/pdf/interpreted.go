//go:build race

package pdf

import "github.com/tetratelabs/wazero"

// runtimeConfig returns how PDFium is run by tests with the race detector, which makes its
// compilation take half a minute.
func runtimeConfig() wazero.RuntimeConfig { return wazero.NewRuntimeConfigInterpreter() }
