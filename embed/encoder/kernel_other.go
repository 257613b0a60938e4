//go:build !amd64 && !arm64

package encoder

// Kernels returns the kernels this processor can run, the fastest first.
func Kernels() []*Kernel { return []*Kernel{generic} }
