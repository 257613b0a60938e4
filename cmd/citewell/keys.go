package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/limit"
)

// defaultOverlap is how long the old secret of a key is valid after a rotation.
const defaultOverlap = span(day)

func keyFlags(f *pflag.FlagSet, c *config) {
	f.StringSliceVar(&c.scopes, "scope", []string{state.ScopeAsk, state.ScopeSearch}, "what the key allows: "+strings.Join(state.Scopes(), ", ")+" (everything); repeatable")
	f.StringSliceVar(&c.keyOrigins, "origin", nil, "make a public key, for the widget in pages of this origin, such as https://docs.example.com; repeatable")
	f.StringVar(&c.keyLimit, "limit", "", "limit of the key, such as 20/minute, 400/day, 500k tokens/day")
	f.Var(&c.expires, "expires", "how long the key is valid, such as 90d or 12h (0: for ever)")
}

func overlapFlag(f *pflag.FlagSet, c *config) {
	c.overlap = defaultOverlap
	f.Var(&c.overlap, "overlap", "how long the old secret stays valid, such as 7d or 1h (0: not at all)")
}

// keyCommands lists the commands of citewell keys.
func (a *app) keyCommands() []command {
	where := []flagGroup{storeFlags, stateFlag}
	with := func(groups ...flagGroup) []flagGroup { return append(groups, where...) }
	return []command{
		{"add NAME", "Make a key and print its secret, which is not stored", "citewell keys add wiki --scope search", cobra.ExactArgs(1), with(keyFlags, jsonFlag), a.keysAdd},
		{"list", "List the keys", "citewell keys list", cobra.NoArgs, with(tableFlags), a.keysList},
		{"log", "Print the audit log: who added and removed keys and pages, newest first", "citewell keys log", cobra.NoArgs, with(tableFlags), a.keysLog},
		{"rm NAME|ID...", "Remove keys; servers refuse them after a second", "citewell keys rm wiki", cobra.MinimumNArgs(1), with(jsonFlag), a.keysRemove},
		{"rotate NAME", "Give a key a second secret and print it; the old one expires", "citewell keys rotate wiki --overlap 7d", cobra.ExactArgs(1), with(overlapFlag, jsonFlag), a.keysRotate},
	}
}

// withState calls fn with the state.
func (a *app) withState(ctx context.Context, fn func(*state.DB) error) (err error) {
	db, err := state.Open(ctx, state.Config{DSN: a.stateDSN()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(db)
}

// actor names who runs this program, for the audit log.
func actor() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// audit adds what this program has done to the audit log.
func (a *app) audit(ctx context.Context, action, object, detail string) {
	err := a.withState(ctx, func(db *state.DB) error {
		return db.Audit(ctx, state.Action{Actor: actor(), Action: action, Object: object, Detail: detail})
	})
	if err != nil {
		a.say("warning: this is not in the audit log: %v", err)
	}
}

func (a *app) keysAdd(cmd *cobra.Command, args []string) error {
	ctx := cmd.Context()
	k := state.Key{Name: args[0], Scopes: a.scopes, Origins: a.keyOrigins}
	limits, err := limit.Parse(a.keyLimit)
	if err != nil {
		return err
	}
	k.Limits = limits.String()
	if a.expires != 0 {
		k.Expires = time.Now().Add(time.Duration(a.expires))
	}
	return a.withState(ctx, func(db *state.DB) error {
		secret, err := db.AddKey(ctx, k, actor())
		if err != nil {
			return err
		}
		return a.printSecret(k.Name, secret)
	})
}

func (a *app) keysRotate(cmd *cobra.Command, args []string) error {
	ctx := cmd.Context()
	return a.withState(ctx, func(db *state.DB) error {
		secret, err := db.RotateKey(ctx, args[0], time.Duration(a.overlap), actor())
		if err != nil {
			return err
		}
		return a.printSecret(args[0], secret)
	})
}

// printSecret prints a new secret alone, so that a script can read it.
func (a *app) printSecret(name, secret string) error {
	if a.json {
		return a.printJSON(map[string]string{"name": name, "secret": secret})
	}
	a.say("the secret of key %s, which can't be printed again:", name)
	_, err := fmt.Fprintln(a.out, secret)
	return err
}

// A removedKey is a line of keys rm --json.
type removedKey struct {
	Key     string `json:"key"`
	Secrets int64  `json:"secrets"` // how many it had
}

func (a *app) keysRemove(cmd *cobra.Command, args []string) error {
	ctx := cmd.Context()
	return a.withState(ctx, func(db *state.DB) error {
		for _, name := range args {
			n, err := db.RemoveKey(ctx, name, actor())
			if err != nil {
				return err
			}
			if a.json {
				err = a.printJSON(removedKey{name, n})
			} else {
				_, err = fmt.Fprintf(a.out, "removed key %s (%s)\n", name, plural(int(n), "secret"))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *app) keysList(cmd *cobra.Command, _ []string) error {
	ctx := cmd.Context()
	return a.withState(ctx, func(db *state.DB) error {
		keys, err := db.Keys(ctx)
		if err != nil {
			return err
		}
		used, err := db.Spent(ctx, state.DayOf(time.Now()))
		if err != nil {
			return err
		}
		type row struct {
			state.Key
			Today state.Spending `json:"today"`
		}
		var rows []row
		for _, k := range keys {
			if k.SessionOf() != "" {
				continue // of a browser
			}
			rows = append(rows, row{k, used["key:"+k.Name]})
		}
		if file := a.tokenPath(); !a.json && !a.csv {
			if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
				a.say("%s holds one more key, with all rights: to replace it, delete the file and start the server again", file)
			}
		}
		return printTable(a, rows, []string{"name", "id", "scopes", "origins", "limits", "created", "expires", "questions today", "tokens today"}, func(r row) []string {
			return []string{r.Name, r.ID, strings.Join(r.Scopes, " "), strings.Join(r.Origins, " "), r.Limits, dateTime(r.Created), dateTime(r.Expires),
				fmt.Sprint(r.Today.Requests), fmt.Sprint(r.Today.Tokens)}
		})
	})
}

func (a *app) keysLog(cmd *cobra.Command, _ []string) error {
	ctx := cmd.Context()
	return a.withState(ctx, func(db *state.DB) error {
		all, err := db.Actions(ctx, "", state.MaxLimit)
		if err != nil {
			return err
		}
		return printTable(a, all, []string{"at", "actor", "action", "object", "detail"}, func(x state.Action) []string {
			return []string{dateTime(x.At), x.Actor, x.Action, oneLine(x.Object), oneLine(x.Detail)}
		})
	})
}

// dateTime returns a time as lists print it.
func dateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// printTable prints values as JSON, as CSV or in columns.
func printTable[T any](a *app, values []T, head []string, row func(T) []string) error {
	if a.json {
		return a.eachJSON(len(values), func(i int) any { return values[i] })
	}
	if a.csv {
		records := [][]string{head}
		for _, v := range values {
			records = append(records, row(v))
		}
		return csv.NewWriter(a.out).WriteAll(records)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	if len(values) > 0 {
		if _, err := fmt.Fprintln(w, strings.ToUpper(strings.Join(head, "\t"))); err != nil {
			return err
		}
	}
	for _, v := range values {
		if _, err := fmt.Fprintln(w, strings.Join(row(v), "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}
