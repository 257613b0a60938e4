//go:build !unix

package wheel

import "os/exec"

// killGroup leaves cmd as it is: where there are no process groups, pip alone
// is ended, and it downloads in its own process.
func killGroup(*exec.Cmd) {}
