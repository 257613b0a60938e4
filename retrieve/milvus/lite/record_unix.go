//go:build linux || darwin

package lite

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// A record is the content of .FILE.lock.start: what the process that starts an
// engine tells the others. It has up to three lines. It is written before the engine
// runs, so that an engine whose starter is killed is found.
type record struct {
	addr  string // of the socket
	inode string // of the database
	ready bool   // "ready": the engine has answered
}

const readyLine = "ready\n"

func readRecord(f *os.File) (record, error) {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<16))
	lines := strings.Split(string(b), "\n")
	lines = append(lines, "", "")
	return record{addr: lines[0], inode: lines[1], ready: lines[2]+"\n" == readyLine}, err
}

// publish writes a record for other processes.
func publish(f *os.File, r record) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	text := r.addr + "\n" + r.inode + "\n"
	if r.ready {
		text += readyLine
	}
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// inodeOf returns what identifies a file within its file system: another file at the
// same path has another inode. It returns "" if there is no file.
func inodeOf(file string) (string, error) {
	fi, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		// Unreachable: on these systems it is always this type.
		return "", errors.New("its inode is unknown")
	}
	return strconv.FormatUint(st.Ino, 10), nil
}
