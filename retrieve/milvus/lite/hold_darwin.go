package lite

import (
	"net"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// POSIX locks.
	setLockCommand = unix.F_SETLK
	getLockCommand = unix.F_GETLK
	maxSocketPath  = 103 // longest path of a socket, in bytes
)

// listenerPID returns the process that listens at the other end of a Unix socket.
func listenerPID(conn *net.UnixConn) (pid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	cerr := raw.Control(func(fd uintptr) {
		pid, err = unix.GetsockoptInt(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	})
	if cerr != nil {
		return 0, cerr
	}
	return pid, err
}

// commandOf returns the command line of a process, "" if it has ended.
func commandOf(pid int) string {
	b, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
