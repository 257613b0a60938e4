// Package ingest brings documents into an index.
//
// Call [Ingester.Ingest] with the starts of sites, files and folders. Sites are
// crawled. Documents flow through a pipeline of bounded channels: their text is
// extracted and split, it is decided what becomes of each, in the order of the
// crawl, so that equal sites give equal indexes; the chunks that the index lacks
// are embedded, and the changes are written in batches. Of a document only its
// address and a hash stay in memory. One Commit ends the run.
// [Ingester.Preview] is the second verb: it shows the documents that the same
// code makes of a target, without an index.
//
// Every document has a row in the manifest that says what was decided, and why.
// A page that fails is reported and does not stop the others; a store or an
// embedder that fails stops the run. What has not changed is neither embedded
// nor written again, nor fetched, if its server says so. A run that is canceled
// returns ctx.Err(), commits nothing, and has written no page's manifest row
// before all of the page's chunks; nor does it prune.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// Defaults of [Config].
const (
	DefaultConcurrency = 4 // gentle to a site; the backlog of small servers is 5 connections
	DefaultIndexType   = "FLAT"
	DefaultMetric      = "L2"
)

// maxSizeRunes is the largest chunk size whose chunks always fit
// [index.MaxTextBytes], a rune having four bytes at most.
const maxSizeRunes = index.MaxTextBytes / 4

// ErrNothing means that a run found no page to index. The error that wraps it
// says what became of the first one.
var ErrNothing = errors.New("nothing was indexed")

// A Store is an index that is ingested into.
type Store interface {
	index.Opener
	index.Manifest
	// Fingerprint returns the settings of the index, or [index.ErrNoIndex].
	Fingerprint(ctx context.Context) (index.Fingerprint, error)
	// Crawls returns what is remembered of crawls, or [index.ErrNoIndex].
	Crawls(ctx context.Context) ([]index.Crawl, error)
}

// A Config says what an [Ingester] works with. Zero fields mean the defaults.
type Config struct {
	Opener      Store           // of the index; required by Ingest, not by Preview
	Embedder    embed.Embedder  // required by Ingest, not by Preview
	Fetch       crawl.Config    // how pages are fetched; private addresses that targets name are, too
	Untrusted   bool            // targets come from a stranger: the private addresses that they name are not fetched
	Crawl       crawl.Options   // what to take of sites, and how; its headers, AllowPrivate and selector are added to Fetch and Extract
	IndexType   string          // "" means FLAT
	Metric      string          // "L2", "IP" or "COSINE"; "" means L2
	Chunking    chunker.Options // of at most 16 383 runes
	Extract     extract.Options // what to keep of a page
	BaseURL     string          // what files are cited under; "" cites their paths
	Concurrency int             // documents fetched at once; 0 means 4

	PruneLimitPercent int  // most pages that a run removes, of those that are known; 0 means [DefaultPruneLimitPercent]
	PruneAll          bool // remove pages that are gone, however many they are

	Progress func(Progress)   // called from one goroutine, five times a second at most; may be nil
	Log      *slog.Logger     // nil means silence
	Now      func() time.Time // nil means time.Now
}

// An Ingester brings documents into an index. It is safe for concurrent use, but
// two runs on one index get in each other's way.
type Ingester struct {
	config Config
	log    *slog.Logger
}

// New returns an Ingester.
func New(c Config) (*Ingester, error) {
	invalid := c.useCrawl()
	_, err := crawl.New(c.Fetch)
	if err := errors.Join(c.Chunking.Validate(), c.Extract.Validate(), invalid, err); err != nil {
		return nil, err
	}
	if size, _ := c.Chunking.Size(); size > maxSizeRunes {
		return nil, fmt.Errorf("ingest: chunk size %d is more than %d characters, which the index can't store", size, maxSizeRunes)
	}
	if c.Concurrency < 0 {
		return nil, fmt.Errorf("ingest: concurrency %d is negative", c.Concurrency)
	}
	if c.BaseURL != "" {
		if u, err := url.Parse(c.BaseURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, errors.New("ingest: the base URL is not an http or https address")
		}
	}
	if !index.Filterable(c.Crawl.Source) {
		return nil, fmt.Errorf("ingest: the source holds a character that it can't have, or is longer than %d bytes", index.MaxFilterBytes)
	}
	if c.Concurrency == 0 {
		c.Concurrency = DefaultConcurrency
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
	return &Ingester{config: c, log: c.Log}, nil
}

// Fingerprint returns the settings of an index that in makes.
func (in *Ingester) Fingerprint() (index.Fingerprint, error) {
	c := in.config
	if c.Embedder == nil {
		return index.Fingerprint{}, errors.New("ingest: the Ingester has no embedder")
	}
	model := c.Embedder.Model()
	dim, err := strconv.Atoi(model[strings.LastIndexByte(model, '/')+1:])
	if err != nil || dim < 1 {
		return index.Fingerprint{}, fmt.Errorf("ingest: the embedder's model %q does not end in its dimension", model)
	}
	fp := index.Fingerprint{
		Model: model, Dim: dim, Index: c.IndexType, Metric: c.Metric,
		Chunker:  in.chunking().String() + " " + c.Extract.Format.String(),
		Analyser: bm25.Analyser, Schema: index.SchemaVersion,
	}
	if fp.Index == "" {
		fp.Index = DefaultIndexType
	}
	if fp.Metric == "" {
		fp.Metric = DefaultMetric
	}
	return fp, nil
}

// settings returns what the pages of a site depend on.
func (in *Ingester) settings() settings {
	c := in.config
	s := settings{Options: c.Crawl, Base: c.Crawl.CanonicalBase, Selectors: c.Extract.Selectors, Version: extractVersion}
	s.CanonicalBase, s.Selector = "", "" // they are stored as Base and Selectors
	s.Rate, s.Headers, s.AllowPrivate = 0, nil, false
	return s
}

// Ingest brings the targets into the index: sites, of which addresses that begin
// with http:// or https:// are the starts, files, and folders of files. A
// document that two targets lead to is read for the first of them. With rebuild
// the index is made anew and takes the place of the old one at the end.
//
// Of pages with the same text that one target leads to, one is indexed. A page
// that can't be read keeps what the index has of it. Pages of a site that are no
// more are removed when its crawl has come to its end, unless they are so many
// that the site may be down.
//
// The report is of use with an error too. If no page is in the index afterwards,
// the error is an [ErrNothing].
func (in *Ingester) Ingest(ctx context.Context, targets []string, rebuild bool) (Report, error) {
	p := newPipeline(in, rebuild)
	if err := p.prepare(ctx, targets); err != nil {
		return p.tally.result(), err
	}
	stop := p.tally.report(in.config.Progress)
	err := p.run(ctx, targets)
	stop()
	report := p.tally.result()
	if ctx.Err() != nil {
		return report, ctx.Err()
	}
	return report, err
}
