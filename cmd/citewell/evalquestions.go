package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

func evalQuestionsFlags(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.pageRoots, "pages", nil, "folder that the paths of sites' pages begin at; repeatable (default: the current folder)")
	f.StringVar(&c.split, "split", "", "only sites of this split, such as choose or judge")
	f.StringVar(&c.site, "site", "", "only the site of this name")
	f.BoolVar(&c.rows, "rows", false, "add each question with its answer")
	sizeFlags(f, c)
	indexFlags(f, c)
}

// evalQuestions measures refusals and answers without a model on the pages of sites.
func (a *app) evalQuestions(cmd *cobra.Command, _ []string) error {
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	sites, err := a.evalSites()
	if err != nil {
		return err
	}
	rows, err := onSites(cmd.Context(), a, sites, a.askSite)
	if err != nil {
		return err
	}
	rep := eval.NewSiteReport(rows)
	return errors.Join(a.printQuestions(rep), missedThresholds(wanted, "", rep.Metrics))
}

// evalSites reads the sites of the flags --data, --split and --site.
func (a *app) evalSites() ([]evalset.Site, error) {
	sites, err := evalset.ReadSites(a.data)
	if err != nil {
		return nil, err
	}
	sites = slices.DeleteFunc(sites, func(s evalset.Site) bool {
		return a.split != "" && s.Split != a.split || a.site != "" && s.Name != a.site
	})
	if len(sites) == 0 {
		return nil, fmt.Errorf("%s has no site of this --split and --site", a.data)
	}
	return sites, nil
}

// onSites returns the rows that measure returns for each of the sites.
func onSites[T any](ctx context.Context, a *app, sites []evalset.Site, measure func(context.Context, *evalIndex, evalset.Site) ([]T, error)) ([]T, error) {
	var rows []T
	for _, site := range sites {
		s, err := a.openSite(ctx, site)
		if err != nil {
			return nil, err
		}
		of, err := measure(ctx, s, site)
		if err := errors.Join(err, s.Close()); err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	return rows, nil
}

// askSite asks the questions of one site.
func (a *app) askSite(ctx context.Context, s *evalIndex, site evalset.Site) ([]eval.SiteRow, error) {
	config := answer.Config{Retriever: s.retriever, K: a.k, MinEvidence: a.minEvidence}
	plain, err := answer.New(config)
	if err != nil {
		return nil, err
	}
	probe := &eval.Probe{}
	config.Model = probe
	counted, err := answer.New(config)
	if err != nil {
		return nil, err
	}
	return eval.AskSite(ctx, plain, counted, probe, site, a.counter("questions asked of "+site.Name))
}

// openSite opens the index of a site's pages.
func (a *app) openSite(ctx context.Context, site evalset.Site) (*evalIndex, error) {
	roots := a.pageRoots
	if len(roots) == 0 {
		roots = []string{"."}
	}
	files, err := site.Files(roots)
	if err != nil {
		return nil, err
	}
	s := &evalIndex{parts: &parts{}}
	return s, a.openEvalPages(ctx, s, evalPages{
		config:  ingest.Config{BaseURL: site.BaseURL, Crawl: crawl.Options{Source: site.Name}, Extract: extract.Options{Format: extract.Markdown}},
		content: struct{ Base, Source, Files any }{site.BaseURL, site.Name, files}, count: len(files),
		write: func(dir string) ([]string, error) { return []string{dir}, writeSite(dir, files) },
	}, retrieve.Config{})
}

// writeSite writes the files of a site to a folder, which has no other files then.
func writeSite(dir string, files []evalset.SiteFile) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(path.Clean(f.Path)))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printQuestions(r *eval.SiteReport) error {
	if !a.rows {
		r.Rows = nil
	}
	if a.json {
		return a.printJSON(r)
	}
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	groups := slices.Concat(r.Strata, r.Sites)
	percent := func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
	fmt.Fprintf(out, "answerable\tquestions\trefused\twith a model\tright page\twhole\tand brief\tpartial\twrong\twords\tbrief\n")
	for _, g := range groups {
		if g.Answerable {
			fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.2f×\t%s\n", g.Name, g.Questions, percent(g.Refused), percent(g.RefusedWithModel), percent(g.RightPage),
				percent(g.Whole), percent(g.WholeBrief), percent(g.Partial), percent(g.Wrong), g.Ratio, percent(g.Brief))
		}
	}
	fmt.Fprintf(out, "\nnot answerable\tquestions\trefused\twith a model\tmissing name given\n")
	for _, g := range groups {
		if !g.Answerable {
			fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\n", g.Name, g.Questions, percent(g.Refused), percent(g.RefusedWithModel), percent(g.Named))
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	rows := errWriter{w: a.out}
	for _, row := range r.Rows {
		rows.printf("\n%s", describeRow(row))
	}
	return rows.err
}

// describeRow describes one question and what became of it.
func describeRow(r eval.SiteRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n", r.ID, r.Stratum, r.Text)
	var verdict string
	switch {
	case r.Refused:
		verdict = "refused: " + r.Reason
	case !r.Stratum.Answerable():
		verdict = "answered, though the pages do not answer it"
	case r.Whole():
		verdict = "whole"
	case r.Wrong():
		verdict = "wrong"
	default:
		verdict = "partial"
	}
	fmt.Fprintf(&b, "  %s\n", verdict)
	if r.RefusedWithModel != r.Refused {
		fmt.Fprintf(&b, "  a model is asked: %t\n", !r.RefusedWithModel)
	}
	if r.Refused {
		return b.String()
	}
	if len(r.Missed) > 0 {
		fmt.Fprintf(&b, "  lacks: %s\n", strings.Join(r.Missed, "; "))
	}
	if r.BlockWords > 0 {
		fmt.Fprintf(&b, "  words: %d, of the passage: %d\n", r.Words, r.BlockWords)
	}
	fmt.Fprintf(&b, "  cites: %s\n  > %s\n", strings.Join(slices.Compact(r.Cited), " "), strings.ReplaceAll(r.Answer, "\n", "\n  > "))
	return b.String()
}
