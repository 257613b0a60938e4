//go:build linux || darwin

package lite

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// exits are the reasons for which the engine ends at its start, by what its log says
// (2.5.1, 2026-11).
var exits = []struct {
	words string
	err   error
}{
	{"disk is full", errors.New("the disk is full: free some space or give another path")},
	{"disk I/O error", errors.New("the file can't be read or written (disk I/O error): check the disk, its free space and quotas")},
	{"database is locked", errors.New("another program has the file locked, such as sqlite3 or a backup: close that program")},
	{"readonly database", errors.New("the file is read-only: make it writable or give another path")},
	{"unable to open database file", errors.New("the file can't be opened: check its folder, or give a shorter path")},
	{"file is not a database", errCorrupt},
	{"malformed", errCorrupt},
}

// explainExit returns why the engine ended, with the end of its log.
func explainExit(err error, file, logName string) error {
	words := ""
	if b, rerr := os.ReadFile(logName); rerr == nil {
		words = tail(string(bytes.TrimSpace(b)), 400)
	}
	for _, e := range exits {
		if strings.Contains(words, e.words) {
			return fmt.Errorf("%w (%s)", e.err, exitStatus(err))
		}
	}
	if words != "" {
		words = ": " + words
	}
	return fmt.Errorf("it ended at once: %s%s", exitStatus(err), words)
}

func exitStatus(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

func explainStart(err error) error {
	if errors.Is(err, os.ErrNotExist) && runtime.GOOS == "linux" {
		return fmt.Errorf("%w: Milvus Lite needs glibc, which this system may lack%s", err, otherWays)
	}
	return fmt.Errorf("%w%s", err, otherWays)
}

// explainOpen adds to an error of opening or creating a file how to fix it.
func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENAMETOOLONG):
		return fmt.Errorf("%w: give a shorter path", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free some space or give another path", err)
	case errors.Is(err, fs.ErrPermission):
		if owner := ownerOf(path); owner != "" {
			return fmt.Errorf("%w: it belongs to %s, and this process runs as %s: one user at a time can use a file; "+
				"run as that user, or use a Milvus server", err, owner, userName(os.Getuid()))
		}
	}
	return fmt.Errorf("%w: make it writable, and its folder, or give another path", err)
}

// ownerOf returns the owner of a file that belongs to another user, else "".
func ownerOf(path string) string {
	fi, err := os.Stat(path)
	if err != nil {
		return ""
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) == os.Getuid() {
		return ""
	}
	return userName(int(st.Uid))
}

// userName returns the name of a user for messages.
func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return "user " + u.Username
	}
	return "user " + strconv.Itoa(uid)
}

// tail returns the last n bytes of s or less, on one line.
func tail(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		s = "…" + strings.ToValidUTF8(s[len(s)-n:], "")
	}
	return s
}
