package ingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/index"
)

// Models are embedders of which the first pages of an index choose one. Their names
// are those of [embed.Embedder.Model].
type Models interface {
	// Choose returns the name of the embedder for an index of pages with these texts;
	// for none, that of an index whose pages are not known yet.
	Choose(texts []string) string
	// Has reports whether there is an embedder of this name.
	Has(name string) bool
	// Open returns the embedder of this name.
	Open(ctx context.Context, name string) (embed.Embedder, error)
}

// SamplePages is how many pages choose the embedder of a new index.
const SamplePages = 20

// sampleBytes is how much of a page counts.
const sampleBytes = 8_000

// model returns the name of the embedder, as far as it is known without an index.
func (c *Config) model() string {
	if c.Models != nil {
		return c.Models.Choose(nil)
	}
	return c.Embedder.Model()
}

// dimOf returns the dimension at the end of a model's name.
func dimOf(model string) (int, error) {
	dim, err := strconv.Atoi(model[strings.LastIndexByte(model, '/')+1:])
	if err != nil || dim < 1 {
		return 0, fmt.Errorf("ingest: the embedder's model %q does not end in its dimension", model)
	}
	return dim, nil
}

// begin begins the run on the index. If the pages of the index chose another of
// Config.Models, its fingerprint names that one.
func (r *run) begin(ctx context.Context) error {
	store, err := r.config.Opener.Begin(ctx, r.fingerprint, r.rebuild)
	if mismatch, ok := errors.AsType[*index.MismatchError](err); ok && r.config.Models != nil && r.config.Models.Has(mismatch.Have.Model) {
		r.fingerprint.Model, r.fingerprint.Dim = mismatch.Have.Model, mismatch.Have.Dim
		store, err = r.config.Opener.Begin(ctx, r.fingerprint, r.rebuild)
	}
	if err != nil {
		return fmt.Errorf("ingest: open the index: %w", err)
	}
	r.store = store
	return nil
}

// openEmbedder opens the embedder, if it is known before the first page: one was given,
// or the index has one already.
func (r *run) openEmbedder(ctx context.Context) (err error) {
	switch {
	case r.config.Models == nil:
		r.embedder = r.config.Embedder
	case r.hasIndex:
		r.embedder, err = r.config.Models.Open(ctx, r.fingerprint.Model)
	}
	return err
}

// chooseEmbedder sends decisions on. If the embedder is not known yet, it first waits
// for the pages that choose it.
func (r *run) chooseEmbedder(ctx context.Context, in <-chan decision, out chan<- decision) error {
	var held []decision
	pages := 0
	for {
		d, ok, err := receive(ctx, in)
		if err != nil {
			return err
		}
		if ok {
			held = append(held, d)
			if len(d.Chunks) > 0 {
				pages++
			}
			if r.embedder == nil && pages < SamplePages {
				continue
			}
		}
		if err := r.choose(ctx, held); err != nil {
			return err
		}
		for _, d := range held {
			if err := send(ctx, out, d); err != nil {
				return err
			}
		}
		if held = nil; !ok {
			return nil
		}
	}
}

// choose chooses the embedder by the texts of these pages, unless it is known. Nothing
// was written yet.
func (r *run) choose(ctx context.Context, pages []decision) error {
	if r.embedder != nil || len(pages) == 0 {
		return nil
	}
	var texts []string
	for _, p := range pages {
		var text strings.Builder
		for _, c := range p.Chunks {
			if text.Len() < sampleBytes {
				text.WriteString(c.Body + "\n\n")
			}
		}
		if text.Len() > 0 {
			texts = append(texts, text.String())
		}
	}
	model := r.config.Models.Choose(texts)
	dim, err := dimOf(model)
	if err != nil {
		return err
	}
	e, err := r.config.Models.Open(ctx, model)
	if err != nil {
		return fmt.Errorf("ingest: open the embedder: %w", err)
	}
	if err := r.store.SetModel(model, dim); err != nil {
		return err
	}
	r.fingerprint.Model, r.fingerprint.Dim = model, dim
	r.embedder = e
	return nil
}
