package encoder

// tileNEON is tile for 4×16. It was tested under emulation; its speed is not
// measured.
//
//go:noescape
func tileNEON(k int, a []float32, lda int, b, c []float32, ldc int, init []float32, ldinit int)

// Kernels returns the kernels this processor can run, the fastest first.
func Kernels() []*Kernel {
	return []*Kernel{
		{"neon", 4, 16, tileNEON, geluGeneric, softmaxGeneric, addNormGeneric},
		generic,
	}
}
