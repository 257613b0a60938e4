package lite

import (
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// Locks that belong to the open file, not to the process.
	setLockCommand = unix.F_OFD_SETLK
	getLockCommand = unix.F_OFD_GETLK
	maxSocketPath  = 107 // longest path of a socket, in bytes
)

// listenerPID returns the process that listens at the other end of a Unix socket.
// It returns 0 if that process is in another container.
func listenerPID(conn *net.UnixConn) (pid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	cerr := raw.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(cred.Pid)
		}
	})
	if cerr != nil {
		return 0, cerr
	}
	return pid, err
}

// commandOf returns the command line of a process, "" if it is ending or has ended.
func commandOf(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(b), "\x00", " ")
}
