package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/embed/e5"
	"github.com/citewell/citewell/retrieve/index"
)

// doctor checks each part separately and reports what is wrong and how to fix it.
// It downloads missing files, so that the next command need not. Each check has
// its own time limit.
func (a *app) doctor(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	p := &parts{}
	defer func() { err = errors.Join(err, p.Close()) }()
	failed := 0
	check := func(what string, do func(context.Context) (string, error)) bool {
		detail, err := do(ctx)
		if err != nil {
			failed++
			detail = message(err)
		}
		a.printCheck(checked{what, err == nil, detail})
		return err == nil
	}
	hasStore := check("milvus", func(ctx context.Context) (string, error) { return a.checkStore(ctx, p) })
	check("embedder", func(ctx context.Context) (string, error) { return a.checkEmbedder(ctx, p) })
	if hasStore {
		isThere := check("index", func(ctx context.Context) (string, error) { return a.checkIndex(ctx, p) })
		if isThere {
			check("rows", func(ctx context.Context) (string, error) { return a.checkRows(ctx, p) })
		}
		if a.recall && isThere {
			check("recall", func(ctx context.Context) (string, error) { return checkRecall(ctx, p) })
		}
	}
	check("model", a.checkModel)
	if failed > 0 {
		return fmt.Errorf("%d of the checks failed; each line above says how to fix it", failed)
	}
	return ctx.Err()
}

// A checked is the result of one check, as doctor --json prints it.
type checked struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // or what is wrong, and how to fix it
}

// printCheck prints a result. An error of writing shows in the next one.
func (a *app) printCheck(c checked) {
	verdict := "ok  "
	if !c.OK {
		verdict = "FAIL"
	}
	if a.json {
		_ = a.printJSON(c)
		return
	}
	_, _ = fmt.Fprintf(a.out, "%s  %-10s %s\n", verdict, c.Check, c.Detail)
}

// checkEmbedder checks the embedder: of local ones that of the index, or the one for
// English if there is no index yet.
func (a *app) checkEmbedder(ctx context.Context, p *parts) (_ string, err error) {
	note := ""
	if a.choosesModel() && p.store != nil {
		if _, noIndex := p.store.Fingerprint(ctx); noIndex != nil {
			note = "; an index of pages in other languages than English gets " + e5.Name
		}
		err = a.follow(ctx, p)
	} else {
		p.embedder, err = a.openEmbedder(ctx, p)
	}
	if err != nil {
		return "", err
	}
	e := p.embedder
	start := time.Now()
	if _, err := e.Embed(ctx, []string{"a question to measure"}, 0); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %v for a short text%s", e.Model(), time.Since(start).Round(time.Millisecond), note), nil
}

// checkStore opens the index. If the index has no file yet, it uses a temporary
// one to check that Milvus Lite runs.
func (a *app) checkStore(ctx context.Context, p *parts) (string, error) {
	store, err := a.openStore(ctx, false)
	if errors.Is(err, index.ErrNoIndex) {
		dir, tempErr := os.MkdirTemp("", "citewell-doctor-")
		if tempErr != nil {
			return "", tempErr
		}
		p.closers = append(p.closers, func() error { return os.RemoveAll(dir) })
		a.milvus = filepath.Join(dir, "doctor.db")
		store, err = a.openStore(ctx, true)
	}
	if err != nil {
		return "", err
	}
	p.store = store
	p.closers = append(p.closers, store.Close)
	return store.Engine(), store.Ping(ctx)
}

// checkIndex checks that this program can search the index, with the embedder that
// questions would use. A missing index is not a fault.
func (a *app) checkIndex(ctx context.Context, p *parts) (string, error) {
	fp, err := p.store.Fingerprint(ctx)
	if errors.Is(err, index.ErrNoIndex) {
		return fmt.Sprintf("%q does not exist yet; create it with: citewell ingest URL", a.name), nil
	}
	if err != nil {
		return "", err
	}
	if p.embedder != nil {
		if err := canSearch(fp, p.embedder); err != nil {
			return "", err
		}
	}
	stats, err := p.store.Stats(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%q: %d pages, %d chunks, %d windows; %s, %s, %s, %s", a.name, stats.Pages, stats.Chunks, stats.Windows, fp.Model, fp.Index, fp.Metric, fp.Chunker), nil
}

// Size of the sample of doctor --recall: vectors of the index to search for, and
// neighbours of each to compare.
const recallQuestions, recallK = 100, 10

// checkRecall measures the share of an exact search's results that the index finds.
func checkRecall(ctx context.Context, p *parts) (string, error) {
	r, err := p.store.Recall(ctx, recallQuestions, recallK)
	if errors.Is(err, index.ErrNoIndex) {
		return "the index does not exist yet", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s finds %.1f %% of the %d nearest windows that an exact search (FLAT) finds, over %d questions", r.Index, 100*r.Recall, r.K, r.Questions), nil
}

// checkModel asks the model for one word and reports the profile that Citewell uses
// for it.
func (a *app) checkModel(ctx context.Context) (string, error) {
	if !a.hasModel() {
		return "none configured: answers are extractive; set OPENAI_API_KEY, or another provider with --provider, for a model", nil
	}
	m, err := a.newModel(ctx)
	if err != nil {
		return "", err
	}
	p := m.Profile()
	profile := fmt.Sprintf("profile %s (%s)", p.Name, p.Why)
	resp, err := m.Complete(ctx, llm.Request{Messages: llm.User("Reply with the word ok.")})
	if err != nil {
		return "", fmt.Errorf("%w; %s", err, profile)
	}
	if known := llm.KnownProfile(resp.Model); known != "" && known != p.Name {
		profile += fmt.Sprintf("; but it identifies itself as %s: set --model-profile %s", resp.Model, known)
	}
	if m.UsesResponses() {
		profile += "; asked by the Responses API"
	}
	tokens := ""
	if !resp.Usage.Unknown {
		tokens = fmt.Sprintf("; that took %d tokens", resp.Usage.PromptTokens+resp.Usage.CompletionTokens)
	}
	return fmt.Sprintf("%s answers, as %s, under %s%s%s", m.Model(), resp.Model, profile, tokens, endOfModel(ctx, m)), nil
}

// endOfModel says when the model will be shut down, if that is known.
func endOfModel(ctx context.Context, m *llm.Client) string {
	date, err := m.Shutdown(ctx)
	if err != nil || date == "" {
		return "" // not every service has a list
	}
	return fmt.Sprintf("; the service shuts it down on %s: choose another with --model by then", date)
}
