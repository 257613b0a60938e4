//go:build unix

package wheel

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// killGroup gives cmd a process group of its own, which is killed as a whole
// when its context is done.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
