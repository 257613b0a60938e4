package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/sse"
)

// jobs is an Ingester that knows one job, "j1", and fails with err.
type jobs struct {
	err error
	got *job.Request
}

func (s jobs) Start(_ context.Context, decode func(any) error) (state.Job, error) {
	var q job.Request
	if err := decode(&q); err != nil {
		return state.Job{}, err
	}
	if err := q.Validate(); err != nil {
		return state.Job{}, fmt.Errorf("%w: %w", problem.BadIngestion, err)
	}
	if s.got != nil {
		*s.got = q
	}
	return state.Job{ID: "j1", State: state.Queued}, s.err
}

func (s jobs) Job(_ context.Context, id string) (state.Job, error) {
	if id != "j1" {
		return state.Job{}, fmt.Errorf("state: %w", state.ErrNotFound)
	}
	return state.Job{ID: "j1", State: state.Done}, s.err
}

func (s jobs) Jobs(_ context.Context, _ string, limit int) ([]state.Job, error) {
	return slices.Repeat([]state.Job{{ID: "j1", State: state.Done}}, limit), s.err
}

func (s jobs) Cancel(ctx context.Context, id string) (state.Job, error) { return s.Job(ctx, id) }

func (s jobs) Watch(ctx context.Context, id string) iter.Seq2[state.Job, error] {
	return func(yield func(state.Job, error) bool) { yield(s.Job(ctx, id)) }
}

func jobHandler(t *testing.T, in Ingester, beat time.Duration) http.Handler {
	t.Helper()
	h, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Ingester: in, Heartbeat: beat, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestIngestRefuses(t *testing.T) {
	const ok = `{"targets":["https://e.example/"]}`
	for _, tt := range []struct {
		name, method, path, body string
		in                       Ingester
		accept                   string // default: JSON
		status                   int
		code, fix                string
	}{
		{"nothing to ingest with", "POST", "/v1/ingest", ok, nil, "", 409, "no_ingestion", "citewell ingest"},
		{"no JSON", "POST", "/v1/ingest", "{", jobs{}, "", 400, "bad_json", "targets"},
		{"unknown field", "POST", "/v1/ingest", `{"targets":["https://e.example/"],"depth":1}`, jobs{}, "", 400, "bad_json", "targets"},
		{"headers", "POST", "/v1/ingest", `{"targets":["https://e.example/"],"headers":{}}`, jobs{}, "", 400, "bad_ingestion", "configured"},
		{"private addresses", "POST", "/v1/ingest", `{"targets":["https://e.example/"],"allow_private":true}`, jobs{}, "", 400, "bad_ingestion", "configured"},
		{"robots.txt ignored", "POST", "/v1/ingest", `{"targets":["https://e.example/"],"ignore_robots":true}`, jobs{}, "", 400, "bad_ingestion", "configured"},
		{"no limit by number", "POST", "/v1/ingest", `{"targets":["https://e.example/"],"max_depth":-1}`, jobs{}, "", 400, "bad_ingestion", "targets"},
		{"large", "POST", "/v1/ingest", `{"targets":["` + strings.Repeat("x", maxBodyBytes) + `"]}`, jobs{}, "", 413, "body_too_large", "fewer"},
		{"nothing", "POST", "/v1/ingest", `{}`, jobs{}, "", 400, "bad_ingestion", "targets"},
		{"two things", "POST", "/v1/ingest", `{"targets":["https://e.example/"],"configured":"a"}`, jobs{}, "", 400, "bad_ingestion", "targets"},
		{"file", "POST", "/v1/ingest", `{"targets":["https://e.example/","/etc/passwd"]}`, jobs{}, "", 400, "bad_ingestion", "targets"},
		{"file address", "POST", "/v1/ingest", `{"targets":["file:///etc/passwd"]}`, jobs{}, "", 400, "bad_ingestion", "targets"},
		{"relative", "POST", "/v1/ingest", `{"targets":["../docs"]}`, jobs{}, "", 400, "bad_ingestion", "targets"},
		{"refused", "POST", "/v1/ingest", ok, jobs{err: fmt.Errorf("%w: no source of that name", problem.BadIngestion)}, "", 400, "bad_ingestion", "configured"},
		{"full", "POST", "/v1/ingest", ok, jobs{err: state.ErrFull}, "", 429, "too_many_jobs", "DELETE"},
		{"its own cause", "POST", "/v1/ingest", ok, jobs{err: errors.New("secret disk")}, "", 500, "internal", "log"},
		{"no such job", "GET", "/v1/ingest/j2", "", jobs{}, "", 404, "no_such_job", "GET /v1/ingest"},
		{"no such job to watch", "GET", "/v1/ingest/j2", "", jobs{}, sse.MIME, 404, "no_such_job", "GET /v1/ingest"},
		{"no such job to cancel", "DELETE", "/v1/ingest/j2", "", jobs{}, "", 404, "no_such_job", "GET /v1/ingest"},
		{"over", "DELETE", "/v1/ingest/j1", "", jobs{err: fmt.Errorf("state: %w: done", state.ErrOver)}, "", 409, "job_over", "POST"},
		{"limit", "GET", "/v1/ingest?limit=0", "", jobs{}, "", 400, "bad_query", "limit"},
		{"wrong method", "PUT", "/v1/ingest/j1", "", jobs{}, "", 405, "method_not_allowed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(jobHandler(t, tt.in, 0), tt.method, tt.path, tt.body, "Accept", tt.accept, "Authorization", "Bearer "+token)
			got := errorOf(t, w)
			if w.Code != tt.status || got.Code != tt.code || !strings.Contains(got.Fix, tt.fix) || got.Fix == "" || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s %s = %d %s, want %d %s with the fix %q", tt.method, tt.path, w.Code, w.Body, tt.status, tt.code, tt.fix)
			}
		})
	}
}

func TestIngestionFields(t *testing.T) {
	var got job.Request
	ts := httptest.NewServer(jobHandler(t, jobs{got: &got}, 0))
	defer ts.Close()
	body := `{"targets":["https://e.example/"],"source":"docs","selector":"main","include":["/a"],"exclude":["/b"],"max_pages":5,"max_depth":0,
		"rate":2.5,"canonical_base":"https://c.example/","rebuild":true,"prune_all":true}`
	res := call(t, ts, "POST", "/v1/ingest", body, 202, nil)
	if res.Header.Get("Location") != "/v1/ingest/j1" {
		t.Errorf("Location = %q", res.Header.Get("Location"))
	}
	want := job.Request{Targets: []string{"https://e.example/"}, Rebuild: true, PruneAll: true, Options: crawl.Options{
		Source: "docs", Selector: "main", Include: []string{"/a"}, Exclude: []string{"/b"}, MaxPages: 5, MaxDepth: new(0), Rate: 2.5, CanonicalBase: "https://c.example/"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the Ingester is asked (-want +got):\n%s", diff)
	}
	var list jobList
	if call(t, ts, "GET", "/v1/ingest?limit=2", "", 200, &list); len(list.Jobs) != 2 || list.Next != "j1" {
		t.Errorf("list = %+v", list)
	}
}

// call sends a request to this machine and reads its answer.
func call(t *testing.T, ts *httptest.Server, method, path, body string, status int, into any) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, ts.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := ts.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Fatalf("%s %s = %d %s, want %d", method, path, res.StatusCode, b, status)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return res
}

// An event is one of a stream; a comment has no name.
type event struct{ name, data, comment string }

// events reads a stream as its standard says.
func events(t *testing.T, ts *httptest.Server, path string) iter.Seq[event] {
	return func(yield func(event) bool) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", ts.URL+path, nil)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Accept", sse.MIME)
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := ts.Client().Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		if got := res.Header.Get("Content-Type"); got != sse.MIME || res.StatusCode != 200 {
			t.Errorf("%s = %d %s", path, res.StatusCode, got)
			return
		}
		var e event
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			switch field, value, _ := strings.Cut(lines.Text(), ":"); field {
			case "event":
				e.name = strings.TrimPrefix(value, " ")
			case "data":
				e.data += strings.TrimPrefix(value, " ")
			case "":
				if value != "" {
					e.comment = value[1:]
					continue
				}
				if !yield(e) {
					return
				}
				e = event{}
			}
		}
	}
}

// slow is an Ingester of package job that ends when it is let.
type slow struct {
	release chan struct{}
	told    func(ingest.Progress)
}

func (c slow) Ingest(ctx context.Context, _ []string, _ bool) (ingest.Report, error) {
	c.told(ingest.Progress{Found: 3, Fetched: 1})
	select {
	case <-ctx.Done():
		return ingest.Report{}, ctx.Err()
	case <-c.release:
		return ingest.Report{Pages: 3, Indexed: 3}, nil
	}
}

// wired makes an Ingester of a runner, as the command does.
type wired struct{ *job.Runner }

func (w wired) Start(ctx context.Context, decode func(any) error) (state.Job, error) {
	var q job.Request
	if err := decode(&q); err != nil {
		return state.Job{}, err
	}
	return w.Runner.Start(ctx, q)
}

// serveJobs serves the jobs of a state until stop, with a runner of its own.
func serveJobs(t *testing.T, file string, release chan struct{}) (_ *httptest.Server, stop func()) {
	t.Helper()
	d, err := state.Open(t.Context(), state.Config{DSN: file})
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.New(job.Config{State: d, Index: "docs", New: func(c job.Crawl) (job.Ingester, error) { return slow{release, c.Progress}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	ts := httptest.NewServer(jobHandler(t, wired{r}, 20*time.Millisecond))
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		ts.Close()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return ts, stop
}

// TestIngest starts, watches, loses its server, watches again, and cancels.
func TestIngest(t *testing.T) {
	file, release := filepath.Join(t.TempDir(), "state.db"), make(chan struct{})
	ts, stop := serveJobs(t, file, release)
	var j state.Job
	res := call(t, ts, "POST", "/v1/ingest", `{"targets":["https://e.example/"]}`, 202, &j)
	path := res.Header.Get("Location")
	if path != "/v1/ingest/"+j.ID || j.State != state.Queued {
		t.Errorf("POST = %+v at %s", j, path)
	}
	beats, last, found := 0, event{}, false
	for e := range events(t, ts, path) {
		last, found = e, found || strings.Contains(e.data, `"found":3`)
		if e.comment == "running" && found {
			if beats++; beats == 1 {
				call(t, ts, "GET", path, "", 200, &j)
				if j.State != state.Running || !strings.Contains(string(j.Progress), `"found":3`) {
					t.Errorf("GET of a job that runs = %+v", j)
				}
				go stop()
			}
		}
	}
	if beats == 0 || last.name != "error" || !strings.Contains(last.data, `"stopping"`) {
		t.Errorf("after %d beats the last event is %+v, want that the server stops", beats, last)
	}
	stop()

	ts, _ = serveJobs(t, file, release)
	released := false
	for e := range events(t, ts, path) {
		if e.name == "" {
			continue
		}
		last = e
		if err := json.Unmarshal([]byte(e.data), &j); err != nil {
			t.Errorf("%s: %v", e.data, err)
		}
		if want := map[bool]string{false: "progress", true: "done"}[j.State.Over()]; e.name != want {
			t.Errorf("event %s of a job that is %s", e.name, j.State)
		}
		if j.State == state.Running && !released {
			close(release)
			released = true
		}
	}
	if last.name != "done" || j.State != state.Done || !strings.Contains(string(j.Report), `"indexed":3`) {
		t.Errorf("the job ends with %s as %+v", last.name, j)
	}
	call(t, ts, "DELETE", path, "", 409, nil)
	var list jobList
	if call(t, ts, "GET", "/v1/ingest", "", 200, &list); len(list.Jobs) != 1 || list.Jobs[0].ID != j.ID || list.Next != "" {
		t.Errorf("list = %+v", list)
	}
}

func TestIngestCancel(t *testing.T) {
	ts, _ := serveJobs(t, filepath.Join(t.TempDir(), "state.db"), make(chan struct{}))
	var running, waiting state.Job
	call(t, ts, "POST", "/v1/ingest", `{"targets":["https://e.example/"]}`, 202, &running)
	call(t, ts, "POST", "/v1/ingest", `{"targets":["https://f.example/"]}`, 202, &waiting)
	if call(t, ts, "DELETE", "/v1/ingest/"+waiting.ID, "", 200, &waiting); waiting.State != state.Canceled {
		t.Errorf("DELETE of a job that waits = %+v", waiting)
	}
	asked := false
	for e := range events(t, ts, "/v1/ingest/"+running.ID) {
		if e.name == "" {
			continue
		}
		if err := json.Unmarshal([]byte(e.data), &running); err != nil {
			t.Error(err)
		}
		if running.State == state.Running && !asked {
			asked = true
			call(t, ts, "DELETE", "/v1/ingest/"+running.ID, "", 202, nil)
		}
	}
	if running.State != state.Canceled {
		t.Errorf("canceled = %+v", running)
	}
	call(t, ts, "DELETE", "/v1/ingest/"+running.ID, "", 409, nil)
	call(t, ts, "POST", "/v1/ingest", `{"configured":"none"}`, 400, nil)
}
