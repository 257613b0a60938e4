package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/lru"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server"
)

// readyz returns the status and the states of the parts.
func readyz(t *testing.T, base string) (int, map[string]string) {
	t.Helper()
	resp, err := http.Get(base + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct{ Parts map[string]string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, got.Parts
}

// TestReadyz checks what /readyz tells of a server before there is an index, with one,
// without its file, and with an index of another embedder in its place.
func TestReadyz(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, other := filepath.Join(dir, "a.db"), filepath.Join(dir, "other.db")
	base, stop := startServe(t, db)
	defer func() {
		if err := stop(); err != nil {
			t.Errorf("serve ended with %v", err)
		}
	}()
	expect := func(when string, status int, want map[string]string) {
		t.Helper()
		got, parts := readyz(t, base)
		if diff := cmp.Diff(want, parts); got != status || diff != "" {
			t.Errorf("readyz %s = %d, want %d; parts: -want +got\n%s", when, got, status, diff)
		}
	}
	expect("without an index", 503, map[string]string{"store": "ok", "index": "failed", "embedder": "ok", "model": "none", "file": "ok"})
	page := filepath.Join(dir, "page.md")
	if err := os.WriteFile(page, []byte("# Keys\n\nA key opens a door.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ingest := func(db, embedder string) {
		t.Helper()
		if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", embedder, page}, os.Getenv, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	ingest(db, "constant")
	ready := map[string]string{"store": "ok", "index": "ok", "embedder": "ok", "model": "none", "file": "ok"}
	expect("with an index", 200, ready)
	if err := os.Rename(db, db+".away"); err != nil {
		t.Fatal(err)
	}
	expect("without the file", 503, map[string]string{"store": "failed", "index": "failed", "embedder": "ok", "model": "none", "file": "failed"})
	if status, _ := post(t, base+"/v1/search", `{"query":"key"}`); status != 503 {
		t.Errorf("search without the file = %d, want 503", status)
	}
	if err := os.Rename(db+".away", db); err != nil {
		t.Fatal(err)
	}
	expect("with the file back", 200, ready)
	ingest(other, "local")
	if err := os.Rename(other, db); err != nil {
		t.Fatal(err)
	}
	expect("with another embedder's index", 503, map[string]string{"store": "ok", "index": "failed", "embedder": "ok", "model": "none", "file": "ok"})
	if status, got := post(t, base+"/v1/search", `{"query":"key"}`); status != 409 {
		t.Errorf("search in another embedder's index = %d %v, want 409", status, got)
	}
}

// failing is an embedder that counts and fails.
type failing struct {
	embed.Constant
	calls atomic.Int32
	err   error
}

func (f *failing) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	f.calls.Add(1)
	if f.err != nil {
		return nil, f.err
	}
	return f.Constant.Embed(ctx, texts, kind)
}

// TestEmbedderProbe checks that a result is kept, and that a client that goes away
// leaves none.
func TestEmbedderProbe(t *testing.T) {
	t.Parallel()
	for _, want := range []error{nil, errors.New("no credit")} {
		f := &failing{err: want}
		e := &embedderProbe{embedder: f, turn: make(chan struct{}, 1)}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.state(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("state() of a client that is gone = %v, want Canceled", err)
		}
		calls := f.calls.Load()
		for range 3 {
			if state, err := e.state(t.Context()); state != server.StateOK || !errors.Is(err, want) || (err != nil) != errors.Is(err, retrieve.ErrEmbedder) {
				t.Errorf("state() = %s, %v, want %v", state, err, want)
			}
		}
		if n := f.calls.Load() - calls; n != 1 {
			t.Errorf("the embedder was asked %d times for 3 requests, want once", n)
		}
	}
}

// found is a finder that finds by vectors, or fails.
type found struct{ err error }

func (f found) Retrieve(context.Context, retrieve.Query) (*retrieve.Result, error) {
	return &retrieve.Result{Mode: retrieve.Hybrid}, f.err
}

// TestProven checks that a part is not asked while searches work, and is asked after that.
func TestProven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			name  string
			err   error
			after time.Duration
			want  int
		}{
			{"works", nil, provenFor / 2, 0},
			{"worked", nil, 2 * provenFor, 1},
			{"fails", errors.New("down"), 0, 1},
		} {
			asked := 0
			f := &provenFinder{Finder: found{tt.err}}
			_, _ = f.Retrieve(t.Context(), retrieve.Query{}) // its error is the fake's
			time.Sleep(tt.after)
			state, err := f.or(func(context.Context) (string, error) { asked++; return server.StateOK, nil })(t.Context())
			if asked != tt.want || state != server.StateOK || err != nil {
				t.Errorf("%s: the part was asked %d times, want %d; %s, %v", tt.name, asked, tt.want, state, err)
			}
		}
	})
}

// TestProvenEmbedder checks that the embedder is not proven by a question whose vector is an
// earlier one.
func TestProvenEmbedder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p proof
		e := embed.Remember(provenEmbedder{&failing{}, &p}, lru.New[embed.Vector](1<<20))
		for i, want := range []int{0, 1} {
			if _, err := e.Embed(t.Context(), []string{"why?"}, embed.Query); err != nil {
				t.Fatal(err)
			}
			asked := 0
			if _, err := p.or(func(context.Context) (string, error) { asked++; return server.StateOK, nil })(t.Context()); err != nil || asked != want {
				t.Errorf("after question %d, the embedder was asked %d times, want %d; %v", i+1, asked, want, err)
			}
			time.Sleep(2 * provenFor)
		}
	})
}

// TestModelState checks that the last result of a model is reported, with the counters
// and the fix.
func TestModelState(t *testing.T) {
	if state, err := modelState(nil); state != server.StateNone || err != nil || modelDetails(nil) != nil {
		t.Errorf("modelState without a model = %s, %v, want none", state, err)
	}
	srv := llmtest.Emulate(t, emulate.Config{})
	ask := func(key string) *llm.Client {
		t.Helper()
		m, err := llm.New(llm.Config{Provider: "openai", Model: "gpt-4o", APIKey: key, BaseURL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		if state, err := modelState(m); state != server.StateUnknown || err != nil {
			t.Errorf("modelState before a request = %s, %v, want unknown", state, err)
		}
		_, _ = m.Complete(t.Context(), llm.Request{Messages: llm.User("hello")}) // modelState tells
		return m
	}
	if state, err := modelState(ask(llmtest.Key)); state != server.StateOK || err != nil {
		t.Errorf("modelState = %s, %v, want ok", state, err)
	}
	m := ask("sk-wrong")
	if _, err := modelState(m); err == nil {
		t.Error("modelState after a failure has no error")
	}
	b, err := json.Marshal(modelDetails(m))
	if want := `{"asked":1,"failed":1,"fix":"the service refuses the key (401); set OPENAI_API_KEY to a valid one","misconfigured":1}`; err != nil || string(b) != want {
		t.Errorf("modelDetails = %s, %v, want %s", b, err, want)
	}
}

// TestStateIsNotIndex gives one file as the index and as the state: it is refused and
// not changed, by whatever names.
func TestStateIsNotIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, link := filepath.Join(dir, "a.db"), filepath.Join(dir, "link.db")
	page := filepath.Join(dir, "page.md")
	if err := os.WriteFile(page, []byte("# Keys\n\nA key opens a door.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses := func(milvus, state string) {
		t.Helper()
		err := run(t.Context(), []string{"ask", "--milvus", milvus, "--state", state, "--embedder", "constant", "What is a key?"}, noEnv, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "is the index, too") {
			t.Errorf("ask --milvus %s --state %s = %v, want that they are the same", milvus, state, err)
		}
	}
	refuses(db, filepath.Join(dir, ".", "a.db")) // neither exists
	if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", "constant", page}, noEnv, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(db, link); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	refuses(db, link)
	if after, err := os.ReadFile(db); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the index was changed, or can't be read: %v", err)
	}
}
