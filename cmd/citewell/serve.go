package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/server"
)

func (a *app) serve(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	// The port first: it is the cheapest thing to fail.
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
	a.say("ask at http://%s/ (Ctrl-C ends)", ln.Addr())
	return a.listen(ctx, ln, p, slog.LevelInfo, nil)
}

// listen answers on ln until ctx ends, and logs what is of that level or above.
func (a *app) listen(ctx context.Context, ln net.Listener, p *parts, level slog.Level, mount map[string]http.Handler) error {
	log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))
	c := server.Config{Answerer: p.answerer, Retriever: p.retriever, Ready: p.store.Ping, Log: log, Mount: mount}
	if err := a.extraction(&c, p.model); err != nil {
		return errors.Join(err, ln.Close())
	}
	return server.Serve(ctx, ln, c)
}
