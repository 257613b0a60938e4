// Package ingest brings documents into an index.
//
// Call [Ingester.Ingest] with the starts of sites, files and folders. Sites are
// crawled. Documents pass through the stages of a pipeline (see pipeline.go):
// their text is extracted, a decision is made about each page, in the order of
// the crawl, so that equal sites give equal indexes; the chunks that the index
// lacks are embedded, and the changes are written in batches. Of a page only its
// address and a hash stay in memory. One Commit ends the run.
//
// [Ingester.Preview] shows the documents that a run makes of a target, and
// [Ingester.Explain] what it decides about one address; neither writes anything.
//
// Every page has a row in the manifest that says what was decided, and why. A
// page that fails is reported and does not stop the others; a store or an
// embedder that fails stops the run. What has not changed is neither embedded nor
// written again, nor fetched, if its server says so. A run that is canceled
// returns ctx.Err(), commits nothing, and has written no page's manifest row
// before all of the page's chunks; nor does it prune.
package ingest

import (
	"cmp"
	"context"
	"errors"

	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/index"
)

// ErrNothing means that a run found no page to index. The error that wraps it
// says what became of the first one.
var ErrNothing = errors.New("nothing was indexed")

// An Ingester brings documents into an index. It is safe for concurrent use; of two
// runs on one index, the second one waits for the first one to end.
type Ingester struct {
	config Config
}

// New returns an Ingester.
func New(c Config) (*Ingester, error) {
	c.applyCrawl()
	if err := c.validate(); err != nil {
		return nil, err
	}
	c.setDefaults()
	return &Ingester{config: c}, nil
}

// Fingerprint returns the settings of the index that in writes, if its embedder is not
// chosen by pages.
func (in *Ingester) Fingerprint() (index.Fingerprint, error) { return in.config.fingerprint() }

// Ingest brings the targets into the index: sites, of which addresses that begin
// with http:// or https:// are the starts, files, and folders of files. A
// document that two targets lead to is read for the first of them. With rebuild
// the run fills a new index, which replaces the old one at the end.
//
// Of pages with equal text that one target leads to, one is indexed. A page that
// can't be read keeps what the index has of it. Pages that a site no longer has
// are removed when its crawl has come to its end, unless they are so many that
// the site may be down.
//
// The report is of use with an error too. If no page is in the index afterwards,
// the error is an [ErrNothing].
func (in *Ingester) Ingest(ctx context.Context, targets []string, rebuild bool) (report Report, err error) {
	ctx, span := trace.Start(ctx, "ingest")
	defer func() {
		span.Number("citewell.pages", report.Pages)
		span.End(err)
	}()
	return in.ingest(ctx, targets, rebuild)
}

func (in *Ingester) ingest(ctx context.Context, targets []string, rebuild bool) (Report, error) {
	r := newRun(in.config, rebuild)
	defer r.close(ctx)
	if err := r.prepare(ctx, targets); err != nil {
		return r.tally.result(), cmp.Or(ctx.Err(), err)
	}
	stop := r.tally.reportProgress(in.config.Progress)
	err := pipeline(ctx, r, targets)
	stop()
	report := r.tally.result()
	if ctx.Err() != nil {
		return report, ctx.Err()
	}
	return report, err
}
