//go:build unix

package crashtest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// With these variables the test binary ingests instead of running tests.
const (
	fileEnv = "CITEWELL_TEST_CRASH_FILE"
	siteEnv = "CITEWELL_TEST_CRASH_SITE"
	liteEnv = "CITEWELL_TEST_CRASH_LITE"

	rebuildEnv = "CITEWELL_TEST_CRASH_REBUILD" // not empty: it rebuilds the index
	waitEnv    = "CITEWELL_TEST_CRASH_WAIT"    // for another run; without an end if it is empty
)

const dim = 16

// patience is how long Milvus Lite may take on a busy machine.
const patience = time.Minute

func TestMain(m *testing.M) {
	if file := os.Getenv(fileEnv); file != "" {
		if err := child(context.Background(), file, os.Getenv(siteEnv), os.Getenv(liteEnv)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("done")
		return
	}
	milvustest.Main(m)
}

// child ingests the site. It prints a line before and after each step at which it
// may be killed.
func child(ctx context.Context, file, site, lite string) error {
	wait, err := time.ParseDuration(cmp.Or(os.Getenv(waitEnv), "1h"))
	if err != nil {
		return err
	}
	store, err := milvus.Open(ctx, milvus.Config{URI: file, Name: "crash", LiteDir: lite, DialTimeout: patience, LeaseWait: wait,
		Waiting: func(index.Holder) { fmt.Println("waiting") }})
	if err != nil {
		return err
	}
	defer store.Close()
	in, err := ingest.New(ingest.Config{
		Opener: loud{store}, Embedder: embed.Constant{Dim: dim}, PruneAll: true,
	})
	if err != nil {
		return err
	}
	_, err = in.Ingest(ctx, []string{site}, os.Getenv(rebuildEnv) != "")
	return err
}

// A loud store prints what it does.
type loud struct{ ingest.Store }

func (l loud) Begin(ctx context.Context, fp index.Fingerprint, rebuild bool) (index.Run, error) {
	fmt.Println("begin")
	run, err := l.Store.Begin(ctx, fp, rebuild)
	fmt.Println("begun")
	return loudRun{run}, err
}

type loudRun struct{ index.Run }

func (l loudRun) Stored(ctx context.Context, urls []string) (map[string][]index.Chunk, error) {
	fmt.Println("stored")
	return l.Run.Stored(ctx, urls)
}

func (l loudRun) Put(ctx context.Context, changes []index.Change) error {
	fmt.Println("put")
	err := l.Run.Put(ctx, changes)
	fmt.Println("was put")
	return err
}

func (l loudRun) Remove(ctx context.Context, urls []string) (int, error) {
	fmt.Println("remove")
	n, err := l.Run.Remove(ctx, urls)
	fmt.Println("removed")
	return n, err
}

func (l loudRun) Commit(ctx context.Context) error {
	fmt.Println("commit")
	err := l.Run.Commit(ctx)
	fmt.Println("committed")
	return err
}

// run ingests in another process. If after is not negative, the process is killed
// soon after it has printed that many lines, and Milvus Lite too if lite is set.
// run returns the number of lines that the process printed.
func run(t *testing.T, s *site, file, dir string, after int, delay time.Duration, lite bool) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fileEnv+"="+file, siteEnv+"="+s.url, liteEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
		return 0
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return 0
	}
	lines, last := 0, ""
	for sc := bufio.NewScanner(out); sc.Scan(); {
		last = sc.Text()
		if lines++; lines == after {
			for end := time.Now().Add(delay); time.Now().Before(end); {
				// Busy waiting, since a timer cannot wait for so short a time.
			}
			if lite {
				killLite(t, file)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			_, _ = io.Copy(io.Discard, out)
			break
		}
	}
	err = cmd.Wait()
	if after < 0 && (err != nil || last != "done") {
		t.Errorf("the run ended with %q, %v", last, err)
	}
	return lines
}

// killLite kills the Milvus Lite that serves a file.
func killLite(t *testing.T, file string) {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Error(err)
	}
	for _, name := range names {
		line, err := os.ReadFile(name)
		args := strings.Split(string(line), "\x00")
		if err != nil || len(args) < 2 || filepath.Base(args[0]) != "milvus" || args[1] != file {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(name, "/proc/%d/", &pid); err != nil {
			t.Error(err)
			continue
		}
		_ = syscall.Kill(pid, syscall.SIGKILL) // It may have ended by itself.
	}
}

// An image is everything that an index contains.
type image struct {
	Pages  []index.Page
	Crawls []index.Crawl
	Chunks []index.Chunk
	Hits   []string // of two searches, with scores: they stand for the vectors
	Stats  milvus.Stats
}

// read returns the contents of an index file, without the times of visits.
func read(t *testing.T, file, dir string) image {
	t.Helper()
	ctx := t.Context()
	store, err := milvus.Open(ctx, milvus.Config{URI: file, Name: "crash", LiteDir: dir, DialTimeout: patience, SearchTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var im image
	err = store.EachPage(ctx, func(p index.Page) error {
		p.CrawledAt = time.Time{}
		im.Pages = append(im.Pages, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if im.Crawls, err = store.Crawls(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range im.Crawls {
		im.Crawls[i].CrawledAt = time.Time{}
	}
	if im.Stats, err = store.Stats(ctx); err != nil {
		t.Fatal(err)
	}
	vectors, err := embed.Constant{Dim: dim}.Embed(ctx, []string{"one", "two"}, embed.Query)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vectors {
		hits, err := retrievetest.Nearest(ctx, store, v, 2000, retrieve.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			im.Hits = append(im.Hits, fmt.Sprintf("%s %.5f", h.ID, h.Score))
			if h.CrawledAt = (time.Time{}); i == 0 {
				im.Chunks = append(im.Chunks, h.Chunk)
			}
		}
	}
	slices.SortFunc(im.Chunks, func(a, b index.Chunk) int { return strings.Compare(a.ID, b.ID) })
	if len(im.Chunks) != im.Stats.Chunks || im.Stats.Windows < im.Stats.Chunks {
		t.Errorf("%d chunks are found, of %+v", len(im.Chunks), im.Stats)
	}
	return im
}

// later removes where pages were discovered. Of several pages that link to a page,
// an undisturbed run keeps the one recorded first as long as it is unchanged; a run
// after a killed one reads all of them and may record another one.
func (im *image) later() {
	for i := range im.Pages {
		im.Pages[i].DiscoveredFrom = ""
	}
}

// TestKilledRuns kills runs on a new index, and runs on an index whose site has
// changed since.
func TestKilledRuns(t *testing.T) {
	t.Parallel()
	dir := milvustest.LiteDir(t)
	points := points
	if testing.Short() {
		points = 2
	}
	s := newSite(t)
	base := filepath.Join(t.TempDir(), "base.db")
	firstLines := run(t, s, base, dir, -1, 0, false)
	want := read(t, base, dir)
	t.Run("first", func(t *testing.T) { kill(t, s, "", dir, points/2, firstLines, want) })

	s.version.Store(1)
	changed := filepath.Join(t.TempDir(), "changed.db")
	copyFile(t, base, changed)
	laterLines := run(t, s, changed, dir, -1, 0, false)
	want = read(t, changed, dir)
	want.later()
	t.Run("later", func(t *testing.T) { kill(t, s, base, dir, points-points/2, laterLines, want) })
}

// kill kills runs on copies of base, or on new files if base is empty. An
// undisturbed run prints the given number of lines; the point is a random one of them.
func kill(t *testing.T, s *site, base, dir string, points, lines int, want image) {
	var wg sync.WaitGroup
	room := make(chan struct{}, 2)
	for i := range points {
		file := filepath.Join(t.TempDir(), "index.db")
		after, delay := 1+rand.IntN(lines-1), time.Duration(rand.IntN(5000))*time.Microsecond
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			if base != "" {
				copyFile(t, base, file)
			}
			run(t, s, file, dir, after, delay, i%2 == 0)
			run(t, s, file, dir, -1, 0, false)
			got := read(t, file, dir)
			if base != "" {
				got.later()
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("killed %v after line %d of %d, with Milvus Lite: %v: index (-undisturbed +killed):\n%s", delay, after, lines, i%2 == 0, diff)
			}
		})
	}
	wg.Wait()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}
