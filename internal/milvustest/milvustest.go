// Package milvustest gives tests a real Milvus.
//
// Call [Addr] for a server: MILVUS_ADDR (host:port) if it is set, else one
// container per test binary from MILVUS_IMAGE or [Image]. Call [LiteDir] for
// Milvus Lite's program. If Milvus cannot be had, the test is skipped with the
// reason; with CITEWELL_REQUIRE_MILVUS=1 it fails instead.
//
// A package that calls Addr has the TestMain
//
//	func TestMain(m *testing.M) { milvustest.Main(m) }
//
// which removes the container when the tests are done. A package with a TestMain of
// another kind passes it [With].
package milvustest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	_ "github.com/citewell/citewell/internal/memorytest"
)

// Image is the Milvus that SDK v2.4.2 is paired with; docker-compose.yml names
// the same.
const Image = "milvusdb/milvus:v2.4.24"

const (
	healthTimeout = 30 * time.Second // for Docker, which answers at once if it runs
	startTimeout  = 5 * time.Minute  // including the pull of the image
	stopTimeout   = time.Minute
	parallel      = "6" // tests that run at the same time
)

// shared is the container of the test binary.
var shared struct {
	once      sync.Once
	main      bool // Main runs the tests
	container testcontainers.Container
	addr      string
	err       error
}

// Main runs the tests of a package, such as a [testing.M], and removes the container that [Addr] started.
func Main(m interface{ Run() int }) { os.Exit(With(m).Run()) }

// A Runner runs the tests of a package and removes the container that [Addr] started.
type Runner struct{ m interface{ Run() int } }

// With returns a Runner of the tests of m.
func With(m interface{ Run() int }) Runner {
	shared.main = true
	return Runner{m}
}

// Run runs the tests and returns an exit code.
func (r Runner) Run() int {
	flag.Parse()
	// Loading a collection takes a server seconds, most of which is waiting.
	if err := flag.Set("test.parallel", parallel); err != nil {
		panic(err)
	}
	code := r.m.Run()
	if shared.container != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		if err := shared.container.Terminate(ctx, testcontainers.StopTimeout(0)); err != nil {
			fmt.Fprintln(os.Stderr, "milvustest: remove the container:", err)
			code = max(code, 1)
		}
	}
	return code
}

// Addr returns host:port of a Milvus server.
func Addr(t testing.TB) string {
	t.Helper()
	if addr := os.Getenv("MILVUS_ADDR"); addr != "" {
		return addr
	}
	if !shared.main {
		t.Fatal("milvustest: the package has no TestMain that calls milvustest.Main")
	}
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		shared.addr, shared.err = start(ctx)
	})
	if shared.err != nil {
		skip(t, "no Milvus server: "+shared.err.Error())
	}
	return shared.addr
}

// skip skips a test because of a missing server, or fails it if servers are required.
func skip(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CITEWELL_REQUIRE_MILVUS") == "1" {
		t.Fatalf("CITEWELL_REQUIRE_MILVUS=1, but %s", reason)
	}
	t.Skip(reason)
}

// start runs the container and returns its address.
func start(ctx context.Context) (addr string, err error) {
	if err := healthy(ctx); err != nil {
		return "", fmt.Errorf("docker does not answer: %w", err)
	}
	image := os.Getenv("MILVUS_IMAGE")
	if image == "" {
		image = Image
	}
	var ready health
	shared.container, err = testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			Image:        image,
			Cmd:          []string{"milvus", "run", "standalone"},
			Env:          map[string]string{"ETCD_USE_EMBED": "true", "COMMON_STORAGETYPE": "local", "DEPLOY_MODE": "STANDALONE"},
			ExposedPorts: []string{"19530/tcp", "9091/tcp"},
			WaitingFor:   &ready,
		},
		Started: true,
		Logger:  quiet{},
	})
	if err != nil {
		return "", fmt.Errorf("start %s: %w", image, err)
	}
	port, err := shared.container.MappedPort(ctx, "19530/tcp")
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(ready.host, port.Port()), nil
}

// A health waits until Milvus reports that it is healthy, and records its host.
//
// The library derives Docker's host from where the tests run. In a sandbox that
// looks like a container it returns the gateway, which does not have the ports.
type health struct{ host string }

var _ wait.Strategy = (*health)(nil)

// WaitUntilReady implements [wait.Strategy].
func (h *health) WaitUntilReady(ctx context.Context, target wait.StrategyTarget) error {
	host, err := target.Host(ctx)
	if err != nil {
		return err
	}
	hc := &http.Client{Timeout: 10 * time.Second}
	for {
		state, err := target.State(ctx)
		if err != nil {
			return err
		}
		if !state.Running {
			return fmt.Errorf("the container ended with exit code %d", state.ExitCode)
		}
		port, err := target.MappedPort(ctx, "9091/tcp")
		if err != nil {
			return err
		}
		for _, h.host = range []string{host, "127.0.0.1"} {
			if answersOK(ctx, hc, "http://"+net.JoinHostPort(h.host, port.Port())+"/healthz") {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func answersOK(ctx context.Context, hc *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false // Unreachable: the URL is well-formed.
	}
	res, err := hc.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// healthy returns an error unless Docker answers. The library panics if it finds no
// Docker.
func healthy(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	p, err := testcontainers.NewDockerProvider(testcontainers.WithLogger(quiet{}))
	if err != nil {
		return err
	}
	return errors.Join(p.Health(ctx), p.Close())
}

// quiet discards the library's log; its errors are enough.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
