package main

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/limit"
)

func (a *app) serve(cmd *cobra.Command, _ []string) error {
	a.wait = jobWait
	// Listen first: a port in use is the quickest failure.
	ln, err := server.Listen(cmd.Context(), a.addr)
	if err != nil {
		return err
	}
	return a.serveOn(cmd, ln)
}

// serveOn serves on ln until the command ends, and closes it.
func (a *app) serveOn(cmd *cobra.Command, ln net.Listener) (err error) {
	defer func() {
		if e := ln.Close(); !errors.Is(e, net.ErrClosed) { // by the server
			err = errors.Join(err, e)
		}
	}()
	ctx := cmd.Context()
	a.vectors, a.embedded = a.newVectorCache(), &proof{}
	p, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	p.bound(a.newGates())
	db, err := a.openState(ctx)
	if err != nil {
		return err
	}
	p.state, p.closers = db, append(p.closers, db.Close)
	if err := a.openAnswerer(ctx, p); err != nil {
		return err
	}
	log := a.logAt(slog.LevelInfo)
	if err := a.openJournal(p, db, log); err != nil {
		return err
	}
	ctx, m := a.newMetrics(ctx, db)
	b, err := a.openJobs(p, db, m, log)
	if err != nil {
		return err
	}
	token, err := a.openServerToken(ctx, db)
	if err != nil {
		return err
	}
	requireKey := a.requiresKey(cmd.Flags())
	if requireKey {
		a.say("asking needs a key; make one with: citewell keys add NAME")
	}
	page, shown, err := a.shown(p, db)
	if err != nil {
		return err
	}
	c := server.Config{Log: log, Ingester: ingestions{b.runner}, Jobs: b.forms, Token: token, Keys: db, RequireKey: requireKey, ProofOfWork: a.proofOfWork, Page: page, Catalog: shown,
		Limiter: limit.New(limit.Config{Store: db, Log: log}), ReservedTokens: p.reserved, Metrics: m}
	c.Operators = a.operators(p, db)
	c.AddressLimits, c.AnonymousLimits = a.limits()
	p.closers = append(p.closers, c.Limiter.Close)
	g, ctx := errgroup.WithContext(ctx)
	a.watch(m, p)
	if err := a.serveMetrics(ctx, g, m); err != nil {
		return err
	}
	a.say("ask at http://%s/ (Ctrl-C ends)", ln.Addr())
	g.Go(func() error { return b.run(ctx) })
	g.Go(func() error { return a.listen(ctx, ln, p, c) })
	return g.Wait()
}

// listen serves on ln until ctx ends. It completes the configuration with p.
func (a *app) listen(ctx context.Context, ln net.Listener, p *parts, c server.Config) error {
	c.Answerer, c.Ready, c.AllowedHosts, c.AllowedOrigins = p.answerer, storeReady(p), a.allowedHosts, a.allowedOrigins
	c.Parts, c.Index, c.SentTo = a.readyParts(p), a.name, a.sentTo(p.model != nil)
	c.Manifest, c.Version, c.PublishTexts = p.store, programVersion(), a.publishTexts
	c.TrustedProxies, c.BasePath = a.trustedProxies(), a.basePath
	c.EmbedsElsewhere = a.embeddingService() != ""
	c.Retriever = p.gates.searches.Finder(p.retriever)
	p.gates.open(&c)
	if p.journal != nil {
		c.Voter = p.journal
	}
	if err := a.addExtraction(&c, p); err != nil {
		return errors.Join(err, ln.Close())
	}
	return errors.Join(server.Serve(ctx, ln, c), p.cache.Close())
}
