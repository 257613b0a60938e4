package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/state"
)

// keyedServer is openServer with keys in a state: one for each scope, and a public one.
func keyedServer(t *testing.T, requireKey bool) (s *api, db *state.DB, secrets map[string]string) {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "s.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	secrets = map[string]string{"token": token, "wrong": "cw_abcdefghij_" + strings.Repeat("A", 52), "short": "x", "huge": strings.Repeat("A", 60_000)}
	add := func(k state.Key) {
		if secrets[k.Name], err = db.AddKey(t.Context(), k, "test"); err != nil {
			t.Fatal(err)
		}
	}
	for _, scope := range state.Scopes() {
		add(state.Key{Name: scope + "-key", Scopes: []string{scope}, Limits: "1/minute"}) // see Config.Limiter
	}
	add(state.Key{Name: "public", Scopes: []string{state.ScopeAsk, state.ScopeSearch}, Origins: []string{docsOrigin}})
	s = openServer()
	s.Keys, s.RequireKey = db, requireKey
	return s, db, secrets
}

// TestScopes sends every route of SECURITY.md's table the keys of each scope, where
// asking needs a key and where it does not.
func TestScopes(t *testing.T) {
	t.Parallel()
	for _, required := range []bool{true, false} {
		s, _, secrets := keyedServer(t, required)
		h := s.routes()
		for route, r := range rules(t) {
			method, path, _ := strings.Cut(route, " ")
			scopes := strings.Split(r.scope, ", ")
			for name, secret := range secrets {
				scope := strings.TrimSuffix(name, "-key")
				want := "yes"
				switch {
				case r.scope == "none", scope == "token", scope == "admin", !required && r.bare == "yes":
				case scope == "public": // without an origin
					want = "403"
				case !slices.Contains(state.Scopes(), scope):
					want = "401"
				case len(scopes) > 1 || scopes[0] != scope:
					want = "403"
				}
				accept := "application/json"
				if path == "/mcp" {
					accept += ", text/event-stream" // as clients of MCP must
				}
				w := do(h, method, example(path), bodies[path], "Authorization", "Bearer "+secret, "Accept", accept, "Content-Type", "application/json")
				got := fmt.Sprint(w.Code)
				if w.Code < 400 {
					got = "yes"
				}
				if got != want {
					t.Errorf("%s with %s, keys required %t = %d %s, want %s", route, name, required, w.Code, w.Body, want)
				}
				if strings.Contains(w.Body.String(), secret) && len(secret) > 1 {
					t.Errorf("%s tells the secret: %s", route, w.Body)
				}
			}
			if w := do(h, method, example(path)+"?key="+secrets["admin-key"]+"&access_token="+token, bodies[path]); required && r.scope != "none" && w.Code != 401 {
				t.Errorf("%s with a key in its address = %d, want 401", route, w.Code)
			}
		}
		for _, given := range []string{"", "Bearer", "Bearer ", token, "Basic " + token, "Bearer " + token + " x", "bearer\t" + token} {
			if w := do(h, "GET", "/v1/ingest", "", "Authorization", given); w.Code != 401 {
				t.Errorf("Authorization %q = %d, want 401", given, w.Code)
			}
		}
		if w := do(h, "GET", "/v1/ingest", "", "Authorization", "bearer  "+token); w.Code != 200 {
			t.Errorf("the scheme in lower case = %d, want 200", w.Code)
		}
	}
	s := openServer() // without a token and keys
	s.Token = ""
	if w := do(s.routes(), "GET", "/v1/ingest", "", "Authorization", "Bearer "); w.Code != 401 {
		t.Errorf("an empty token = %d, want 401", w.Code)
	}
}

// TestPublicKeys sends what browsers send for pages with a public key.
func TestPublicKeys(t *testing.T) {
	t.Parallel()
	for _, required := range []bool{true, false} {
		s, db, secrets := keyedServer(t, required)
		h := s.routes()
		other, err := db.AddKey(t.Context(), state.Key{Name: "other", Scopes: []string{state.ScopeAsk}, Origins: []string{"https://other.example"}}, "test")
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name, method, path, origin, secret string
			status                             int
			shared                             bool
		}{
			{"ask", "POST", "/v1/ask", docsOrigin, secrets["public"], 200, true},
			{"search", "POST", "/v1/search", docsOrigin, secrets["public"], 200, true},
			{"page", "GET", "/v1/page", docsOrigin, secrets["public"], 200, true},
			{"preflight", "OPTIONS", "/v1/ask", docsOrigin, "", 204, true},
			{"preflight of another origin", "OPTIONS", "/v1/ask", "https://evil.example", "", 204, false},
			{"another origin", "POST", "/v1/ask", "https://evil.example", secrets["public"], 403, false},
			{"no key", "POST", "/v1/ask", docsOrigin, "", 403, true},
			{"the key of another origin", "POST", "/v1/ask", docsOrigin, other, 403, true},
			{"a secret key, whose place is not a page", "POST", "/v1/ask", docsOrigin, secrets["ask-key"], 403, true},
			{"the token", "POST", "/v1/ask", docsOrigin, token, 403, true},
			{"ingestion", "POST", "/v1/ingest", docsOrigin, secrets["public"], 403, false},
			{"chat completions", "POST", "/v1/chat/completions", docsOrigin, secrets["public"], 403, false},
			{"agents", "POST", "/mcp", docsOrigin, secrets["public"], 403, false},
		} {
			w := do(h, tt.method, tt.path, bodies[tt.path], "Origin", tt.origin, "Sec-Fetch-Site", "cross-site", "Access-Control-Request-Method", "POST", "Authorization", "Bearer "+tt.secret)
			if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != tt.status || (got != "") != tt.shared || tt.shared && got != tt.origin {
				t.Errorf("%s, keys required %t = %d, shared with %q, want %d, %t: %s", tt.name, required, w.Code, got, tt.status, tt.shared, w.Body)
			}
		}
	}
}

// failing is a source of keys that can be broken.
type failing struct {
	keys []state.Key
	err  error
}

func (f *failing) Keys(context.Context) ([]state.Key, error) { return f.keys, f.err }

// TestKeyring checks that new and removed keys are noticed, and that keys stay valid while
// they can't be read.
func TestKeyring(t *testing.T) {
	t.Parallel()
	_, db, secrets := keyedServer(t, true)
	all, err := db.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source := &failing{}
	r := &keyring{source: source, log: discardIfNil(nil)}
	found := func() bool { return r.find(t.Context(), secrets["ask-key"]) != nil }
	later := func() { r.read = time.Time{} }
	if found() {
		t.Error("a key is valid that the source does not have")
	}
	source.keys = all
	if later(); !found() || !r.knows(t.Context(), docsOrigin) || r.knows(t.Context(), "") {
		t.Error("a new key or its origin is unknown")
	}
	source.keys, source.err = nil, errors.New("disk I/O error")
	if later(); !found() {
		t.Error("a key is not valid while the keys can't be read")
	}
	source.err = nil
	if later(); found() || r.knows(t.Context(), docsOrigin) {
		t.Error("a removed key is valid")
	}
	expired := slices.Clone(all)
	for i := range expired {
		expired[i].Expires = time.Now().Add(-time.Second)
	}
	source.keys = expired
	if later(); found() || r.knows(t.Context(), docsOrigin) {
		t.Error("a key that expired since it was read is valid")
	}
}

// TestKeysAreNotLogged checks that the log names keys and does not hold their secrets.
func TestKeysAreNotLogged(t *testing.T) {
	t.Parallel()
	s, _, secrets := keyedServer(t, true)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h := s.routes()
	for _, secret := range secrets {
		do(h, "POST", "/v1/ask", bodies["/v1/ask"], "Authorization", "Bearer "+secret)
		do(h, "POST", "/v1/ask?key="+secret[:min(len(secret), 100)], bodies["/v1/ask"])
	}
	for name, secret := range secrets {
		if len(secret) > 1 && strings.Contains(log.String(), secret[:min(len(secret), 100)]) {
			t.Errorf("the log holds the secret of %s", name)
		}
	}
	if !strings.Contains(log.String(), "key=ask-key") || !strings.Contains(log.String(), "key=token") {
		t.Errorf("the log does not name the keys:\n%.2000s", &log)
	}
}

// TestPageOfKeyedServer checks that what the index holds is not told without a key.
func TestPageOfKeyedServer(t *testing.T) {
	t.Parallel()
	s, _, secrets := keyedServer(t, true)
	s.Catalog = handbooks{}
	h := s.routes()
	for _, tt := range []struct {
		secret string
		tells  bool
	}{{"", false}, {secrets["ask-key"], false}, {secrets["search-key"], true}} {
		w := do(h, "GET", "/v1/page", "", "Authorization", "Bearer "+tt.secret)
		if got := strings.Contains(w.Body.String(), "handbook"); w.Code != 200 || got != tt.tells {
			t.Errorf("GET /v1/page = %d %s, tells %t, want %t", w.Code, w.Body, got, tt.tells)
		}
	}
}

type handbooks struct{}

func (handbooks) Contents(context.Context) (Contents, error) {
	return Contents{Sources: []string{"handbook", "guide"}}, nil
}
func (handbooks) Popular(context.Context) ([]string, error) { return nil, nil }
