package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/previous"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// removeBatch is the number of pages that are removed at once.
const removeBatch = 500

// removeFlags registers what chooses pages to remove.
func removeFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.source, "source", "", "only chunks of this source")
	f.StringVar(&c.urlPrefix, "url-prefix", "", "only pages whose address begins with this")
}

// rm removes pages, or the whole index when --name is given and no page is.
func (a *app) rm(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	chosen := a.source != "" || a.urlPrefix != ""
	if len(args) == 0 && !chosen && a.origins["name"] != originFlag {
		return errors.New("rm needs the URLs of pages, --source, --url-prefix, or --name NAME to remove that whole index")
	}
	if len(args) > 0 && chosen {
		return errors.New("rm takes the URLs of pages, or --source and --url-prefix, not both")
	}
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if len(args) == 0 && !chosen {
		if err := store.Drop(ctx); err != nil {
			return err
		}
		a.audit(ctx, "remove index", a.indexID(), "")
		err = a.printRemoved(fmt.Sprintf("removed index %q", a.name), removedReport{Index: a.name})
		return err
	}
	if chosen {
		filter := retrieve.Filter{Source: a.source, URLPrefix: a.urlPrefix}
		err := store.EachPage(ctx, func(p index.Page) error {
			if filter.Match(index.Chunk{Source: p.Source, URL: p.URL}) {
				args = append(args, p.URL)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return fmt.Errorf("no page of index %q matches", a.name)
		}
	}
	sites, err := previous.ReadSites(ctx, store)
	if err != nil {
		return err
	}
	n, err := a.remove(ctx, store, args)
	if err != nil {
		return err
	}
	a.audit(ctx, "remove pages", a.indexID(), fmt.Sprintf("%s: %s", plural(n, "page"), strings.Join(args, " ")))
	a.sayReturning(sites, args)
	if n < len(args) && !chosen {
		return fmt.Errorf("removed %d of %d pages: the others are not in index %q: %s", n, len(args), a.name, strings.Join(args, " "))
	}
	return a.printRemoved(fmt.Sprintf("removed %d pages", n), removedReport{Index: a.name, Pages: &n})
}

// A removedReport is the output of rm --json.
type removedReport struct {
	Index string `json:"index"`
	Pages *int   `json:"pages"` // how many were removed; null if the whole index was
}

func (a *app) printRemoved(text string, r removedReport) error {
	if a.json {
		return a.printJSON(r)
	}
	_, err := fmt.Fprintln(a.out, text)
	return err
}

// remove removes pages in one run on the index, and returns how many it had.
func (a *app) remove(ctx context.Context, store ingest.Store, urls []string) (n int, err error) {
	fp, err := store.Fingerprint(ctx)
	if err != nil {
		return 0, err
	}
	run, err := store.Begin(ctx, fp, false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, run.Close(ctx)) }()
	for batch := range slices.Chunk(urls, removeBatch) {
		removed, err := run.Remove(ctx, batch)
		if err != nil {
			return 0, err
		}
		n += removed
	}
	return n, run.Commit(ctx)
}

// sayReturning says which crawls would index removed pages again.
func (a *app) sayReturning(sites []*site.Site, removed []string) {
	for _, s := range sites {
		count, example := 0, ""
		for _, u := range removed {
			if s.Contains(u) {
				count++
				example = u
			}
		}
		if count > 0 {
			a.say("note: the next crawl of %s indexes %d of these pages again if the site still has them, such as %s; leave them out with --exclude", s.Start, count, example)
		}
	}
}
