//go:build !amd64 && !arm64

package minilm

// kernels returns the kernels this processor can run, the fastest first.
func kernels() []*kernel { return []*kernel{generic} }
