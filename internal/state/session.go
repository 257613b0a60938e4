package state

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// A session is a key that a browser has in a cookie in place of the key that signed it in.
// Its name tells the id of that key, without which it is worth nothing.
const (
	sessionName   = "session:" // no name of a key has a colon
	sessionPrefix = "cws_"
	maxSessions   = 20 // of one key; a further one ends the oldest
)

// SessionOf returns the id of the key that signed a session in, or "" for a key that is no
// session.
func (k Key) SessionOf() string {
	of, _ := strings.CutPrefix(k.Name, sessionName)
	if of == k.Name {
		return ""
	}
	return of
}

// SessionID returns the id of the session that a secret would belong to; ok is false for
// a text that is no secret of a session.
func SessionID(secret string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(secret, sessionPrefix)
	return splitSecret(rest, ok)
}

// AddSession stores a session of a key, and returns it with its secret.
func (d *DB) AddSession(ctx context.Context, of Key, life time.Duration) (secret string, session Key, err error) {
	session = Key{Name: sessionName + of.ID, Scopes: of.Scopes}
	err = d.tx(ctx, func(tx *sql.Tx) error {
		same, err := d.keysOf(ctx, tx, session.Name)
		if err != nil {
			return err
		}
		for _, old := range same[min(maxSessions-1, len(same)):] {
			if _, err := tx.ExecContext(ctx, `DELETE FROM access_keys WHERE id = $1`, old.ID); err != nil {
				return err
			}
		}
		session.Created = d.config.Now()
		session.Expires = session.Created.Add(life)
		session.ID = newKeyID()
		secret = sessionPrefix + session.ID + "_" + rand.Text() + rand.Text()
		session.hash = hashSecret(secret)
		return d.insertKey(ctx, tx, session, Action{Actor: "key " + of.Name, Action: "sign in", Object: session.ID})
	})
	if err != nil {
		return "", Key{}, fmt.Errorf("state: add session: %w", err)
	}
	return secret, session, nil
}

// EndSession removes a session of a key. One that is not there is no error.
func (d *DB) EndSession(ctx context.Context, id string, of Key) error {
	err := d.tx(ctx, func(tx *sql.Tx) error {
		n, err := rowsChanged(tx.ExecContext(ctx, `DELETE FROM access_keys WHERE id = $1 AND name = $2`, id, sessionName+of.ID))
		if err != nil || n == 0 {
			return err
		}
		return d.insertAction(ctx, tx, Action{Actor: "key " + of.Name, Action: "sign out", Object: id})
	})
	if err != nil {
		return fmt.Errorf("state: end session: %w", err)
	}
	return nil
}
