// Package pgtest gives tests a real PostgreSQL.
//
// Call [DSN] for an empty database. One server runs for each test binary, in a
// temporary folder and on a socket there. It uses this machine's PostgreSQL programs
// (Debian's package is postgresql). Without them the test is skipped; with
// CITEWELL_REQUIRE_MILVUS=1 it fails instead.
//
// A package that calls DSN has the TestMain
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// which stops the server when the tests are done. A package with a TestMain of another
// kind passes it [With].
package pgtest

import (
	"bytes"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	_ "github.com/citewell/citewell/internal/memorytest"
)

// startTimeout is how long a new server may take; one second is usual.
const startTimeout = time.Minute

const parallel = "6" // tests that run at the same time

// shared is the server of the test binary.
var shared struct {
	once   sync.Once
	main   bool // Main runs the tests
	server *server
	err    error

	mu        sync.Mutex
	databases int
}

// errMissing means that this machine has no PostgreSQL.
var errMissing = errors.New("PostgreSQL is not installed: install the package postgresql")

// Main runs the tests of a package and stops the server that [DSN] started.
func Main(m *testing.M) { os.Exit(With(m).Run()) }

// A Runner runs the tests of a package and stops the server that [DSN] started.
type Runner struct{ m *testing.M }

// With returns a Runner of the tests of m.
func With(m *testing.M) Runner {
	shared.main = true
	return Runner{m}
}

// Run runs the tests and returns an exit code.
func (r Runner) Run() int {
	flag.Parse()
	// These tests wait more than they compute: for servers, and for limits of time.
	if err := flag.Set("test.parallel", parallel); err != nil {
		panic(err)
	}
	code := r.m.Run()
	if shared.server != nil {
		if err := shared.server.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest: stop the server:", err)
			code = max(code, 1)
		}
	}
	return code
}

// DSN returns the address of a new database.
func DSN(t testing.TB) string {
	t.Helper()
	if !shared.main {
		t.Fatal("pgtest: the package has no TestMain that calls pgtest.Main")
	}
	shared.once.Do(func() { shared.server, shared.err = start() })
	switch {
	case errors.Is(shared.err, errMissing) && os.Getenv("CITEWELL_REQUIRE_MILVUS") != "1":
		t.Skip(shared.err)
	case shared.err != nil:
		t.Fatalf("pgtest: %v", shared.err)
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.databases++
	name := fmt.Sprintf("test%d", shared.databases)
	if err := shared.server.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	return shared.server.dsn(name)
}

// A server is a running PostgreSQL.
type server struct {
	dir   string
	cmd   *exec.Cmd
	stdin io.Closer // the server stops when it is closed, also when the tests are killed
	log   *bytes.Buffer
}

// start creates a cluster in a new folder and runs its server.
func start() (_ *server, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pg") // short: the path of a socket has 107 bytes at most
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, log: &bytes.Buffer{}}
	as, err := owner(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(as[0], append(as[1:], filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")...)
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	// The shell stops the server and removes its folder when its own input ends,
	// which also happens when the tests are killed.
	const script = `"$@" & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid; status=$?; rm -rf "$0"; exit $status`
	s.cmd = exec.Command(as[0], append(as[1:], "sh", "-c", script, dir, filepath.Join(bin, "postgres"),
		"-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, s.log, s.log
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for begin := time.Now(); ; {
		if err = s.exec("SELECT 1"); err == nil {
			return s, nil
		}
		if time.Since(begin) > startTimeout {
			return nil, errors.Join(err, s.stop(), errors.New(s.log.String()))
		}
		time.Sleep(50 * time.Millisecond) // until it listens: the server does not report when
	}
}

// programs returns the folder of the newest PostgreSQL.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		// Unreachable: the pattern is well formed.
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			found = append(found, filepath.Dir(p))
		}
	}
	for _, dir := range found {
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", errMissing
}

// version returns the number in /usr/lib/postgresql/15/bin.
func version(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // what is not a number comes last
	return n
}

// owner returns the command that runs another one as a user who may run PostgreSQL,
// which refuses to run as root. It makes that user the owner of dir.
func owner(dir string) ([]string, error) {
	if os.Geteuid() != 0 {
		return []string{"env"}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return []string{"runuser", "-u", "postgres", "--"}, os.Chown(dir, uid, gid)
}

// dsn returns the address of a database.
func (s *server) dsn(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.dir}, "user": {"postgres"}}.Encode()
}

// exec runs a statement in the server's own database, which no test uses.
func (s *server) exec(statement string) error {
	db, err := sql.Open("pgx", s.dsn("postgres"))
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

// stop stops the server and removes its folder.
func (s *server) stop() error {
	return errors.Join(s.stdin.Close(), s.cmd.Wait())
}
