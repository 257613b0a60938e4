package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/limit"
)

// An Issuer makes and removes keys, and knows who did. [state.DB] implements it.
type Issuer interface {
	// AddKey stores a key and returns its secret. The actor is who did it.
	AddKey(ctx context.Context, k state.Key, actor string) (secret string, err error)
	// RotateKey gives a name a second secret, and returns it. The present one expires
	// after overlap.
	RotateKey(ctx context.Context, name string, overlap time.Duration, actor string) (secret string, err error)
	// RemoveKey removes the keys with a name or an id, and returns how many.
	RemoveKey(ctx context.Context, nameOrID, actor string) (n int64, err error)
	// Spent returns what all subjects have used on a day.
	Spent(ctx context.Context, day int64) (map[string]state.Spending, error)
	// Actions returns the audit log, newest first, from the entry after on; n at most.
	Actions(ctx context.Context, after string, n int) ([]state.Action, error)
}

const maxKeyBytes = 64 << 10 // of the body that asks for a key

// A keyList is the answer to GET /admin/keys.
type keyList struct {
	Keys    []listedKey `json:"keys"`            // by name
	Origins []string    `json:"allowed_origins"` // of the configuration
}

type listedKey struct {
	state.Key
	Today state.Spending `json:"today"`
}

// A keyRequest is the body of POST /admin/keys.
type keyRequest struct {
	Name    string   `json:"name"`
	Scopes  []string `json:"scopes"`
	Origins []string `json:"origins"`
	Limits  string   `json:"limits"`
	Days    int      `json:"days"`
}

// A madeKey is a key with the secret that can't be read again.
type madeKey struct {
	Name   string `json:"name"`
	Secret string `json:"secret"`
}

// A keyRotation is the body of POST /admin/rotate.
type keyRotation struct {
	Name string `json:"name"`
	Days int    `json:"days"` // for which the present secret stays valid
}

// An actionList is the answer to GET /admin/log.
type actionList struct {
	Actions []state.Action `json:"actions"`        // newest first
	Next    string         `json:"next,omitempty"` // for the parameter after; absent at the end
}

// actionsPerPage is how many actions a list has at most.
const actionsPerPage = 100

// A removedKey tells how many secrets the key had.
type removedKey struct {
	Key     string `json:"key"`
	Secrets int64  `json:"secrets"`
}

// actorOf names who sends a request, for the audit log.
func actorOf(ctx context.Context) string { return "key " + callerOf(ctx).key.Name }

// listKeys lists the keys, without the sessions of browsers.
func (s *api) listKeys(r *http.Request) (any, error) {
	all, err := s.Keys.Keys(r.Context())
	if err != nil {
		return nil, err
	}
	used, err := s.Issuer.Spent(r.Context(), state.DayOf(time.Now()))
	if err != nil {
		return nil, err
	}
	list := keyList{Keys: []listedKey{}, Origins: append([]string{}, s.AllowedOrigins...)}
	for _, k := range all {
		if k.SessionOf() == "" {
			list.Keys = append(list.Keys, listedKey{k, used["key:"+k.Name]})
		}
	}
	return list, nil
}

func (s *api) addKey(r *http.Request) (any, error) {
	var in keyRequest
	if err := decode(r, &in, fixes{form: `send an object such as {"name": "wiki", "scopes": ["search"]}`}); err != nil {
		return nil, err
	}
	limits, err := limit.Parse(in.Limits)
	if err != nil {
		return nil, &problem.Error{Kind: problem.BadKey, Message: err.Error(), Fix: "correct it, or leave it out"}
	}
	for _, origin := range in.Origins {
		if err := ValidateOrigin(origin); err != nil {
			return nil, &problem.Error{Kind: problem.BadKey, Message: err.Error(), Fix: "correct it, or leave it out"}
		}
	}
	if in.Days < 0 || in.Days > maxKeyDays {
		return nil, &problem.Error{Kind: problem.BadKey, Message: "days is not within 0 and 3650", Fix: "leave it out for a key that does not expire"}
	}
	k := state.Key{Name: in.Name, Scopes: in.Scopes, Origins: in.Origins, Limits: limits.String()}
	if in.Days > 0 {
		k.Expires = time.Now().AddDate(0, 0, in.Days)
	}
	secret, err := s.Issuer.AddKey(r.Context(), k, actorOf(r.Context()))
	if err != nil {
		return nil, err
	}
	s.keys.forget()
	return madeKey{in.Name, secret}, nil
}

// maxKeyDays is the longest time that a key can be valid for, unless it is for ever.
const maxKeyDays = 3650

// removeKey removes a key. Who removes the key of the own session is signed out.
func (s *api) removeKey(r *http.Request, nameOrID string) (any, error) {
	n, err := s.Issuer.RemoveKey(r.Context(), nameOrID, actorOf(r.Context()))
	if err != nil {
		return nil, err
	}
	s.keys.forget()
	return removedKey{strings.ToValidUTF8(nameOrID, "?"), n}, nil
}

// rotateKey gives a key a new secret.
func (s *api) rotateKey(r *http.Request) (any, error) {
	var in keyRotation
	if err := decode(r, &in, fixes{form: `send an object such as {"name": "wiki", "days": 1}`}); err != nil {
		return nil, err
	}
	if in.Days < 0 || in.Days > maxKeyDays {
		return nil, &problem.Error{Kind: problem.BadKey, Message: "days is not within 0 and 3650", Fix: "leave it out to end the present secret at once"}
	}
	secret, err := s.Issuer.RotateKey(r.Context(), in.Name, time.Duration(in.Days)*24*time.Hour, actorOf(r.Context()))
	if err != nil {
		return nil, err
	}
	s.keys.forget()
	return madeKey{in.Name, secret}, nil
}

// listActions returns a page of the audit log.
func (s *api) listActions(r *http.Request) (any, error) {
	all, err := s.Issuer.Actions(r.Context(), r.URL.Query().Get("after"), actionsPerPage+1)
	if err != nil {
		return nil, err
	}
	list := actionList{Actions: append([]state.Action{}, all...)}
	if len(all) > actionsPerPage {
		list.Actions = list.Actions[:actionsPerPage]
		list.Next = list.Actions[actionsPerPage-1].ID
	}
	return list, nil
}
