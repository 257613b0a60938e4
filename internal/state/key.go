package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/internal/problem"
)

// Scopes of keys.
const (
	ScopeAsk    = "ask"    // questions, and feedback on their answers
	ScopeSearch = "search" // searches, and reading the indexed pages
	ScopeIngest = "ingest" // ingestion, and extraction of data
	ScopeAdmin  = "admin"  // everything
)

// Scopes returns all scopes, the weakest first.
func Scopes() []string { return []string{ScopeSearch, ScopeAsk, ScopeIngest, ScopeAdmin} }

// Limits of keys.
const (
	maxKeys    = 1000 // servers hold all of them in memory
	maxSecrets = 2    // of one name that are valid at a time: the old and the new one of a rotation
)

// ErrKeyName means that a key can't be as it was given.
var ErrKeyName error = problem.BadKey

// ErrNoKey means that there is no key with a name or an id.
var ErrNoKey error = problem.NoSuchKey

// A Key is one secret that gives rights over HTTP. Its name tells what it is for, and
// has two keys while its secret is replaced. The secret itself is not stored.
type Key struct {
	ID      string    `json:"id"` // the first part of the secret, which is not secret
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Origins []string  `json:"origins,omitempty"` // not empty for a public key: it is valid for pages of these origins alone
	Limits  string    `json:"limits,omitempty"`  // in the form of package limit
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero means never

	hash string
}

// The beginnings of secrets, which tell people and programs that look for leaks what
// they have found.
const (
	secretPrefix = "cw_"
	publicPrefix = "cwp_"
)

// SecretID returns the id of the key that a secret would belong to; ok is false for a
// text that is no secret of a key.
func SecretID(secret string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok {
		rest, ok = strings.CutPrefix(secret, publicPrefix)
	}
	return splitSecret(rest, ok)
}

// splitSecret returns the id of a secret without its prefix, which it had if ok.
func splitSecret(rest string, ok bool) (string, bool) {
	id, random, found := strings.Cut(rest, "_")
	return id, ok && found && id != "" && len(random) == 2*len(rand.Text())
}

// newKeyID returns an id that no other key has.
func newKeyID() string { return strings.ToLower(rand.Text()[:10]) }

// Opens reports whether a secret is that of the key. It takes the same time for every
// wrong one.
func (k Key) Opens(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(k.hash), []byte(hashSecret(secret))) == 1
}

// ValidAt reports whether the key has not expired.
func (k Key) ValidAt(now time.Time) bool { return k.Expires.IsZero() || now.Before(k.Expires) }

// Public reports whether everybody may see the secret, as in the source of a page.
func (k Key) Public() bool { return len(k.Origins) > 0 }

// Allows reports whether the key has a scope.
func (k Key) Allows(scope string) bool {
	return slices.Contains(k.Scopes, scope) || slices.Contains(k.Scopes, ScopeAdmin)
}

// hashSecret returns what is stored of a secret. A slow hash with a salt protects what
// people choose and attackers guess. A secret of 260 random bits can't be guessed, so
// that SHA-256 is enough, and a request is not delayed.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newSecret gives the key an id and a secret.
func (k *Key) newSecret() (secret string) {
	prefix := secretPrefix
	if k.Public() {
		prefix = publicPrefix
	}
	k.ID = newKeyID()
	secret = prefix + k.ID + "_" + rand.Text() + rand.Text()
	k.hash = hashSecret(secret)
	return secret
}

// KeyName matches names of keys. They are written to logs and lists.
var KeyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// reservedNames are those of callers that have no key in the state.
var reservedNames = []string{"token", "anonymous"}

func (k Key) validate() error {
	switch {
	case !KeyName.MatchString(k.Name):
		return fmt.Errorf("%w: %q is not a name of letters, digits and . _ -, at most 64", ErrKeyName, k.Name)
	case slices.Contains(reservedNames, k.Name):
		return fmt.Errorf("%w: %q means a caller without a key of the state", ErrKeyName, k.Name)
	case len(k.Scopes) == 0:
		return fmt.Errorf("%w: the key has no scope", ErrKeyName)
	}
	for _, scope := range k.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return fmt.Errorf("%w: scope %q is not one of %s", ErrKeyName, scope, strings.Join(Scopes(), ", "))
		}
		if k.Public() && scope != ScopeAsk && scope != ScopeSearch {
			return fmt.Errorf("%w: everybody sees the secret of a key with origins, so it can't have the scope %s", ErrKeyName, scope)
		}
	}
	return nil
}

// AddKey stores a new key with Name, Scopes, Origins, Limits and Expires, and returns its
// secret, which can't be read again. A name that has a valid key is an error: see
// RotateKey. The actor is who did it, for the audit log.
func (d *DB) AddKey(ctx context.Context, k Key, actor string) (secret string, err error) {
	if err := k.validate(); err != nil {
		return "", fmt.Errorf("state: add key: %w", err)
	}
	err = d.tx(ctx, func(tx *sql.Tx) error {
		same, err := d.keysOf(ctx, tx, k.Name)
		if err == nil && len(same) > 0 {
			err = fmt.Errorf("%w: there is a key %q already; for a new secret, rotate it", ErrKeyName, k.Name)
		}
		if err != nil {
			return err
		}
		secret = k.newSecret()
		return d.insertKey(ctx, tx, k, Action{Actor: actor, Action: "add key", Object: k.Name, Detail: k.describe()})
	})
	if err != nil {
		return "", fmt.Errorf("state: add key: %w", err)
	}
	return secret, nil
}

// RotateKey gives a name a second secret with the same rights, and returns it. The
// present one expires after overlap, and one that was rotated out before at once.
func (d *DB) RotateKey(ctx context.Context, name string, overlap time.Duration, actor string) (secret string, err error) {
	err = d.tx(ctx, func(tx *sql.Tx) error {
		same, err := d.keysOf(ctx, tx, name)
		if err == nil && (len(same) == 0 || same[0].SessionOf() != "") {
			err = fmt.Errorf("%w: %q", ErrNoKey, name)
		}
		if err != nil {
			return err
		}
		now := d.config.Now()
		newest := same[0]
		for _, old := range same[min(maxSecrets-1, len(same)):] {
			if _, err := tx.ExecContext(ctx, `DELETE FROM access_keys WHERE id = $1`, old.ID); err != nil {
				return err
			}
		}
		end := now.Add(overlap)
		if newest.Expires.IsZero() || end.Before(newest.Expires) {
			if _, err := tx.ExecContext(ctx, `UPDATE access_keys SET expires = $2 WHERE id = $1`, newest.ID, micros(end)); err != nil {
				return err
			}
		}
		k := newest
		secret = k.newSecret()
		return d.insertKey(ctx, tx, k, Action{Actor: actor, Action: "rotate key", Object: name, Detail: fmt.Sprintf("new %s, old %s expires %s", k.ID, newest.ID, end.UTC().Format(time.RFC3339))})
	})
	if err != nil {
		return "", fmt.Errorf("state: rotate key: %w", err)
	}
	return secret, nil
}

// RemoveKey removes the keys with a name, or the one with an id, and returns how many. If
// there is none, the error is [ErrNoKey].
func (d *DB) RemoveKey(ctx context.Context, nameOrID, actor string) (n int64, err error) {
	err = d.tx(ctx, func(tx *sql.Tx) error {
		if err := d.removeExpired(ctx, tx); err != nil {
			return err
		}
		n, err = rowsChanged(tx.ExecContext(ctx, `DELETE FROM access_keys WHERE name = $1 OR id = $1`, nameOrID))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %q", ErrNoKey, nameOrID)
		}
		if err != nil {
			return err
		}
		return d.insertAction(ctx, tx, Action{Actor: actor, Action: "remove key", Object: nameOrID, Detail: fmt.Sprintf("secrets removed: %d", n)})
	})
	if err != nil {
		return 0, fmt.Errorf("state: remove key: %w", err)
	}
	return n, nil
}

const keyColumns = `id, name, hash, scopes, origins, limits, created, expires`

// Keys returns all keys and sessions that have not expired, by name, the newest of a name first.
func (d *DB) Keys(ctx context.Context) ([]Key, error) {
	rows, err := d.query(ctx, `SELECT `+keyColumns+` FROM access_keys WHERE expires = 0 OR expires > $1 ORDER BY name, created DESC, id`, micros(d.config.Now()))
	if err != nil {
		return nil, fmt.Errorf("state: list keys: %w", err)
	}
	all, err := collect(rows, scanKey)
	if err != nil {
		return nil, fmt.Errorf("state: list keys: %w", err)
	}
	return all, nil
}

func (d *DB) removeExpired(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM access_keys WHERE expires > 0 AND expires <= $1`, micros(d.config.Now()))
	return err
}

// keysOf returns the keys of a name that have not expired, newest first.
func (d *DB) keysOf(ctx context.Context, tx *sql.Tx, name string) ([]Key, error) {
	if err := d.removeExpired(ctx, tx); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+keyColumns+` FROM access_keys WHERE name = $1 ORDER BY created DESC, id`, name)
	if err != nil {
		return nil, err
	}
	return collect(rows, scanKey)
}

func scanKey(row interface{ Scan(...any) error }) (k Key, err error) {
	var scopes, origins string
	var created, expires int64
	if err := row.Scan(&k.ID, &k.Name, &k.hash, &scopes, &origins, &k.Limits, &created, &expires); err != nil {
		return Key{}, err
	}
	k.Created, k.Expires = fromMicros(created), fromMicros(expires)
	return k, errors.Join(json.Unmarshal([]byte(scopes), &k.Scopes), json.Unmarshal([]byte(origins), &k.Origins))
}

func (d *DB) insertKey(ctx context.Context, tx *sql.Tx, k Key, a Action) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM access_keys`).Scan(&n); err != nil {
		return err
	}
	if n >= maxKeys {
		return fmt.Errorf("%w: there are %d keys already: remove some", ErrKeyName, n)
	}
	scopes, err1 := asJSON(k.Scopes)
	origins, err2 := asJSON(k.Origins)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO access_keys (`+keyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID, k.Name, k.hash, scopes, origins, k.Limits, micros(d.config.Now()), micros(k.Expires)); err != nil {
		return err
	}
	return d.insertAction(ctx, tx, a)
}

// describe returns the rights of a key, for the audit log.
func (k Key) describe() string {
	text := k.ID + ": " + strings.Join(k.Scopes, ", ")
	if k.Public() {
		text += " for " + strings.Join(k.Origins, ", ")
	}
	if k.Limits != "" {
		text += ", at most " + k.Limits
	}
	return text
}
