//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/internal/nginxtest"
	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

const (
	scaleServers = 3
	scaleAskers  = 8
	scalePause   = 20 * time.Millisecond // of an asker, since all share the machine
	scalePages   = 80
	scaleFirst   = 30 // pages of the first version of the site
	scaleHeld    = 64 // pages that a run gets before it is held
)

// A growingSite has scaleFirst pages, and once it has grown scalePages pages that all
// have other words. Then it answers for the last pages when it is released.
type growingSite struct {
	grown    atomic.Bool
	once     sync.Once
	held     chan struct{} // closed when a page is asked for that is held back
	released chan struct{}
}

func (s *growingSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pages, grown := scaleFirst, s.grown.Load()
	if grown {
		pages = scalePages
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/guide/"), ".html"))
	if r.URL.Path == "/guide/" {
		n, err = 0, nil
	} else if n == 0 {
		err = strconv.ErrRange
	}
	if err != nil || n < 0 || n >= pages {
		http.NotFound(w, r)
		return
	}
	if grown && n >= scaleHeld {
		s.once.Do(func() { close(s.held) })
		select {
		case <-s.released:
		case <-r.Context().Done():
			return
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<html lang=en><head><title>Kettle p%d</title></head><body><nav>", n)
	for to := 1; to < pages; to++ {
		fmt.Fprintf(&b, `<a href="/guide/%d.html">next</a> `, to)
	}
	word := map[bool]string{false: "kettle", true: "teapot"}[grown]
	fmt.Fprintf(&b, "</nav><main><h1>Kettle p%d</h1>", n)
	for i := range 20 + n%20 {
		fmt.Fprintf(&b, "<p>Paragraph %d of page p%d tells how long the %s boils, how it is filled, and when it rings.</p>", i, n, word)
	}
	b.WriteString("</main></body></html>")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(b.Bytes())))
	if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(b.Bytes())
}

// A program is a running citewell.
type program struct {
	cmd    *exec.Cmd
	ended  chan struct{} // closed when its output has ended
	stderr bytes.Buffer  // whole when ended is closed
}

// startProgram starts citewell and waits for a line that begins with a prefix, which it
// returns.
func startProgram(t *testing.T, env []string, prefix string, args ...string) (*program, string) {
	t.Helper()
	p := &program{cmd: exec.CommandContext(t.Context(), "citewell", args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	out, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.stderr.WriteString(lines.Text() + "\n")
			if strings.HasPrefix(lines.Text(), prefix) {
				select {
				case found <- lines.Text():
				default:
				}
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); <-p.ended; _ = p.cmd.Wait() })
	if prefix == "" {
		return p, ""
	}
	select {
	case line := <-found:
		return p, line
	case <-p.ended:
		t.Fatalf("citewell %s ended before it printed %q:\n%s", args[0], prefix, &p.stderr)
		return nil, ""
	}
}

// end waits for the end of a program.
func (p *program) end() error {
	<-p.ended
	return p.cmd.Wait()
}

// A request is what an asker sent and got.
type request struct {
	id, path   string
	afterKill  bool // sent after the server was killed
	status     int
	server, by string // address of the server that answered; all that nginx tried
	err        error
}

// A load is questions and searches by several askers through a proxy.
type load struct {
	base    string
	killed  atomic.Bool // the server has ended
	quit    chan struct{}
	askers  sync.WaitGroup
	mu      sync.Mutex
	all     []request
	answers map[string]int // by server
}

func startLoad(base string) *load {
	l := &load{base: base, quit: make(chan struct{}), answers: map[string]int{}}
	for asker := range scaleAskers {
		l.askers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.quit:
					return
				case <-time.After(scalePause):
				}
				r := l.send(asker, n)
				l.mu.Lock()
				l.all = append(l.all, r)
				if r.status == http.StatusOK {
					l.answers[r.server]++
				}
				l.mu.Unlock()
			}
		})
	}
	return l
}

// send sends a question, or each second time a search.
func (l *load) send(asker, n int) request {
	text := fmt.Sprintf("How long does the kettle of page p%d boil, asks %d?", n%scaleFirst, asker*1_000_000+n)
	path, body := "/v1/ask", map[string]string{"question": text}
	if n%2 == 1 {
		path, body = "/v1/search", map[string]string{"query": text}
	}
	r := request{id: fmt.Sprintf("asker-%d-%d", asker, n), path: path, afterKill: l.killed.Load()}
	b, err := json.Marshal(body)
	if err != nil {
		r.err = err
		return r
	}
	req, err := http.NewRequest(http.MethodPost, l.base+path, bytes.NewReader(b))
	if err != nil {
		r.err = err
		return r
	}
	req.Close = true
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Request-ID", r.id)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.err = err
		return r
	}
	defer res.Body.Close()
	r.status, r.by = res.StatusCode, res.Header.Get("X-Tried")
	r.server = r.by[strings.LastIndex(r.by, " ")+1:]
	_, r.err = io.Copy(io.Discard, res.Body)
	return r
}

// answered reports whether each of some servers has answered n requests.
func (l *load) answered(servers []string, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !slices.ContainsFunc(servers, func(s string) bool { return l.answers[s] < n })
}

func (l *load) stop() []request {
	close(l.quit)
	l.askers.Wait()
	return l.all
}

// until waits until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > 2*time.Minute {
			t.Fatalf("after two minutes still not: %s", what)
		}
	}
}

// TestScaleOut runs servers and ingesting processes on one Milvus server and one
// PostgreSQL behind nginx, as docs/scale.md describes it, and kills one of each under load.
func TestScaleOut(t *testing.T) {
	t.Parallel()
	dsn, uri, name := pgtest.DSN(t), "http://"+milvustest.Addr(t), fmt.Sprintf("scale%d", time.Now().UnixNano())
	settings := map[string]string{"CITEWELL_MILVUS": uri, "CITEWELL_NAME": name, "CITEWELL_STATE": dsn, "CITEWELL_EMBEDDER": "constant",
		"CITEWELL_MIN_EVIDENCE": "0", "CITEWELL_WAIT": "5m", "CITEWELL_TOKEN": testToken, "CITEWELL_YES": "true"}
	var env []string
	for name, value := range settings {
		env = append(env, name+"="+value)
	}
	here := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), args, func(name string) string { return settings[name] }, &out, &out); err != nil {
			t.Fatalf("citewell %s: %v\n%s", args, err, &out)
		}
		return out.String()
	}
	servers, addresses := map[string]*program{}, []string(nil)
	for range scaleServers {
		p, line := startProgram(t, env, "ask at ", "serve", "--addr", "127.0.0.1:0")
		address := strings.TrimPrefix(askAt.FindString(line), "http://")
		servers[address], addresses = p, append(addresses, address)
	}
	site := &growingSite{held: make(chan struct{}), released: make(chan struct{})}
	ts := httptest.NewServer(site)
	t.Cleanup(ts.Close)
	guide := ts.URL + "/guide/"
	here("ingest", guide)
	t.Cleanup(func() {
		_ = run(context.WithoutCancel(t.Context()), []string{"rm"}, func(name string) string { return settings[name] }, io.Discard, io.Discard)
	})

	l := startLoad("http://" + startScaleProxy(t, addresses))
	stopped := sync.OnceValue(l.stop)
	t.Cleanup(func() { stopped() })

	site.grown.Store(true)
	first, _ := startProgram(t, env, "", "ingest", guide)
	select {
	case <-site.held:
	case <-first.ended:
		t.Fatalf("the first run ended: %s", &first.stderr)
	}
	until(t, "the first run has written pages", func() bool { return strings.Count(here("pages"), "indexed") > scaleFirst })
	second, waits := startProgram(t, env, "waiting: ", "ingest", guide)
	if want := fmt.Sprintf("process %d on ", first.cmd.Process.Pid); !strings.Contains(waits, want) {
		t.Errorf("the second run prints %q, want that it waits for %q", waits, want)
	}
	until(t, "each server has answered", func() bool { return l.answered(addresses, 10) })
	victim := addresses[0]
	for _, p := range []*program{servers[victim], first} {
		if err := p.cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
	}
	_, _ = servers[victim].end(), first.end()
	l.killed.Store(true)
	close(site.released)
	undisturbed := filepath.Join(t.TempDir(), "undisturbed.db") // while the second run waits for the lease of the first one
	here("ingest", "--milvus", undisturbed, guide)
	if err := second.end(); err != nil {
		t.Errorf("the second run = %v\n%s", err, &second.stderr)
	}
	all := stopped()
	for _, address := range addresses[1:] {
		if err := servers[address].cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := servers[address].end(); err != nil {
			t.Errorf("a server ended with %v\n%s", err, &servers[address].stderr)
		}
	}
	checkRequests(t, all, victim)
	checkLog(t, dsn, all, victim)
	here("doctor")
	if diff := cmp.Diff(contents(t, undisturbed, name), contents(t, uri, name)); diff != "" {
		t.Errorf("index (-undisturbed +this):\n%s", diff)
	}
}

// startScaleProxy starts nginx as deploy/nginx.scale.conf configures it.
func startScaleProxy(t *testing.T, servers []string) string {
	t.Helper()
	conf, err := os.ReadFile("../../deploy/nginx.scale.conf")
	if err != nil {
		t.Fatal(err)
	}
	return nginxtest.StartBlock(t, func(addr string) string {
		edits := []string{"listen 80;", "listen " + addr + "; add_header X-Tried $upstream_addr always;"}
		for n, s := range servers {
			edits = append(edits, fmt.Sprintf("citewell-%d:8080", n+1), s)
		}
		return strings.NewReplacer(edits...).Replace(string(conf))
	})
}

// checkRequests checks that no request failed but those in flight at the killed server.
func checkRequests(t *testing.T, all []request, victim string) {
	t.Helper()
	inFlight, after := 0, 0
	for _, r := range all {
		switch {
		case r.err == nil && r.status == http.StatusOK:
			if r.afterKill {
				after++
			}
		case r.err == nil && r.status == http.StatusBadGateway && r.server == victim && !r.afterKill:
			inFlight++
		default:
			t.Errorf("a request failed that was not in flight at %s: %+v", victim, r)
		}
	}
	t.Logf("%d requests, %d of them after a server was killed; %d were in flight at it", len(all), after, inFlight)
	if inFlight > scaleAskers || after < scaleAskers {
		t.Errorf("%d requests were in flight, and %d were answered afterwards, by %d askers", inFlight, after, scaleAskers)
	}
}

// checkLog checks that each answered question is logged once. A server that is killed
// may not have logged what it answered last.
func checkLog(t *testing.T, dsn string, all []request, victim string) {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	logged := map[string]int{}
	for after := ""; ; {
		questions, err := db.Questions(t.Context(), state.QuestionFilter{After: after, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range questions {
			logged[q.RequestID]++
			after = q.ID
			if q.Outcome != state.OutcomeAnswered && q.Outcome != state.OutcomeUnanswered {
				t.Errorf("question %s is logged as %s %s", q.RequestID, q.Outcome, q.Reason)
			}
		}
		if len(questions) == 0 {
			break
		}
	}
	asked, byVictim, missing := 0, 0, 0
	for _, r := range all {
		if n := logged[r.id]; n > 1 {
			t.Errorf("question %s is logged %d times", r.id, n)
		}
		if r.path != "/v1/ask" || r.status != http.StatusOK {
			continue
		}
		asked++
		if r.server == victim {
			byVictim++
		}
		if logged[r.id] == 0 {
			if missing++; r.server != victim {
				t.Errorf("question %s, which %s answered, is not logged", r.id, r.server)
			}
		}
	}
	t.Logf("%d questions were answered, %d of them by the killed server, of which %d are not logged", asked, byVictim, missing)
	if missing > byVictim/2 {
		t.Errorf("of %d questions that the killed server answered, %d are not logged", byVictim, missing)
	}
}

// contents returns the pages of an index and their chunks, by address.
func contents(t *testing.T, uri, name string) map[string]any {
	t.Helper()
	ctx := t.Context()
	store, err := milvus.Open(ctx, milvus.Config{URI: uri, Name: name, LiteDir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	pages := map[string]index.Page{}
	if err := store.EachPage(ctx, func(p index.Page) error {
		if _, ok := pages[p.URL]; ok {
			t.Errorf("%s has two rows", p.URL)
		}
		p.CrawledAt, p.DiscoveredFrom = time.Time{}, "" // runs read pages in their own order
		pages[p.URL] = p
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	stats, err := store.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if stats.Pages != scalePages {
		t.Errorf("%s holds %+v, want %d pages", uri, stats, scalePages)
	}
	all := map[string]any{"stats": stats, "pages": pages}
	for _, u := range slices.Sorted(maps.Keys(pages)) {
		chunks, err := store.ChunksOf(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		for i := range chunks {
			chunks[i].CrawledAt = time.Time{}
		}
		all[u] = chunks
	}
	return all
}
