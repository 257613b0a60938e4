package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
)

// A browser sends requests to a server and keeps its cookies.
type browser struct {
	h       http.Handler
	cookies map[string]*http.Cookie
}

func (b *browser) send(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://"+ownName+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for _, c := range b.cookies {
		if strings.HasPrefix(path, "/admin/") { // where it was set
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	address, _, _ := strings.Cut(path, "?")
	described.check(method, address, body, w.Code, w.Header(), w.Body.Bytes())
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w
}

// signedInBrowser returns a server with sessions in a state, and a browser that a key has
// signed in.
func signedInBrowser(t *testing.T, key string) (*api, *state.DB, *browser, map[string]string) {
	t.Helper()
	s, db, secrets := keyedServer(t, false)
	s.Sessions = db
	b := &browser{s.routes(), map[string]*http.Cookie{}}
	if w := b.send("POST", "/admin/login", `{"key": "`+secrets[key]+`"}`, "Origin", "http://"+ownName); w.Code != 200 || len(b.cookies) != 1 {
		t.Fatalf("login with %s = %d %s, cookies %v", key, w.Code, w.Body, b.cookies)
	}
	return s, db, b, secrets
}

// TestSession signs browsers in and out.
func TestSession(t *testing.T) {
	t.Parallel()
	for key, name := range map[string]string{"admin-key": "admin-key", "token": "token"} {
		_, db, b, secrets := signedInBrowser(t, key)
		cookie := b.cookies[sessionCookie]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "" || cookie.MaxAge != 8*60*60 || cookie.Secure || strings.Contains(cookie.Value, secrets[key]) {
			t.Errorf("%s: cookie %v", key, cookie)
		}
		if w := b.send("GET", "/admin/session", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"key":"`+name+`"`) || !strings.Contains(w.Body.String(), `"expires":"20`) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: session = %d %s", key, w.Code, w.Body)
		}
		if w := b.send("POST", "/admin/logout", "", "Sec-Fetch-Site", "same-origin"); w.Code != 200 || len(b.cookies) != 0 {
			t.Errorf("%s: logout = %d %s, cookies %v", key, w.Code, w.Body, b.cookies)
		}
		b.cookies[sessionCookie] = cookie // a copy of it
		if w := b.send("GET", "/admin/session", ""); w.Code != 401 {
			t.Errorf("%s: a session that has ended = %d", key, w.Code)
		}
		log, err := db.Actions(t.Context(), "", 2)
		if err != nil || len(log) != 2 || log[0].Action+log[1].Action != "sign outsign in" && log[0].Action+log[1].Action != "sign insign out" || log[0].Actor != "key "+name {
			t.Errorf("%s: audit log %v, %v", key, log, err)
		}
	}
}

// TestSessionIsBound checks where a session is worth nothing.
func TestSessionIsBound(t *testing.T) {
	t.Parallel()
	s, db, b, _ := signedInBrowser(t, "admin-key")
	secret := b.cookies[sessionCookie].Value
	for _, tt := range []struct {
		name, method, path string
		header             []string
		want               int
	}{
		{"own page", "GET", "/admin/session", nil, 200},
		{"POST without a sign of its page", "POST", "/admin/logout", nil, 403},
		{"POST of a neighbouring site", "POST", "/admin/logout", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://blog.example.com"}, 403},
		{"POST of another site", "POST", "/admin/logout", []string{"Origin", "http://" + evil}, 403},
		{"POST of an unknown page", "POST", "/admin/logout", []string{"Origin", "null"}, 403},
		{"secret as a key", "GET", "/v1/ingest", []string{"Authorization", "Bearer " + secret}, 401},
		{"cookie for other addresses", "GET", "/v1/ingest", []string{"Cookie", sessionCookie + "=" + secret}, 401},
		{"cookie beside a wrong key", "GET", "/admin/session", []string{"Authorization", "Bearer x"}, 401},
	} {
		if w := b.send(tt.method, tt.path, "", tt.header...); w.Code != tt.want {
			t.Errorf("%s = %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
	}
	if _, err := db.RemoveKey(t.Context(), "admin-key", "test"); err != nil {
		t.Fatal(err)
	}
	s.keys.forget()
	if w := b.send("GET", "/admin/session", ""); w.Code != 401 {
		t.Errorf("a session of a removed key = %d", w.Code)
	}
	s, _, b, _ = signedInBrowser(t, "token")
	s.Token = "another-token-of-32-characters-0"
	if w := b.send("GET", "/admin/session", ""); w.Code != 401 {
		t.Errorf("a session of a replaced token = %d", w.Code)
	}
}

// TestSignIn checks who can't sign in, and how often it can be tried.
func TestSignIn(t *testing.T) {
	t.Parallel()
	s, db, secrets := keyedServer(t, false)
	s.Sessions, s.signInsPerMinute = db, 0
	b := &browser{s.routes(), map[string]*http.Cookie{}}
	for i, tt := range []struct {
		name, secret string
		want         int
	}{{"ask", secrets["ask-key"], 403}, {"public", secrets["public"], 401}, {"wrong", secrets["wrong"], 401}, {"empty", "", 401}, {"huge", strings.Repeat("A", 3000), 401}, {"the sixth", secrets["admin-key"], 429}} {
		w := b.send("POST", "/admin/login", `{"key": "`+tt.secret+`"}`, "Origin", "https://"+ownName)
		if w.Code != tt.want || len(b.cookies) > 0 {
			t.Errorf("%d, %s = %d %s, want %d", i, tt.name, w.Code, w.Body, tt.want)
		}
	}
	s, db, secrets = keyedServer(t, false)
	s.Sessions = db
	b = &browser{s.routes(), map[string]*http.Cookie{}}
	r := httptest.NewRequest("POST", "http://"+ownName+"/admin/login", strings.NewReader(`{"key": "`+secrets["admin-key"]+`"}`))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Forwarded-Proto", "https")
	w := httptest.NewRecorder()
	if b.h.ServeHTTP(w, r); w.Code != 200 || !strings.Contains(w.Header().Get("Set-Cookie"), "; Secure") {
		t.Errorf("behind a proxy with TLS, the cookie is %s", w.Header().Get("Set-Cookie"))
	}
}

// TestAdminKeys makes and removes keys by a session.
func TestAdminKeys(t *testing.T) {
	t.Parallel()
	s, db, b, _ := signedInBrowser(t, "admin-key")
	s.Issuer = db
	b.h = s.routes()
	post := func(body string) *httptest.ResponseRecorder {
		return b.send("POST", "/admin/keys", body, "Sec-Fetch-Site", "same-origin")
	}
	w := post(`{"name": "wiki", "scopes": ["search"], "origins": ["https://docs.example.com"], "limits": "20/minute", "days": 90}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"secret":"cwp_`) || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("POST = %d %s", w.Code, w.Body)
	}
	list := b.send("GET", "/admin/keys", "").Body.String()
	for _, want := range []string{`"name":"wiki","scopes":["search"],"origins":["https://docs.example.com"],"limits":"20/minute","created":"20`, `"expires":"20`, `"today":{"requests":0,"tokens":0}`, `"allowed_origins":[]`} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %s:\n%s", want, list)
		}
	}
	if strings.Contains(list, "cwp_") || strings.Contains(list, "cws_") || strings.Count(list, `"name":"admin-key"`) != 1 {
		t.Errorf("the list holds a secret or a session:\n%s", list)
	}
	old := s.keys.find(t.Context(), secretIn(t, w))
	rotate := func(body string) *httptest.ResponseRecorder {
		return b.send("POST", "/admin/rotate", body, "Sec-Fetch-Site", "same-origin")
	}
	w = rotate(`{"name": "wiki", "days": 7}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"name":"wiki","secret":"cwp_`) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("rotate = %d %s", w.Code, w.Body)
	}
	if k := s.keys.byKeyID(t.Context(), old.ID); k == nil || time.Until(k.Expires) > 8*24*time.Hour {
		t.Errorf("the old secret of a rotated key is %+v, want one that expires in a week", k)
	}
	if first := secretIn(t, w); rotate(`{"name": "wiki"}`).Code != 200 || s.keys.find(t.Context(), first) != nil {
		t.Error("a secret that was rotated out at once is still valid")
	}
	for body, code := range map[string]string{`{"name": "none"}`: "no_such_key", `{"name": "wiki", "days": -1}`: "bad_key"} {
		if w := rotate(body); w.Code/100 != 4 || !strings.Contains(w.Body.String(), `"code":"`+code+`"`) {
			t.Errorf("rotate %s = %d %s", body, w.Code, w.Body)
		}
	}
	if w := b.send("DELETE", "/admin/keys/wiki", ""); w.Code != 403 {
		t.Errorf("DELETE without a sign of its page = %d %s", w.Code, w.Body)
	}
	if w := b.send("DELETE", "/admin/keys/wiki", "", "Sec-Fetch-Site", "same-origin"); w.Code != 200 || !strings.Contains(w.Body.String(), `"secrets":1`) {
		t.Errorf("DELETE = %d %s", w.Code, w.Body)
	}
	if log, err := db.Actions(t.Context(), "", 4); err != nil || log[0].Actor != "key admin-key" || !done(log, "add key") || !done(log, "rotate key") || !done(log, "remove key") {
		t.Errorf("audit log %v, %v", log, err)
	}
	for body, want := range map[string]string{
		`{"name": "a b", "scopes": ["ask"]}`:                                "is not a name",
		`{"name": "ask-key", "scopes": ["ask"]}`:                            "already",
		`{"name": "a"}`:                                                     "has no scope",
		`{"name": "a", "scopes": ["all"]}`:                                  "is not one of",
		`{"name": "a", "scopes": ["admin"], "origins": ["https://a.test"]}`: "can't have the scope admin",
		`{"name": "a", "scopes": ["ask"], "origins": ["a.test"]}`:           "is not an origin",
		`{"name": "a", "scopes": ["ask"], "limits": "many"}`:                "is not a limit",
		`{"name": "a", "scopes": ["ask"], "days": -1}`:                      "days is not within",
	} {
		if w := post(body); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("POST %s = %d %s, want %s", body, w.Code, w.Body, want)
		}
	}
	if w := b.send("DELETE", "/admin/keys/none", "", "Sec-Fetch-Site", "same-origin"); w.Code != 404 || !strings.Contains(w.Body.String(), `"no_such_key"`) {
		t.Errorf("DELETE of no key = %d %s", w.Code, w.Body)
	}
}

// done reports whether an action is in the audit log.
func done(log []state.Action, action string) bool {
	return slices.ContainsFunc(log, func(a state.Action) bool { return a.Action == action })
}

// secretIn returns the secret of a reply.
func secretIn(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var made madeKey
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || made.Secret == "" {
		t.Fatalf("no secret in %s: %v", w.Body, err)
	}
	return made.Secret
}

// TestAuditLog reads the audit log page by page.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	s, db, b, _ := signedInBrowser(t, "admin-key")
	s.Issuer = db
	b.h = s.routes()
	const more = 150
	for i := range more {
		if err := db.Audit(t.Context(), state.Action{Actor: "me", Action: "remove page", Object: fmt.Sprint("page ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	seen, after := map[string]bool{}, ""
	for _, want := range []int{actionsPerPage, more - actionsPerPage} {
		w := b.send("GET", "/admin/log?after="+after, "")
		var page actionList
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("log = %d %s, %v", w.Code, w.Body, err)
		}
		for _, a := range page.Actions {
			if a.Action == "remove page" {
				seen[a.Object] = true
				want--
			}
		}
		if after = page.Next; want != 0 {
			t.Errorf("a page lacks %d of the newest entries", want)
		}
	}
	if len(seen) != more || after != "" {
		t.Errorf("%d entries are on the pages, want %d; the next is %q", len(seen), more, after)
	}
}

// TestAdminIndex checks what a session tells of the index, and that it starts ingestions.
func TestAdminIndex(t *testing.T) {
	t.Parallel()
	s, _, b, _ := signedInBrowser(t, "admin-key")
	s.Jobs.Configured = []string{"kettle"}
	got := b.send("GET", "/admin/sources", "").Body.String()
	if want := `{"configured":["kettle"],"sources":[{"source":"`; !strings.HasPrefix(got, want) || !strings.Contains(got, `"decisions":{"indexed":1}`) {
		t.Errorf("sources = %s, want %s…", got, want)
	}
	for query, want := range map[string]string{
		"":                                `{"total":1,"pages":[{"url":"https://e.org/kettle?v=1","title":"The [big] kettle","source":"`,
		"?text=BIG&decision=indexed":      `{"total":1,`,
		"?text=small":                     `{"total":0,"pages":[]}`,
		"?text=e.org/kettle&decision=any": `{"total":0,"pages":[]}`,
	} {
		if w := b.send("GET", "/admin/pages"+query, ""); w.Code != 200 || !strings.HasPrefix(w.Body.String(), want) {
			t.Errorf("pages%s = %d %s, want %s…", query, w.Code, w.Body, want)
		}
	}
	w := b.send("POST", "/admin/ingest", `{"targets": ["https://e.example/"]}`, "Sec-Fetch-Site", "same-origin")
	if w.Code != 202 || w.Header().Get("Location") != "/admin/ingest/j1" {
		t.Errorf("POST = %d %s at %q", w.Code, w.Body, w.Header().Get("Location"))
	}
	s.Manifest = defective{err: index.ErrNoIndex}
	if w := b.send("GET", "/admin/sources", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"sources":[]`) {
		t.Errorf("without an index, sources = %d %s", w.Code, w.Body)
	}
}

// TestAdminReports checks what a session tells of the questions.
func TestAdminReports(t *testing.T) {
	t.Parallel()
	_, _, b, _ := signedInBrowser(t, "admin-key")
	for path, want := range map[string]string{
		"usage":                  `{"days":[{"day":"2026-11-01","questions":1,"unanswered":1,"tokens":0},{"day":"2026-11-02","questions":0,"unanswered":0,"tokens":0},{"day":"2026-11-03","questions":1,"unanswered":0,"tokens":23}]}`,
		"stale?days=7":           `{"questions":[{"id":"","request_id":"","question":"why",`,
		"votes":                  `{"votes":[{"at":"0001-01-01T00:00:00Z","vote":-1,"comment":"no","question":"why","answered":false,"mode":"","cited":[{"n":1,"url":"https://e.org/kettle?v=1","quote":"because","verified":true}]}]}`,
		"votes?days=-7":          `{"error":{"code":"bad_query"`,
		"gaps?days=7":            `{"gaps":[{"size":1,"different":1,"examples":["why"],"reasons":{"unanswered":1},`,
		"gaps?format=csv&days=0": "csv of 0s",
		"gaps?format=md":         "md of 720h0m0s",
		"gaps?format=pdf":        `{"error":{"code":"bad_query","message":"unknown format (want md or csv)"`,
		"gaps?days=x":            `{"error":{"code":"bad_query","message":"invalid days (want a number from 0 to 3650)"`,
		"gaps?days=-1&format=md": `{"error":{"code":"bad_query","message":"invalid days`,
		"usage?days=4000":        `{"error":{"code":"bad_query","message":"invalid days`,
	} {
		if w := b.send("GET", "/admin/"+path, ""); !strings.HasPrefix(w.Body.String(), want) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s = %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
	for body, want := range map[string]int{`{"questions": ["why"], "done": true}`: 200, `{"questions": ["why"], "done": false}`: 200, `{"questions": [], "done": true}`: 400, `{"questions": ["` + strings.Repeat(`why","`, maxMarkedQuestions) + `"], "done": true}`: 400} {
		if w := b.send("POST", "/admin/gaps", body, "Sec-Fetch-Site", "same-origin"); w.Code != want {
			t.Errorf("mark %s = %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
}
