package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/ingest/folder"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// Defaults of [Config].
const (
	defaultConcurrency = 4 // gentle to a site; the backlog of small servers is 5 connections
	defaultIndexType   = "FLAT"
	defaultMetric      = "L2"
	// DefaultPruneLimitPercent is the share of a site's pages that a run removes
	// without being told to: more may mean that the site is down.
	DefaultPruneLimitPercent = 30
)

// maxSizeRunes is the largest chunk size whose chunks always fit
// [index.MaxTextBytes], a rune having four bytes at most.
const maxSizeRunes = index.MaxTextBytes / 4

// extractVersion counts the changes of packages extract and document that give
// pages other texts. After such a change all pages are read again, also those
// that their server calls unchanged.
const extractVersion = 5

// A Store is an index that is ingested into.
type Store interface {
	index.Opener
	index.Manifest
	// Fingerprint returns the settings of the index, or [index.ErrNoIndex].
	Fingerprint(ctx context.Context) (index.Fingerprint, error)
	// Crawls returns the recorded crawls, or [index.ErrNoIndex].
	Crawls(ctx context.Context) ([]index.Crawl, error)
}

// A Config says what an [Ingester] works with. Zero fields mean the defaults.
type Config struct {
	Opener      Store           // of the index; required by Ingest, not by Preview
	Embedder    embed.Embedder  // required by Ingest, not by Preview, if Models is nil
	Models      Models          // of which the first pages choose the embedder of a new index; an index keeps its own
	Fetch       crawl.Config    // how pages are fetched; private addresses that targets name are fetched, too
	Untrusted   bool            // targets come from a stranger: the private addresses that they name are not fetched
	Crawl       crawl.Options   // what to take of sites, and how; its headers, AllowPrivate and selector are added to Fetch and Extract
	IndexType   string          // "" means FLAT
	Metric      string          // "L2", "IP" or "COSINE"; "" means L2
	Chunking    chunker.Options // of at most 16 383 runes
	Extract     extract.Options // what to keep of a page
	BaseURL     string          // what files are cited under; "" means what the settings of their folder name, else cites their paths
	URLStyle    folder.Style    // of the addresses of files; "" means that of the generator of their folder
	Concurrency int             // documents fetched at once; 0 means 4

	PruneLimitPercent int  // most pages that a run removes, of those that the index has; 0 means [DefaultPruneLimitPercent]
	PruneAll          bool // remove pages that are gone, however many they are

	Progress func(Progress)   // called from one goroutine, five times a second at most; may be nil
	Log      *slog.Logger     // nil means silence
	Now      func() time.Time // nil means time.Now
}

// applyCrawl applies Crawl to how pages are fetched and read.
func (c *Config) applyCrawl() {
	c.Fetch.AllowPrivate = c.Fetch.AllowPrivate || c.Crawl.AllowPrivate
	if c.Crawl.Headers != nil {
		c.Fetch.Headers = c.Crawl.Headers
	}
	if c.Crawl.Selector != "" {
		c.Extract.Selectors = []string{c.Crawl.Selector}
	}
}

// validate returns an error if no run is possible with c.
func (c *Config) validate() error {
	errs := []error{c.Chunking.Validate(), c.Extract.Validate()}
	if err := c.Crawl.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("ingest: %w", err))
	}
	if c.PruneLimitPercent < 0 || c.PruneLimitPercent > 100 {
		errs = append(errs, fmt.Errorf("ingest: the prune limit of %d percent is not within 0–100", c.PruneLimitPercent))
	}
	_, err := crawl.New(c.Fetch)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	if size, _ := c.Chunking.Size(); size > maxSizeRunes {
		return fmt.Errorf("ingest: chunk size %d is more than %d characters, which the index can't store", size, maxSizeRunes)
	}
	if c.Concurrency < 0 {
		return fmt.Errorf("ingest: concurrency %d is negative", c.Concurrency)
	}
	if c.BaseURL != "" {
		if u, err := url.Parse(c.BaseURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return errors.New("ingest: the base URL is not an http or https address")
		}
	}
	if !index.Filterable(c.Crawl.Source) {
		return fmt.Errorf("ingest: the source holds a character that it can't have, or is longer than %d bytes", index.MaxFilterBytes)
	}
	return nil
}

// setDefaults sets the zero fields that have a default.
func (c *Config) setDefaults() {
	if c.Concurrency == 0 {
		c.Concurrency = defaultConcurrency
	}
	if c.IndexType == "" {
		c.IndexType = defaultIndexType
	}
	if c.Metric == "" {
		c.Metric = defaultMetric
	}
	if c.PruneLimitPercent == 0 {
		c.PruneLimitPercent = DefaultPruneLimitPercent
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Fetch.Log == nil {
		c.Fetch.Log = c.Log
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// documents returns how documents are made.
func (c *Config) documents() document.Options {
	return document.Options{Extract: c.Extract, Chunking: c.Chunking, Source: c.Crawl.Source}
}

// settings returns what the pages of a site depend on.
func (c *Config) settings() site.Settings {
	s := site.Settings{Options: c.Crawl, Base: c.Crawl.CanonicalBase, Selectors: c.Extract.Selectors, Version: extractVersion}
	s.CanonicalBase, s.Selector = "", "" // They are stored as Base and Selectors.
	s.Rate, s.Headers, s.AllowPrivate = 0, nil, false
	return s
}

// fingerprint returns the settings of the index; of Models it names the one that an
// index without pages has.
func (c *Config) fingerprint() (index.Fingerprint, error) {
	if c.Embedder == nil && c.Models == nil {
		return index.Fingerprint{}, errors.New("ingest: the Ingester has no embedder")
	}
	model := c.model()
	dim, err := dimOf(model)
	if err != nil {
		return index.Fingerprint{}, err
	}
	return index.Fingerprint{
		Model: model, Dim: dim, Index: c.IndexType, Metric: c.Metric, Chunker: c.documents().Chunker(),
		Analyser: bm25.Analyser, Schema: index.SchemaVersion,
	}, nil
}
