package web_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/retrievetest"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// crawls is the [server.Ingester] of a test that says how far its jobs are.
type crawls struct {
	server.Ingester
	mu   sync.Mutex
	jobs []state.Job
}

func (c *crawls) Start(_ context.Context, decode func(any) error) (state.Job, error) {
	var q struct {
		Targets    []string `json:"targets"`
		Configured string   `json:"configured"`
	}
	if err := decode(&q); err != nil {
		return state.Job{}, err
	}
	request, err := json.Marshal(q)
	if err != nil {
		return state.Job{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	j := state.Job{ID: q.Configured + "1", Configured: q.Configured, State: state.Running, Created: crawled, Started: crawled, Request: request,
		Progress: json.RawMessage(`{"found":10,"fetched":3,"unchanged":1,"embedded":4,"stored":2,"failed":0,"seconds":1}`)}
	c.jobs = append([]state.Job{j}, c.jobs...)
	return j, nil
}

func (c *crawls) Jobs(context.Context, string, int) ([]state.Job, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]state.Job{}, c.jobs...), nil
}

// end ends a job.
func (c *crawls) end(id string, as state.JobState, report string) state.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.jobs {
		if j := &c.jobs[i]; j.ID == id {
			j.State, j.Report = as, json.RawMessage(report)
			return *j
		}
	}
	return state.Job{}
}

func (c *crawls) Cancel(_ context.Context, id string) (state.Job, error) {
	return c.end(id, state.Canceled, ""), nil
}

// newAdmin serves a site whose operators can sign in with the key that it returns.
func newAdmin(t *testing.T) (s *site, db *state.DB, in *crawls, secret string) {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "s.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if secret, err = db.AddKey(t.Context(), state.Key{Name: "boss", Scopes: []string{state.ScopeAdmin}}, "test"); err != nil {
		t.Fatal(err)
	}
	pages := &retrievetest.Oracle{}
	if err := retrievetest.Index(t.Context(), pages, embed.Constant{}, []retrievetest.Text{{URL: "https://docs.example.com/keys/", Title: "Keys", Text: rotation}}); err != nil {
		t.Fatal(err)
	}
	in = &crawls{}
	return newSite(t, web.Settings{Title: "Kettle"}, func(c *server.Config) {
		c.Keys, c.Sessions, c.Issuer, c.Ingester, c.Manifest = db, db, db, in, pages
		c.Reports, c.Reviews = &asked{}, &asked{}
		c.Jobs.Configured, c.AllowedOrigins = []string{"kettle"}, []string{"https://blog.example.com"}
	}), db, in, secret
}

// asked are reports of a few questions.
type asked struct {
	server.Reports
	mu   sync.Mutex
	done bool
}

func (*asked) Questions(context.Context, time.Duration) ([]state.Question, error) {
	return []state.Question{{AskedAt: crawled, Answered: true, Tokens: map[string]int{"prompt_tokens": 1200}}, {AskedAt: crawled.AddDate(0, 0, -9)}}, nil
}

func (a *asked) Gaps(_ context.Context, period time.Duration) (*gaps.Report, error) {
	if period == 0 {
		return &gaps.Report{Gaps: []gaps.Gap{}}, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return &gaps.Report{Unread: 2, Gaps: []gaps.Gap{{Done: a.done, Size: 3, Different: 2, Examples: []string{"How do I <b>export</b>?", "export"}, Reasons: map[string]int{gaps.Unanswered: 2, gaps.Down: 1}, Last: crawled, Answered: true,
		Nearest: &gaps.NearestPage{URL: "https://docs.example.com/keys/", Title: "Keys", Section: "Keys > Rotation"}}}}, nil
}

func (a *asked) MarkGap(_ context.Context, questions []string, done bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done = done && slices.Equal(questions, []string{"How do I <b>export</b>?", "export"})
	return nil
}

func (*asked) Stale(context.Context, time.Duration) ([]stale.Question, error) {
	return []stale.Question{{Question: "<i>keys</i>", AskedAt: crawled, Times: 2, Citations: []stale.Citation{{N: 1, URL: "https://docs.example.com/keys/", Quote: "Keys never end.", Reason: stale.Moved}}}}, nil
}

func (*asked) Votes(context.Context, time.Duration) ([]server.Vote, error) {
	return []server.Vote{{At: crawled, Vote: -1, Comment: "<b>wrong</b>", Question: "keys", Answered: true, Cited: []server.Cited{{N: 1, URL: "https://docs.example.com/keys/", Quote: "Keys <b>never</b> end."}}}, {At: crawled, Vote: -1, Question: "what else", Reason: "the pages do not say", Cited: []server.Cited{}}}, nil
}

// signIn types a key and sends it.
func (b *tab) signIn(key string) {
	b.Helper()
	b.do(chromedp.WaitReady(chromedp.CSS("input[name=key]")))
	eval[bool](b, "document.querySelector('input[name=key]').value = '', true")
	b.do(chromedp.SendKeys(chromedp.CSS("input[name=key]"), key+kb.Enter))
}

const adminShows = "document.querySelector('main').innerText"

// TestAdmin goes the way of an operator: sign in, ingest, make and remove keys, sign out.
func TestAdmin(t *testing.T) {
	s, _, in, secret := newAdmin(t)
	b := newTab(t)
	b.do(chromedp.Navigate(s.URL + "/admin"))
	b.do(chromedp.WaitReady(chromedp.CSS("input[name=key]")))
	b.shows("document.title", "Administration – Kettle")
	b.accessible("sign in")
	b.looks("admin-signin")
	b.signIn("cw_wrong")
	b.until(adminShows + ".includes('The key is wrong')")
	b.signIn(secret)
	b.until("document.querySelectorAll('tbody tr').length === 1 && " + adminShows + ".includes('Nothing was ingested')")
	b.shows(adminShows, "Signed in with boss", "1 indexed", "Ingest kettle")
	if got := eval[string](b, "document.cookie"); got != "" {
		t.Errorf("a script reads the cookie %s", got)
	}

	b.do(chromedp.SendKeys(chromedp.CSS("input[name=target]"), "https://e.example/"+kb.Enter))
	b.until(adminShows + ".includes('3 of 10 pages')")
	b.shows(adminShows, "https://e.example/", "runs")
	b.accessible("sources")
	b.looks("admin-sources")
	in.end("1", state.Done, `{"indexed":7,"unchanged":1,"skipped":1,"failed":1,"pruned":0}`)
	b.until(adminShows + ".includes('7 new or changed, 1 unchanged, 1 skipped, 1 failed, 0 removed')")
	eval[bool](b, "document.querySelector('button[name=configured]').click(), true")
	b.until("document.querySelector('button[name=cancelJob]') !== null")
	eval[bool](b, "document.querySelector('button[name=cancelJob]').click(), true")
	b.until(adminShows + ".includes('stopped') && document.querySelector('button[name=cancelJob]') === null")

	b.do(chromedp.Click(chromedp.CSS("a[href='#pages']")))
	b.until(adminShows + ".includes('1 page')")
	b.shows(adminShows, "https://docs.example.com/keys/", "indexed")
	b.accessible("pages")
	b.do(chromedp.Click(chromedp.CSS("a[href='#test']")), chromedp.WaitReady(chromedp.CSS("input[name=query]")), chromedp.SendKeys(chromedp.CSS("input[name=query]"), "keys"+kb.Enter))
	b.until(adminShows + ".includes('Evidence that the pages hold the answer')")
	b.accessible("test")

	b.do(chromedp.Click(chromedp.CSS("a[href='#keys']")))
	b.until(adminShows + ".includes('New key') && document.querySelectorAll('tbody tr').length === 1")
	b.do(chromedp.SendKeys(chromedp.CSS("textarea"), "https://docs.example.com"), chromedp.SendKeys(chromedp.CSS("input[name=name]"), "wiki"+kb.Enter), chromedp.WaitReady(chromedp.CSS(".secret code")))
	b.until("document.querySelectorAll('tbody tr').length === 2")
	b.shows(adminShows, "boss", "wiki", "search, ask", "https://docs.example.com", "https://blog.example.com", "cwp_")
	b.accessible("keys")
	b.looks("admin-keys")
	b.do(chromedp.SendKeys(chromedp.CSS("input[name=name]"), "wiki"+kb.Enter))
	b.until(adminShows + ".includes('there is a key')")
	const remove = "[...document.querySelectorAll('tr')].find((tr) => tr.cells[0].innerText === '%').querySelector('button[name=removeKey]').click(), true"
	rotate := strings.Replace(remove, "removeKey", "rotateKey", 1)
	first := eval[string](b, "document.querySelector('.secret code').innerText")
	for range 2 {
		eval[bool](b, strings.Replace(rotate, "%", "wiki", 1))
	}
	b.until("document.querySelectorAll('tbody tr').length === 3 && document.querySelectorAll('button[name=rotateKey]').length === 2")
	if second := eval[string](b, "document.querySelector('.secret code').innerText"); second == first || !strings.HasPrefix(second, "cwp_") {
		t.Errorf("after a rotation, the page shows the secret %s", second)
	}
	b.accessible("a rotated key")
	b.looks("admin-rotated")
	eval[bool](b, strings.Replace(remove, "%", "wiki", 1))
	b.shows(adminShows, "Remove: press again")
	eval[bool](b, strings.Replace(remove, "%", "wiki", 1))
	b.until("document.querySelectorAll('tbody tr').length === 2")

	b.do(chromedp.Click(chromedp.CSS("a[href='#gaps']")), chromedp.WaitReady(chromedp.CSS(".gap")))
	b.shows(adminShows, "How do I <b>export</b>?", "asked 3 ×", "1 voted down, 2 unanswered", "answer this now", "Keys › Rotation", "2 questions can't be grouped")
	if got, want := eval[string](b, "document.querySelector('a[download$=csv]').href"), s.URL+"/admin/gaps?days=30&format=csv"; got != want {
		t.Errorf("the table is at %s, want %s", got, want)
	}
	b.accessible("gaps")
	b.looks("admin-gaps")
	b.do(chromedp.Click(chromedp.CSS(".gap button")))
	b.until("document.querySelector('details .gap') !== null && document.activeElement.tagName === 'SUMMARY'")
	b.shows(adminShows, "1 group is done: nobody has asked it since")
	eval[bool](b, "(document.querySelector('select').value = '7', document.querySelector('select').dispatchEvent(new Event('change')))")
	b.until("document.querySelector('[role=status]:not(.unseen)') === null && document.querySelector('details .gap') !== null")
	b.do(chromedp.Click(chromedp.CSS("summary")))
	b.accessible("gaps that are done")
	b.looks("admin-gaps-done")
	b.do(chromedp.Click(chromedp.CSS("details .gap button")))
	b.until("document.querySelector('details').hidden && document.querySelectorAll('.gap').length === 1")
	eval[bool](b, "(document.querySelector('select').value = '0', document.querySelector('select').dispatchEvent(new Event('change')))")
	b.until(adminShows + ".includes('No question of this period')")
	b.do(chromedp.Click(chromedp.CSS("a[href='#stale']")), chromedp.WaitReady(chromedp.CSS(".gap li")))
	b.shows(adminShows, "<i>keys</i>", "answered 2 ×", "only the text around the quote has changed", "Keys never end.")
	b.accessible("stale")
	b.do(chromedp.Click(chromedp.CSS("a[href='#votes']")), chromedp.WaitReady(chromedp.CSS("tbody tr")))
	b.shows(adminShows, "This did not help", "<b>wrong</b>", "https://docs.example.com/keys/", "Keys <b>never</b> end.", "not found word for word", "Why: the pages do not say.", "Ask again")
	if got, want := eval[string](b, "document.querySelector('td a').href"), s.URL+"/?q=keys"; got != want {
		t.Errorf("asking again leads to %s, want %s", got, want)
	}
	b.accessible("votes")
	b.looks("admin-votes")
	b.do(chromedp.Click(chromedp.CSS("a[href='#log']")))
	b.until(adminShows + ".includes('made a key')")
	b.shows(adminShows, "signed in", "made a key", "gave a key a new secret", "removed a key", "key boss")
	b.shows("String(document.querySelector('section > button').hidden)", "true")
	b.accessible("audit log")
	b.looks("admin-log")
	b.do(chromedp.Click(chromedp.CSS("a[href='#usage']")), chromedp.WaitReady(chromedp.CSS(".plot rect")))
	b.shows(adminShows, "Questions: 2 in all, 1 a day at most", "Tokens of the model: 1,200 in all", "2026-11-11")
	b.accessible("usage")
	b.looks("admin-usage")

	b.do(chromedp.Click(chromedp.CSS("nav button")), chromedp.WaitReady(chromedp.CSS("input[name=key]")))
	b.do(chromedp.Reload(), chromedp.WaitReady(chromedp.CSS("input[name=key]")))
	b.signIn(secret)
	b.do(chromedp.Click(chromedp.CSS("a[href='#keys']")))
	b.until(adminShows + ".includes('New key') && document.querySelectorAll('tbody tr').length === 2")
	for range 2 { // the own key
		eval[bool](b, strings.Replace(remove, "%", "boss", 1))
	}
	b.until(adminShows + ".includes('The session has ended')")
	for _, c := range b.complained() {
		if !strings.Contains(c, "401") && !strings.Contains(c, "400") { // that the page shows
			t.Errorf("the page complains: %s", c)
		}
	}
}
