// Package nginxtest runs nginx, or another proxy, in front of a server under test.
//
// Call [Start] or [StartBlock], and [Run] for another program. The program of this machine is used (Debian's package is named
// nginx-light). Where there is none the test is skipped; with
// CITEWELL_REQUIRE_MILVUS=1 it fails instead.
package nginxtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long a program may take to listen; 50 ms are usual for nginx.
const startTimeout = time.Minute

// config is a whole configuration. Its values are a folder and the server blocks.
const config = `
daemon off;
master_process off;
pid %[1]s/pid;
error_log stderr warn;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s;
	proxy_temp_path %[1]s;
	fastcgi_temp_path %[1]s;
	uwsgi_temp_path %[1]s;
	scgi_temp_path %[1]s;
	%[2]s
}
`

// Start starts an nginx with the content of a server block, such as a location, and
// returns its address, such as 127.0.0.1:40000. It ends with the test.
func Start(t testing.TB, server string) string {
	t.Helper()
	return StartBlock(t, func(addr string) string { return "server { listen " + addr + "; " + server + " }" })
}

// StartBlock is like Start, for a whole server block that listens on addr.
func StartBlock(t testing.TB, block func(addr string) string) string {
	t.Helper()
	program, err := find()
	if err != nil {
		if os.Getenv("CITEWELL_REQUIRE_MILVUS") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, addr := t.TempDir(), FreeAddr(t)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, dir, block(addr)), 0o600); err != nil {
		t.Fatal(err)
	}
	Run(t, exec.Command(program, "-p", dir, "-e", "stderr", "-c", file), addr)
	return addr
}

// Run starts a program and waits until it listens on addr. It ends with the test.
func Run(t testing.TB, cmd *exec.Cmd, addr string) {
	t.Helper()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // an error means that it has ended
		<-ended
	})
	for begin := time.Now(); time.Since(begin) < startTimeout; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", cmd.Path, err, &log)
		default:
		}
	}
	t.Fatalf("%s does not listen on %s after %v", cmd.Path, addr, startTimeout)
}

// find returns the path of nginx, which is often outside of a user's PATH.
func find() (string, error) {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no nginx here: install the package nginx-light")
}

// FreeAddr returns an address that nothing listens on.
func FreeAddr(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
