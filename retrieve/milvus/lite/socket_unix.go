//go:build linux || darwin

package lite

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// plainPath matches the paths that gRPC takes for the path of a socket as they are.
// It reads others as parts of a URL.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._~+-]+$`)

// logSuffix is added to the path of a socket for the log of its engine.
const logSuffix = ".log"

// newSocket returns an unused path for the socket of an engine: beside the lock,
// where every process that sees the file sees it too, else in [socketDir]. The
// engine creates it with mode 0700, since whoever can connect can read and change
// everything.
func newSocket(lock, file string) (string, error) {
	if addr := besideLock(lock); len(addr) <= maxSocketPath && plainPath.MatchString(addr) && canListen(addr) {
		return addr, nil
	}
	dir := socketDir()
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || fi.Mode().Perm() != 0o700 || !ok || int(st.Uid) != os.Getuid() {
		return "", fmt.Errorf("%s must be a folder that only you can enter (mode 0700): remove it", dir)
	}
	sum := sha256.Sum256([]byte(file))
	var unique [5]byte
	rand.Read(unique[:])
	return filepath.Join(dir, hex.EncodeToString(sum[:3])+"-"+hex.EncodeToString(unique[:])+".sock"), nil
}

// besideLock returns the path of the socket that is beside a lock.
func besideLock(lock string) string { return strings.TrimSuffix(lock, lockSuffix) + ".sock" }

// canListen reports whether a socket can be created at a path: some file systems
// have none. It removes a socket that an engine left there.
func canListen(addr string) bool {
	if fi, err := os.Lstat(addr); err == nil && fi.Mode()&os.ModeSocket != 0 {
		os.Remove(addr)
	}
	ln, err := net.Listen("unix", addr)
	if err != nil {
		return false
	}
	return ln.Close() == nil // this removes the socket
}

// socketDir is the folder of the sockets that can't be beside their locks, one per
// user.
func socketDir() string {
	name := "citewell-" + strconv.Itoa(os.Getuid())
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir()} {
		// 24 bytes are left for the name of a socket and its slash.
		if dir := filepath.Join(base, name); base != "" && len(dir)+24 <= maxSocketPath && plainPath.MatchString(dir) {
			if fi, err := os.Stat(base); err == nil && fi.IsDir() {
				return dir
			}
		}
	}
	return filepath.Join("/tmp", name)
}

// removeSocket removes the socket and the log of an engine that has ended.
func removeSocket(lock, addr string) {
	if addr == besideLock(lock) || filepath.Dir(addr) == socketDir() && strings.HasSuffix(addr, ".sock") {
		os.Remove(addr)
		os.Remove(addr + logSuffix)
	}
}
