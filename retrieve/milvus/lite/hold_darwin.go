package lite

import "golang.org/x/sys/unix"

// setLock acquires a POSIX lock.
const setLock = unix.F_SETLK
