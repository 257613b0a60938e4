//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// memoryOf returns the most memory that an ended process held, in MB.
func memoryOf(p *os.ProcessState) float64 {
	if p == nil {
		return 0
	}
	most := p.SysUsage().(*syscall.Rusage).Maxrss // in bytes on macOS, else in kB
	if runtime.GOOS == "darwin" {
		most /= 1024
	}
	return float64(most) / 1000
}
