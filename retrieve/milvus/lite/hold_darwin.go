package lite

import "golang.org/x/sys/unix"

// setLock takes a POSIX lock.
const setLock = unix.F_SETLK
