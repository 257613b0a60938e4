package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// rm removes pages, or the whole index when --name is given and no page is.
func (a *app) rm(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	if len(args) == 0 && !cmd.Flags().Changed("name") {
		return errors.New("rm needs the URLs of pages, or --name NAME to remove that whole index")
	}
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if len(args) == 0 {
		if err := store.Drop(ctx); err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "removed index %q\n", a.name)
		return err
	}
	fp, err := store.Fingerprint(ctx)
	if err != nil {
		return err
	}
	run, err := store.Begin(ctx, fp, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close(ctx)) }()
	n, err := run.Remove(ctx, args)
	if err != nil {
		return err
	}
	if err := run.Commit(ctx); err != nil {
		return err
	}
	if n < len(args) {
		return fmt.Errorf("removed %d of %d pages: the others are not in index %q: %s", n, len(args), a.name, strings.Join(args, " "))
	}
	_, err = fmt.Fprintf(a.out, "removed %d pages\n", n)
	return err
}
