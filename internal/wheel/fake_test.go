package wheel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The test binary also stands in for pip (WHEELTEST_WHEEL is set and it is called
// python3) and a process that fetches (WHEELTEST_FETCH is set).
func TestMain(m *testing.M) {
	switch {
	case filepath.Base(os.Args[0]) == "python3":
		exit(playPip(os.Args[1:]))
	case os.Getenv("WHEELTEST_FETCH") != "":
		exit(playFetch())
	}
	os.Exit(m.Run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// fakePip puts a python3 on the path whose pip delivers the wheel in file, and
// returns the path of its log, one line a download.
func fakePip(t *testing.T, file string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(bin, "python3")); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(bin, "log")
	t.Setenv("PATH", bin)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each of its processes takes 1 s to end
	t.Setenv("WHEELTEST_WHEEL", file)
	t.Setenv("WHEELTEST_LOG", log)
	return log
}

// downloads returns how often the fake pip was told to download.
func downloads(t *testing.T, log string) int {
	t.Helper()
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\n")
}

// listen makes the fake pip connect to the test and returns its connections.
func listen(t *testing.T) <-chan net.Conn {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	t.Setenv("WHEELTEST_ADDR", ln.Addr().String())
	conns := make(chan net.Conn, 4)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns <- conn
		}
	}()
	return conns
}

func playPip(args []string) error {
	if len(args) < 3 || args[0] != "-m" || args[1] != "pip" {
		return fmt.Errorf("unexpected arguments %q", args)
	}
	if args[2] == "--version" {
		fmt.Println("pip 23.2.1 from nowhere (python 3.11)")
		return nil
	}
	for _, want := range []string{"download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "toy==1.0"} {
		if !slices.Contains(args, want) {
			return fmt.Errorf("ERROR: %s is missing in %q", want, args)
		}
	}
	log, err := os.OpenFile(os.Getenv("WHEELTEST_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(log, "download"); err != nil {
		return err
	}
	b, err := os.ReadFile(os.Getenv("WHEELTEST_WHEEL"))
	if err != nil {
		return err
	}
	part := filepath.Join(os.Getenv("TMPDIR"), "part.whl")
	switch os.Getenv("WHEELTEST_MODE") {
	case "fail":
		return fmt.Errorf("ERROR: Could not find a version\nERROR: No matching distribution found for toy==1.0\n\n[notice] a newer pip\n")
	case "nothing":
		return nil
	case "child":
		cmd := exec.Command(os.Args[0])
		cmd.Args = append([]string{"python3"}, args...)
		cmd.Env = append(os.Environ(), "WHEELTEST_MODE=half")
		return cmd.Run()
	case "half":
		if err := os.WriteFile(part, b[:len(b)/2], 0o644); err != nil {
			return err
		}
		waitForTest()
	}
	dest := args[slices.Index(args, "--dest")+1]
	if err := os.MkdirAll(dest, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dest, filepath.Base(os.Getenv("WHEELTEST_WHEEL"))), b, 0o644)
}

// waitForTest connects to the test and returns when the test hangs up.
func waitForTest() {
	conn, err := net.Dial("tcp", os.Getenv("WHEELTEST_ADDR"))
	if err != nil {
		exit(err)
	}
	if _, err := io.ReadAll(conn); err != nil {
		exit(err)
	}
}

// fetchProcess returns a command that calls Fetch in a process of its own.
func fetchProcess(t *testing.T, spec Spec, cache string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), "WHEELTEST_FETCH="+cache, "WHEELTEST_SPEC="+string(b))
	cmd.Stderr = os.Stderr
	return cmd
}

func playFetch() error {
	var spec Spec
	if err := json.Unmarshal([]byte(os.Getenv("WHEELTEST_SPEC")), &spec); err != nil {
		return err
	}
	_, err := Fetch(context.Background(), spec, os.Getenv("WHEELTEST_FETCH"), nil)
	return err
}
