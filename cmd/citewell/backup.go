package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/archive"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/backup"
	"github.com/citewell/citewell/retrieve/index"
)

// The entries of a backup.
const (
	backupIndex = "index.jsonl"
	backupState = "state.jsonl"
)

// A backupHead describes a backup.
type backupHead struct {
	Citewell string        `json:"citewell"` // version that wrote it
	Created  time.Time     `json:"created"`
	Name     string        `json:"name"`     // of the index
	IndexID  string        `json:"index_id"` // by which the state names it
	Index    backup.Counts `json:"index"`
	State    *int          `json:"state,omitempty"` // rows; absent without a state
}

// A backupConfig says what is saved, and what may be replaced.
type backupConfig struct {
	withoutState bool
	replace      bool
}

func backupFlags(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.withoutState, "without-state", false, "leave out questions, feedback, jobs, keys and the audit log")
}

func restoreFlags(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.replace, "replace", false, "replace the index and the state that are there")
}

// backup writes the index and the state to one file.
func (a *app) backup(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	w, err := archive.Create(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	head := backupHead{Citewell: programVersion(), Created: time.Now().UTC(), Name: a.name, IndexID: a.indexID()}
	info, err := store.Index(ctx)
	if err != nil {
		return err
	}
	if info.Statistics == nil {
		a.say("warning: this Milvus has no sparse vectors: where the copy is restored, words are not searched until ingest --rebuild")
	}
	entry, err := w.Entry(backupIndex)
	if err != nil {
		return err
	}
	if head.Index, err = backup.Write(ctx, store, entry); err != nil {
		return err
	}
	if a.keepsState() {
		entry, err := w.Entry(backupState)
		if err != nil {
			return err
		}
		err = a.withState(ctx, func(db *state.DB) error {
			n, err := db.Dump(ctx, entry)
			head.State = &n
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := w.Commit(head); err != nil {
		return err
	}
	return a.sayCopied("saved", head)
}

// keepsState reports whether there is a state to save.
func (a *app) keepsState() bool {
	if a.withoutState {
		return false
	}
	dsn := a.stateDSN()
	_, err := os.Stat(dsn)
	return state.IsPostgres(dsn) || !errors.Is(err, fs.ErrNotExist)
}

// restore puts a backup into the index and the state. The state comes first: if it
// can't be restored, nothing has changed.
func (a *app) restore(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	r, err := archive.Open(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var head backupHead
	if err := r.Head(&head); err != nil {
		return err
	}
	store, err := a.openStore(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	_, err = store.Fingerprint(ctx)
	existed := !errors.Is(err, index.ErrNoIndex)
	switch {
	case existed && err != nil:
		return err
	case existed && !a.replace:
		return fmt.Errorf("index %q: %w", a.name, backup.ErrExists)
	}
	if a.withoutState {
		head.State = nil
	}
	if head.State != nil {
		err := a.withEntry(r, backupState, func(in io.Reader) error {
			return a.withState(ctx, func(db *state.DB) error {
				_, err := db.Load(ctx, in, state.Load{Replace: a.replace, From: head.IndexID, To: a.indexID()})
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	var put backup.Counts
	err = a.withEntry(r, backupIndex, func(in io.Reader) (err error) {
		put, err = backup.Read(ctx, store, in, a.replace)
		return err
	})
	if err != nil && !existed && put != (backup.Counts{}) { // this run has made it, and nobody else
		err = errors.Join(err, store.Drop(context.WithoutCancel(ctx))) // half an index would answer
	}
	if err != nil {
		return err
	}
	a.audit(ctx, "restore", a.indexID(), "backup of "+head.Created.Format(time.RFC3339))
	return a.sayCopied("restored", head)
}

func (a *app) withEntry(r *archive.Reader, name string, fn func(io.Reader) error) (err error) {
	e, err := r.Entry(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return fn(e)
}

// sayCopied prints what was saved or restored.
func (a *app) sayCopied(done string, head backupHead) error {
	if a.json {
		return a.printJSON(head)
	}
	state := "without the state"
	if head.State != nil {
		state = plural(*head.State, "row") + " of the state"
	}
	_, err := fmt.Fprintf(a.out, "%s index %q of %s: %s, %s, %s\n", done, head.Name, head.Created.Format("2006-01-02 15:04 MST"), plural(head.Index.Pages, "page"), plural(head.Index.Chunks, "chunk"), state)
	return err
}
