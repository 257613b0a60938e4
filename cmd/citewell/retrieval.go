package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/rerank"
)

// retrievalConfig holds the settings of a search and of the evidence an answer needs.
type retrievalConfig struct {
	mode                  string
	reranker, rerankModel string
	minEvidence           float64
	flaggedWeight         float64
	rerankVars            map[string]Secret // by name, from the environment
}

// modes are the values of --mode.
var modes = []string{string(retrieve.Hybrid), string(retrieve.Dense), string(retrieve.Sparse)}

// noMinEvidence is the value of [answer.Config.MinEvidence] that answers every
// question. On the command line that is 0, which means the default in the Config.
const noMinEvidence = -1

func retrievalFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.mode, "mode", string(retrieve.Hybrid), "search mode: dense (meaning), sparse (words) or hybrid (both)")
	rerankFlags(f, c)
	f.Float64Var(&c.flaggedWeight, "flagged-weight", retrieve.DefaultFlaggedWeight, "weight, in (0, 1], of the scores of chunks that seem to give instructions to a model; 1 means no penalty")
}

func rerankFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.reranker, "rerank", "", "service that reranks the results: "+strings.Join(rerankerNames(), ", ")+" (default: none)")
	f.StringVar(&c.rerankModel, "rerank-model", "", "model of the reranking service (default: the service's)")
}

func evidenceFlag(f *pflag.FlagSet, c *config) {
	f.Float64Var(&c.minEvidence, "min-evidence", retrieve.DefaultMinEvidence, "minimum evidence, 0–1, that the pages hold the answer; with less, a question is not answered")
}

func rerankerNames() []string {
	var names []string
	for _, p := range rerank.Providers() {
		names = append(names, p.Name)
	}
	return names
}

// loadReranker reads the environment variables of all reranking services.
func (c *config) loadReranker(getenv func(string) string) {
	c.rerankVars = map[string]Secret{}
	for _, p := range rerank.Providers() {
		readVars(c.rerankVars, getenv, p.URLVar, p.KeyVar)
	}
}

// rerankConfig returns the settings of the chosen reranking service, and whether
// one is chosen.
func (c *config) rerankConfig() (rerank.Config, bool) {
	all := rerank.Providers()
	i := slices.IndexFunc(all, func(p rerank.Provider) bool { return p.Name == c.reranker })
	if i < 0 {
		return rerank.Config{}, false
	}
	p := all[i]
	return rerank.Config{Provider: p.Name, Model: c.rerankModel, BaseURL: string(c.rerankVars[p.URLVar]), APIKey: string(c.rerankVars[p.KeyVar])}, true
}

// validateRetrieval checks the flags of a search.
func (c *config) validateRetrieval(f *pflag.FlagSet) error {
	var errs []error
	if m := f.Lookup("mode"); m != nil && m.Value.Type() == "string" && !slices.Contains(modes, c.mode) {
		errs = append(errs, fmt.Errorf("--mode %q is unknown: choose %s", c.mode, strings.Join(modes, ", ")))
	}
	if f.Lookup("rerank") != nil && c.reranker != "" {
		rc, known := c.rerankConfig()
		if !known {
			errs = append(errs, fmt.Errorf("--rerank %q is unknown: choose %s", c.reranker, strings.Join(rerankerNames(), ", ")))
		} else if _, err := rerank.New(rc); err != nil {
			errs = append(errs, err)
		}
	}
	if f.Lookup("min-evidence") != nil {
		switch {
		case c.minEvidence == 0:
			c.minEvidence = noMinEvidence
		case !(c.minEvidence > 0 && c.minEvidence <= 1):
			errs = append(errs, fmt.Errorf("--min-evidence %v is not within 0–1", c.minEvidence))
		}
	}
	if f.Lookup("flagged-weight") != nil && !(c.flaggedWeight > 0 && c.flaggedWeight <= 1) {
		errs = append(errs, fmt.Errorf("--flagged-weight %v is not above 0 and at most 1", c.flaggedWeight))
	}
	return errors.Join(errs...)
}

// newRetriever returns a retriever with the chosen mode and reranker.
func (a *app) newRetriever(c retrieve.Config) (*retrieve.Retriever, error) {
	c.Log = a.log()
	c.Mode, c.FlaggedWeight = retrieve.Mode(a.mode), cmp.Or(c.FlaggedWeight, a.flaggedWeight)
	if a.embedder == "local" { // of a service, the name does not tell whose model it is
		c.CacheDir = a.cacheDir
	}
	if a.vectors != nil {
		c.Embedder = embed.Remember(provenEmbedder{c.Embedder, a.embedded}, a.vectors)
	}
	if rc, chosen := a.rerankConfig(); chosen {
		rc.Log = a.log()
		if a.transport != nil {
			rc.Client = &http.Client{Transport: a.transport}
		}
		r, err := rerank.New(rc)
		if err != nil {
			return nil, err
		}
		c.Reranker = r
	}
	return retrieve.New(c)
}
