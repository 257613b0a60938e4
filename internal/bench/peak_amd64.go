package main

import "golang.org/x/sys/cpu"

// multiplyAdd512 and multiplyAdd256 do twelve independent multiply-adds of vectors in
// each of n rounds.
//
//go:noescape
func multiplyAdd512(n int)

//go:noescape
func multiplyAdd256(n int)

func hasPeak() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }

func multiplyAdd(n int) {
	if cpu.X86.HasAVX512F {
		multiplyAdd512(n)
	} else {
		multiplyAdd256(n)
	}
}

// multiplyAddOperations is the number of floating-point operations of multiplyAdd(n).
func multiplyAddOperations(n int) float64 {
	lanes := 8
	if cpu.X86.HasAVX512F {
		lanes = 16
	}
	return float64(n) * 12 * 2 * float64(lanes)
}
