package server

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/citewell/citewell/internal/state"
)

// A KeySource has the keys that give rights. [state.DB] implements it.
type KeySource interface {
	// Keys returns all keys that have not expired.
	Keys(ctx context.Context) ([]state.Key, error)
}

const (
	keysAge     = time.Second // after which the keys are read again, and so how long a removed one is still valid
	keysTimeout = time.Second // of reading them, since requests wait for it
)

// A keyring holds the keys of a source in memory, so that a request costs no query. If
// they can't be read, the last ones stay valid: to remove one needs the same source. A
// nil keyring has no keys.
type keyring struct {
	source KeySource
	log    *slog.Logger

	mu   sync.Mutex
	byID map[string]state.Key
	read time.Time
}

// find returns the key that a secret opens, or nil.
func (r *keyring) find(ctx context.Context, secret string) *state.Key {
	id, ok := state.SecretID(secret)
	if !ok {
		return nil
	}
	return r.open(ctx, id, secret)
}

// session returns the session that a secret opens, or nil.
func (r *keyring) session(ctx context.Context, secret string) *state.Key {
	id, ok := state.SessionID(secret)
	if !ok {
		return nil
	}
	return r.open(ctx, id, secret)
}

// byKeyID returns the key with an id, or nil.
func (r *keyring) byKeyID(ctx context.Context, id string) *state.Key {
	if r == nil {
		return nil
	}
	key, ok := r.current(ctx)[id]
	if !ok || !key.ValidAt(time.Now()) {
		return nil
	}
	return &key
}

// open returns the key with an id if a secret opens it, else nil.
func (r *keyring) open(ctx context.Context, id, secret string) *state.Key {
	key := r.byKeyID(ctx, id)
	if key == nil || !key.Opens(secret) {
		return nil
	}
	return key
}

// knows reports whether some key is for pages of an origin.
func (r *keyring) knows(ctx context.Context, origin string) bool {
	if r == nil || origin == "" {
		return false
	}
	for _, key := range r.current(ctx) {
		if slices.Contains(key.Origins, origin) && key.ValidAt(time.Now()) {
			return true
		}
	}
	return false
}

// forget makes the next request read the keys, since one was added or removed here.
func (r *keyring) forget() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read = time.Time{}
}

// current returns the keys by id, which nobody changes.
func (r *keyring) current(ctx context.Context) map[string]state.Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.read) < keysAge {
		return r.byID
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	all, err := r.source.Keys(ctx)
	r.read = time.Now()
	if err != nil {
		r.log.Warn("the keys can't be read: those that were read last stay valid", "err", err)
		return r.byID
	}
	r.byID = make(map[string]state.Key, len(all))
	for _, key := range all {
		r.byID[key.ID] = key
	}
	return r.byID
}
