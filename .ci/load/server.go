package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a server with an index of this repository's guide, without caches of answers.
type server struct {
	base, metrics string
	cmd           *exec.Cmd
}

var (
	askAt     = regexp.MustCompile(`^ask at (http://[0-9.:]+)/`)
	metricsAt = regexp.MustCompile(`^metrics at (http://[0-9.:]+/metrics)`)
)

// start builds the program, ingests the guide in dir, and serves it.
func start(ctx context.Context, dir string) (*server, error) {
	program, index := filepath.Join(dir, "citewell"), filepath.Join(dir, "citewell.db")
	for _, args := range [][]string{
		{"go", "build", "-trimpath", "-o", program, "./cmd/citewell"},
		{program, "ingest", "--milvus", index, "--base-url", "https://docs.invalid/", "docs"},
	} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", args, err, out)
		}
	}
	s := &server{cmd: exec.CommandContext(ctx, program, "serve", "--milvus", index, "--state", filepath.Join(dir, "state.db"),
		"--addr", "127.0.0.1:0", "--metrics-addr", "127.0.0.1:0", "--cache-size", "0")}
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	printed, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(printed)
	for s.base == "" && lines.Scan() {
		if m := metricsAt.FindStringSubmatch(lines.Text()); m != nil {
			s.metrics = m[1]
		}
		if m := askAt.FindStringSubmatch(lines.Text()); m != nil {
			s.base = m[1]
		}
	}
	if s.base == "" {
		return nil, errors.New("serve ended before it could be asked")
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }()
	return s, nil
}

// rssMB returns the memory of the server in MB.
func (s *server) rssMB() float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid)) // none but on Linux
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// goroutines returns how many goroutines the server has once it is idle.
func (s *server) goroutines(ctx context.Context) (n float64) {
	pause(ctx, 3*time.Second)
	resp, err := http.Get(s.metrics)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "go_goroutines "); ok {
			n, _ = strconv.ParseFloat(strings.TrimSpace(v), 64)
		}
	}
	return n
}
