package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/server"
)

func (a *app) serve(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	// Listen first: a port in use is the quickest failure.
	ln, err := server.Listen(ctx, a.addr, a.anonymous)
	if err != nil {
		return err
	}
	p, err := a.open(ctx, true)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := a.openAnswerer(p); err != nil {
		return errors.Join(err, ln.Close())
	}
	db, err := a.openState(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	p.closers = append(p.closers, db.Close)
	log := a.logAt(slog.LevelInfo)
	if err := a.openJournal(p, db, log); err != nil {
		return errors.Join(err, ln.Close())
	}
	b, err := a.openJobs(p, db, log)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	a.say("ask at http://%s/ (Ctrl-C ends)", ln.Addr())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.run(ctx) })
	g.Go(func() error { return a.listen(ctx, ln, p, log, ingestions{b.runner}, nil) })
	return g.Wait()
}

// listen serves on ln until ctx ends. If in is nil, it accepts no ingestion jobs.
func (a *app) listen(ctx context.Context, ln net.Listener, p *parts, log *slog.Logger, in server.Ingester, mount map[string]http.Handler) error {
	c := server.Config{Answerer: p.answerer, Retriever: p.retriever, Ready: p.store.Ping, Log: log, Ingester: in, Mount: mount}
	if p.journal != nil {
		c.Voter = p.journal
	}
	if err := a.addExtraction(&c, p.model); err != nil {
		return errors.Join(err, ln.Close())
	}
	return server.Serve(ctx, ln, c)
}
