package state_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/state"
)

const admin = "admin@host"

// TestKeys adds, rotates and removes keys, and reads them as a server does.
func TestKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		ctx := t.Context()
		wiki, err := d.AddKey(ctx, state.Key{Name: "wiki", Scopes: []string{"ask", "search"}, Limits: "5/minute"}, admin)
		if err != nil {
			t.Fatal(err)
		}
		*now = now.Add(time.Second)
		widget, err := d.AddKey(ctx, state.Key{Name: "widget", Scopes: []string{"ask"}, Origins: []string{"https://docs.example.com"}, Expires: now.Add(48 * time.Hour)}, admin)
		if err != nil {
			t.Fatal(err)
		}
		opened := func(secret string) string { // the name of the key that a secret opens
			t.Helper()
			all, err := d.Keys(ctx)
			if err != nil {
				t.Fatal(err)
			}
			id, ok := state.SecretID(secret)
			for _, k := range all {
				if k.Opens(secret) != (ok && k.ID == id) {
					t.Errorf("the id of %s does not name its key", secret)
				}
				if k.Opens(secret) {
					return k.Name
				}
			}
			return ""
		}
		if a, b := opened(wiki), opened(widget); a != "wiki" || b != "widget" || !strings.HasPrefix(wiki, "cw_") || !strings.HasPrefix(widget, "cwp_") {
			t.Errorf("the secrets %s and %s open %q and %q", wiki, widget, a, b)
		}
		if got := opened(wiki + "x"); got != "" {
			t.Errorf("a wrong secret opens %q", got)
		}

		*now = now.Add(time.Minute)
		second, err := d.RotateKey(ctx, "wiki", time.Hour, admin)
		if err != nil {
			t.Fatal(err)
		}
		if opened(wiki) != "wiki" || opened(second) != "wiki" {
			t.Error("after a rotation, two secrets are not valid")
		}
		*now = now.Add(time.Minute)
		third, err := d.RotateKey(ctx, "wiki", time.Hour, admin)
		if err != nil {
			t.Fatal(err)
		}
		if opened(wiki) != "" || opened(second) != "wiki" || opened(third) != "wiki" {
			t.Error("after a second rotation, the first secret is valid or another is not")
		}
		*now = now.Add(2 * time.Hour)
		if opened(second) != "" || opened(third) != "wiki" {
			t.Error("the old secret outlives the overlap, or the new one does not")
		}
		all, err := d.Keys(ctx)
		if err != nil || len(all) != 2 || all[1].Limits != "5/minute" || cmp.Diff([]string{"https://docs.example.com"}, all[0].Origins) != "" {
			t.Errorf("Keys = %v, %v", all, err)
		}
		if n, err := d.RemoveKey(ctx, "wiki", admin); n != 1 || err != nil || opened(third) != "" {
			t.Errorf("RemoveKey = %d, %v", n, err)
		}
		*now = now.Add(50 * time.Hour)
		if opened(widget) != "" {
			t.Error("a key outlives its time")
		}
		log, err := d.Actions(ctx, "", 0)
		var said []string
		for _, a := range log {
			said = append(said, a.Actor+": "+a.Action+" "+a.Object)
			for _, secret := range []string{wiki, widget, second, third} {
				if strings.Contains(a.Detail, secret) {
					t.Errorf("the audit log holds a secret: %v", a)
				}
			}
		}
		if diff := cmp.Diff([]string{"admin@host: remove key wiki", "admin@host: rotate key wiki", "admin@host: rotate key wiki", "admin@host: add key widget", "admin@host: add key wiki"}, said); diff != "" || err != nil {
			t.Errorf("audit log (-want +got), %v:\n%s", err, diff)
		}
		if rest, err := d.Actions(ctx, log[3].ID, 0); len(rest) != 1 || err != nil {
			t.Errorf("the next page of the audit log = %v, %v", rest, err)
		}
	})
}

// TestKeyFaults checks what is refused.
func TestKeyFaults(t *testing.T) {
	t.Parallel()
	d := open(t, state.Config{DSN: t.TempDir() + "/s.db"}, nil)
	ask, site := []string{"ask"}, []string{"https://a.example"}
	for _, tt := range []struct {
		key  state.Key
		want string
	}{
		{state.Key{Scopes: ask}, "not a name"},
		{state.Key{Name: "a b", Scopes: ask}, "not a name"},
		{state.Key{Name: "a\nb", Scopes: ask}, "not a name"},
		{state.Key{Name: "token", Scopes: ask}, "without a key"},
		{state.Key{Name: "x"}, "no scope"},
		{state.Key{Name: "x", Scopes: []string{"write"}}, `"write" is not one of search, ask`},
		{state.Key{Name: "x", Scopes: []string{"admin"}, Origins: site}, "everybody sees"},
		{state.Key{Name: "x", Scopes: []string{"ask", "ingest"}, Origins: site}, "everybody sees"},
	} {
		if _, err := d.AddKey(t.Context(), tt.key, admin); !errors.Is(err, state.ErrKeyName) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("AddKey(%+v) = %v, want %q", tt.key, err, tt.want)
		}
	}
	if _, err := d.RotateKey(t.Context(), "none", 0, admin); !errors.Is(err, state.ErrNoKey) {
		t.Errorf("RotateKey of no key = %v", err)
	}
	if _, err := d.RemoveKey(t.Context(), "none", admin); !errors.Is(err, state.ErrNoKey) {
		t.Errorf("RemoveKey of no key = %v", err)
	}
	// Of several at a time, one adds the key.
	var wg sync.WaitGroup
	var mu sync.Mutex
	added := 0
	for range 8 {
		wg.Go(func() {
			if _, err := d.AddKey(t.Context(), state.Key{Name: "x", Scopes: ask}, admin); err == nil {
				mu.Lock()
				added++
				mu.Unlock()
			}
		})
	}
	if wg.Wait(); added != 1 {
		t.Errorf("%d of 8 have added the same key, want 1", added)
	}
}

// TestSecretID checks what counts as the secret of a key.
func TestSecretID(t *testing.T) {
	t.Parallel()
	random := strings.Repeat("A", 52)
	for secret, want := range map[string]string{
		"cw_abc_" + random: "abc", "cwp_abc_" + random: "abc",
		"": "", "cw_": "", "cw_abc": "", "cw__" + random: "", "cw_abc_" + random + "A": "", "abc_" + random: "", "CW_abc_" + random: "",
	} {
		if id, ok := state.SecretID(secret); ok != (want != "") || ok && id != want {
			t.Errorf("SecretID(%q) = %q, %t, want %q", secret, id, ok, want)
		}
	}
}

// TestSecretNotStored looks for secrets in the files of the state.
func TestSecretNotStored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, state.Config{DSN: dir + "/s.db"}, nil)
	secret, err := d.AddKey(t.Context(), state.Key{Name: "x", Scopes: []string{"admin"}}, admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"s.db", "s.db-wal"} {
		b, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), secret[len(secret)-52:]) {
			t.Errorf("%s holds the secret", name)
		}
	}
}

// TestSessions checks that sessions are told from keys, end, and are bounded.
func TestSessions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		ctx, of := t.Context(), state.Key{ID: "abc", Name: "ops", Scopes: []string{"admin"}}
		var first, last state.Key
		for range 25 {
			*now = now.Add(time.Second)
			secret, s, err := d.AddSession(ctx, of, time.Hour)
			if _, err := d.RotateKey(ctx, s.Name, time.Hour, admin); !errors.Is(err, state.ErrNoKey) {
				t.Errorf("RotateKey of a session = %v, want that it is no key", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := state.SecretID(secret); ok || s.SessionOf() != "abc" || of.SessionOf() != "" || !s.Opens(secret) {
				t.Errorf("session %+v of %s", s, secret)
			}
			if first.ID == "" {
				first = s
			}
			last = s
		}
		ids := func() map[string]bool {
			all, err := d.Keys(ctx)
			if err != nil {
				t.Fatal(err)
			}
			ids := map[string]bool{}
			for _, k := range all {
				ids[k.ID] = true
			}
			return ids
		}
		if got := ids(); len(got) != 20 || got[first.ID] || !got[last.ID] {
			t.Errorf("%d sessions, the first %t, the last %t", len(got), got[first.ID], got[last.ID])
		}
		if err := d.EndSession(ctx, last.ID, state.Key{ID: "other"}); err != nil || !ids()[last.ID] {
			t.Errorf("another key ends the session: %v", err)
		}
		if err := d.EndSession(ctx, last.ID, of); err != nil || ids()[last.ID] {
			t.Errorf("the session has not ended: %v", err)
		}
		*now = now.Add(2 * time.Hour)
		if got := ids(); len(got) != 0 {
			t.Errorf("sessions outlive their time: %v", got)
		}
	})
}
