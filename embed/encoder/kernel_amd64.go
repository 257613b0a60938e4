package encoder

import "golang.org/x/sys/cpu"

//go:generate go run ./internal/gen

// Kernels returns the kernels this processor can run, the fastest first.
func Kernels() []*Kernel {
	var ks []*Kernel
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX2 {
		ks = append(ks, &Kernel{"avx512", 12, 32, tileAVX512, geluAVX512, softmaxAVX512, addNormAVX512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		ks = append(ks, &Kernel{"avx2", 6, 16, tileAVX2, geluAVX2, softmaxAVX2, addNormAVX2})
	}
	return append(ks, generic)
}
