//go:build !race

package pdf

import "github.com/tetratelabs/wazero"

// runtimeConfig returns how PDFium is run: compiled, where wazero can do that.
func runtimeConfig() wazero.RuntimeConfig { return wazero.NewRuntimeConfig() }
