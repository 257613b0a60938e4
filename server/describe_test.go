package server

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server/apidoc"
	"github.com/citewell/citewell/server/apidoc/apidoctest"
	"github.com/citewell/citewell/server/limit"
	"github.com/citewell/citewell/server/openai"
	"github.com/citewell/citewell/server/web"
)

// describedServer is a server that can do everything that is described.
func describedServer() *api {
	s := openServer()
	s.Jobs, s.Agentic, s.Images, s.RequireKey = JobForms{job.Request{}, job.Progress{}, ingest.Report{}, nil}, true, true, true
	s.Limiter, s.ProofOfWork = limit.New(limit.Config{}), true
	return s
}

// A comparison compares all replies to the requests of tests with the description.
type comparison struct {
	checker func() *apidoctest.Checker
	mu      sync.Mutex
	faults  []string
}

var described = &comparison{checker: sync.OnceValue(func() *apidoctest.Checker {
	w := httptest.NewRecorder()
	describedServer().routes().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/openapi.json", nil))
	c, err := apidoctest.New(w.Body.Bytes())
	if err != nil {
		panic(err)
	}
	return c
})}

func (c *comparison) check(method, path, body string, status int, header http.Header, reply []byte) {
	if status == http.StatusNotFound && strings.Contains(string(reply), `"not_found"`) || strings.HasPrefix(path, "/docs") {
		return // that server lacks the route, or the command has mounted it
	}
	if err := c.checker().Check(method, path, []byte(body), status, header, reply); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.faults = append(c.faults, err.Error())
	}
}

// TestMain fails if a reply to any test is not as the description says.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, f := range described.faults {
		fmt.Fprintln(os.Stderr, "not as /openapi.json says:", f)
		code = 1
	}
	os.Exit(code)
}

// TestDescription checks that the description is valid and has every route.
func TestDescription(t *testing.T) {
	t.Parallel()
	s := describedServer()
	apidoc.Document(s.spec()) // panics, saying what is not described
	engine := s.routes()
	w := do(engine, http.MethodGet, "/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Errorf("the description is invalid: %v", err)
	}
	var want, got []string
	for _, r := range engine.Routes() {
		if r.Method != http.MethodHead && !strings.HasPrefix(r.Path, "/docs") { // mounted by the command
			want = append(want, r.Method+" "+r.Path)
		}
	}
	table := rules(t)
	for _, op := range s.spec().Operations {
		got = append(got, op.Method+" "+op.Path)
		if scope := table[op.Method+" "+op.Path].scope; strings.Join(op.Scopes, ", ") != strings.TrimPrefix(scope, "none") {
			t.Errorf("%s %s needs %v, in SECURITY.md %q", op.Method, op.Path, op.Scopes, scope)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-) and their descriptions (+) differ:\n%s", diff)
	}
}

// defective fails with err wherever a handler asks somebody else.
type defective struct {
	jobs
	index.Manifest
	err error
}

func (b defective) Vote(context.Context, string, int, string) error         { return b.err }
func (b defective) ChunksOf(context.Context, string) ([]index.Chunk, error) { return nil, b.err }
func (b defective) EachPage(context.Context, func(index.Page) error) error  { return b.err }
func (b defective) Job(context.Context, string) (state.Job, error)          { return state.Job{}, b.err }
func (b defective) Cancel(context.Context, string) (state.Job, error)       { return state.Job{}, b.err }
func (b defective) Extract(context.Context, Extraction) (*structured.Result, error) {
	return nil, b.err
}

// defectiveServer is s, but its parts fail with an error of a kind.
func defectiveServer(s *api, k *problem.Kind) http.Handler {
	var err error = k
	if k == problem.Internal {
		err = errors.New("broken")
	}
	d, b := &api{Config: s.Config, crossOrigin: s.crossOrigin, site: s.site}, defective{jobs{err: err}, nil, err}
	d.Answerer, d.Retriever, d.Manifest, d.Voter, d.Ingester, d.Extractor, d.Images, d.Sessions, d.Issuer, d.Reports, d.Reviews = fake{err: err}, fake{err: err}, b, b, b, b, false, sessions{err}, issuer{err}, reported{err}, reported{err}
	if k == problem.TooManyRequests {
		d.Answerer, d.Retriever, d.Extractor, d.Manifest, d.Voter, d.Sessions, d.signInsPerMinute = fake{}, fake{}, extractor{}, indexed(), keeper{}, sessions{}, 1
	}
	if k == problem.NotFound { // there is no logo
		d.site, _ = web.New(web.Settings{})
	}
	return d.routes()
}

// TestDescribedErrors checks that each error that is described for a route reaches a
// client of it, and that each kind of error is described for some route.
func TestDescribedErrors(t *testing.T) {
	t.Parallel()
	s := describedServer()
	keyed, _, secrets := keyedServer(t, true)
	s.Keys = keyed.Keys
	spec := s.spec()
	servers := map[*problem.Kind]http.Handler{}
	for _, k := range problem.All() {
		servers[k] = defectiveServer(s, k)
	}
	described := map[string]bool{
		problem.MethodNotAllowed.Code: true, // of other methods than those described
		problem.Canceled.Code:         true, // there is no client any more
		problem.IndexBusy.Code:        true, // of ingestion, where it is in the job's report
		problem.StoreFull.Code:        true, // the same
	}
	for _, op := range spec.Operations {
		codes := map[*problem.Kind]bool{}
		for _, k := range op.Problems {
			codes[k] = true
		}
		for _, k := range problem.All() {
			code := k.Code
			if k == problem.Unauthorized && openai.Serves(op.Path) {
				code = "invalid_api_key"
			}
			if codes[k] || slices.ContainsFunc(op.Foreign, func(f apidoc.Failure) bool { return f.Code == code }) {
				described[k.Code] = true
				provoke(t, servers[k], op, k, code, secrets)
			}
		}
	}
	for _, k := range problem.All() {
		if !described[k.Code] {
			t.Errorf("the error %s is described for no route", k.Code)
		}
	}
}

// provoke makes a route fail with an error of a kind.
func provoke(t *testing.T, h http.Handler, op apidoc.Operation, k *problem.Kind, code string, secrets map[string]string) {
	t.Helper()
	host, body := "127.0.0.1", op.Example
	header := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
	signsIn := op.Path == "/admin/login"
	if signsIn {
		body = bodies[op.Path]
	}
	switch k {
	case problem.UnknownHost:
		host = evil
	case problem.CrossOrigin:
		header.Set("Sec-Fetch-Site", "cross-site")
	case problem.Unauthorized:
		header.Del("Authorization")
		if signsIn {
			body = op.Example
		}
	case problem.TooManyRequests: // the token is not limited
		header.Set("Authorization", "Bearer "+secrets["admin-key"])
	case problem.Forbidden:
		lacking := secrets["ingest-key"]
		if slices.Contains(op.Scopes, state.ScopeIngest) {
			lacking = secrets["ask-key"]
		}
		header.Set("Authorization", "Bearer "+lacking)
		if signsIn {
			body = `{"key": "` + lacking + `"}`
		}
	case problem.BadJSON:
		body = "{"
	case problem.BodyTooLarge:
		if body = strings.Repeat(" ", maxBodyBytes+1); op.Path == "/v1/extract" {
			body = strings.Repeat(" ", maxPageBytes+1)
		}
	}
	path := example(op.Path)
	r := httptest.NewRequest(op.Method, "http://"+host+path, strings.NewReader(body))
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for range 2 * limit.Question { // until the limit of a minute is used up
		if k != problem.TooManyRequests || w.Code == k.Status {
			break
		}
		w = httptest.NewRecorder()
		r.Body = io.NopCloser(strings.NewReader(body))
		h.ServeHTTP(w, r)
	}
	described.check(r.Method, r.URL.Path, body, w.Code, w.Header(), w.Body.Bytes())
	if alone := op.Path == "/openapi.json" || op.Path == "/metrics" || op.Tag == "page" || op.Tag == "admin" && !signsIn || op.Path == "/SKILL.md" || op.Path == "/mcp" || strings.HasPrefix(op.Path, "/v1/models"); alone && k == problem.Internal {
		return // asks nobody else, so that only a fault of the program would do
	}
	if w.Code != k.Status || !strings.Contains(w.Body.String(), `"code":"`+code+`"`) {
		t.Errorf("%s %s = %d %s, want %s", op.Method, op.Path, w.Code, w.Body, code)
	}
}

var update = flag.Bool("update", false, "write the table of docs/api.md")

// TestAPITable holds the table of docs/api.md to the description.
func TestAPITable(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../docs/api.md", "<!-- table: begin -->\n", "<!-- table: end -->\n"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(b), begin)
	have, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no %q … %q", file, begin, end)
	}
	var want strings.Builder
	want.WriteString("| Request | Purpose | Errors |\n|---|---|---|\n")
	for _, op := range describedServer().spec().Operations {
		var codes []string
		for _, k := range op.Problems {
			if k != problem.UnknownHost && k != problem.CrossOrigin && k != problem.Internal {
				codes = append(codes, "`"+k.Code+"`")
			}
		}
		for _, f := range op.Foreign {
			if f.Code != problem.Internal.Code {
				codes = append(codes, "`"+f.Code+"`")
			}
		}
		fmt.Fprintf(&want, "| `%s %s` | %s | %s |\n", op.Method, op.Path, op.Summary, strings.Join(codes, " "))
	}
	if *update {
		if err := os.WriteFile(file, []byte(head+begin+want.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), have); diff != "" {
		t.Errorf("%s differs from the program (-program +file); go test ./server -run TestAPITable -update writes it:\n%s", file, diff)
	}
}
