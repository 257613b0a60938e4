package lite

import (
	"net"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	setLock       = unix.F_SETLK // acquires a POSIX lock
	maxSocketPath = 103          // longest path of a socket, in bytes
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

// isEngine reports whether a process was started to listen on addr.
func isEngine(pid int, addr string) bool {
	b, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(b), "unix:"+addr+" ")
}
