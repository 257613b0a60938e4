//go:build !amd64

package main

func hasPeak() bool { return false }

func multiplyAdd(int) {}

func multiplyAddOperations(int) float64 { return 0 }
