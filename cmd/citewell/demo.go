package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/embed/local"
	"github.com/citewell/citewell/internal/site"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

const (
	// demoQuestion is asked when the user gives none.
	demoQuestion = "What happens when I ingest the same page twice?"
	// demoPorts is the number of ports that the demo tries.
	demoPorts = 20
	// docsPath is where the demo serves the documentation that it ingests.
	docsPath = "/docs/"
)

// demoPage is the look of the demo's page.
var demoPage = web.Settings{Starters: []string{demoQuestion, "How do I ask a follow-up question over HTTP?", "Which models accept images?", "What is logged of a question?"}}

// demo runs the whole program on Citewell's own documentation. It serves the
// site, ingests it over HTTP into a separate index in the cache folder, answers a
// question, then serves until it is interrupted.
func (a *app) demo(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	question := demoQuestion
	if len(args) == 1 {
		question = args[0]
	}
	a.wait = defaultWait
	ln, err := a.demoListen(ctx, cmd.Flags().Changed("addr"))
	if err != nil {
		return err
	}
	base := "http://" + ln.Addr().String() + docsPath
	docs, _, err := site.Handler(docsPath)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	if err := a.demoDefaults(ln); err != nil {
		return errors.Join(err, ln.Close())
	}
	end, err := a.emulateModel(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, end()) }()
	p, err := a.open(ctx, true)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	p.bound(a.newGates())
	if err := a.openAnswerer(ctx, p); err != nil {
		return errors.Join(err, ln.Close())
	}

	token := ""
	if p.model != nil { // without one, nothing needs a token
		if token, err = a.openToken(); err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	if err := a.logQuestionsIfPossible(ctx, p); err != nil {
		return errors.Join(err, ln.Close())
	}

	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- a.listen(serving, ln, p, server.Config{Log: a.logAt(slog.LevelWarn), Token: token, Page: demoPage, Catalog: catalog{store: p.store}, Mount: map[string]http.Handler{docsPath: docs}})
	}()
	defer func() {
		stop()
		err = errors.Join(err, <-done)
	}()
	if err := a.demoAnswer(ctx, p, base, question); err != nil || a.once {
		return err
	}
	a.say("\nAsk more at http://%s/ and read the documentation at %s (Ctrl-C ends)", ln.Addr(), base)
	<-ctx.Done()
	return nil
}

// demoListen listens on --addr. If that port is in use and the user did not choose
// it, demoListen tries the next ports.
func (a *app) demoListen(ctx context.Context, chosen bool) (net.Listener, error) {
	if server.IsPublic(a.addr) {
		return nil, fmt.Errorf("%s is reachable from the network, and the demo is for this machine: listen on 127.0.0.1, or use citewell serve", a.addr)
	}
	ln, err := server.Listen(ctx, a.addr)
	if chosen || !errors.Is(err, server.ErrPortInUse) {
		return ln, err
	}
	host, port, _ := net.SplitHostPort(a.addr)
	first, convErr := strconv.Atoi(port)
	if convErr != nil {
		return nil, err
	}
	for p := first + 1; p <= first+demoPorts; p++ {
		if ln, e := server.Listen(ctx, net.JoinHostPort(host, strconv.Itoa(p))); e == nil {
			return ln, nil
		}
	}
	return nil, err
}

// demoDefaults selects the demo's index. Each listening address has its own index,
// since the URLs of the pages contain the port.
func (a *app) demoDefaults(ln net.Listener) error {
	dir := a.cache("demo")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	addr := strings.NewReplacer(":", "-", "[", "", "]", "").Replace(ln.Addr().String())
	a.milvus, a.milvusCA, a.milvusToken, a.name, a.embedder, a.embedModel = a.cache("demo", addr+".db"), "", "", "demo", "local", local.English
	a.text, a.sizeRunes, a.overlapRunes, a.index, a.metric = "markdown", 2000, 200, "FLAT", "L2"
	return nil
}

// demoAnswer ingests the documentation and prints the answer to question.
func (a *app) demoAnswer(ctx context.Context, p *parts, base, question string) error {
	a.say("ingesting Citewell's documentation from %s", base)
	targets := []string{base}
	in, err := a.newIngester(p)
	if err != nil {
		return err
	}
	report, err := in.Ingest(ctx, targets, false)
	if errors.Is(err, index.ErrMismatch) { // another version of Citewell made the index
		report, err = in.Ingest(ctx, targets, true)
	}
	if err != nil {
		return err
	}
	a.say("%d pages, %d chunks, %d embedded now, in %.1f s", report.Pages, report.Chunks, report.Embedded, report.Seconds)
	switch {
	case a.emulated != "":
		a.say("asking an emulation of %s, not a model: %s", a.emulated, question)
	case a.hasModel():
		a.say("asking %s: %s", a.model, question)
	default:
		a.say("asking without a model (OPENAI_API_KEY is not set): %s", question)
	}
	start := time.Now()
	got, err := p.answerer.Answer(ctx, answer.Question{Text: question})
	if err != nil {
		return err
	}
	if !a.json {
		if _, err := fmt.Fprintf(a.out, "\nQ: %s\n\nA: ", question); err != nil {
			return err
		}
	}
	if err := a.printAnswer(got); err != nil {
		return err
	}
	a.say("answered in %v", time.Since(start).Round(time.Millisecond))
	return nil
}
