package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/state"
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
		if strings.HasPrefix(path, c.Path) {
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	described.check(method, path, body, w.Code, w.Header(), w.Body.Bytes())
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
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/admin/" || cookie.MaxAge != 8*60*60 || cookie.Secure || strings.Contains(cookie.Value, secrets[key]) {
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
	s.Sessions, s.BasePath = db, "/help"
	b = &browser{s.routes(), map[string]*http.Cookie{}}
	r := httptest.NewRequest("POST", "http://"+ownName+"/admin/login", strings.NewReader(`{"key": "`+secrets["admin-key"]+`"}`))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Forwarded-Proto", "https")
	w := httptest.NewRecorder()
	if b.h.ServeHTTP(w, r); w.Code != 200 || !strings.Contains(w.Header().Get("Set-Cookie"), "Path=/help/admin/;") || !strings.Contains(w.Header().Get("Set-Cookie"), "; Secure") {
		t.Errorf("behind a proxy with TLS, the cookie is %s", w.Header().Get("Set-Cookie"))
	}
}
