package retrieve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/index"
)

// ErrEmbedder means that the question can't be embedded. Callers use errors.Is.
var ErrEmbedder error = problem.EmbedderUnavailable

// defaultEmbedTimeout leaves a second for the search in which a reply is due after 5 s.
const defaultEmbedTimeout = 4 * time.Second

// prepare embeds the question and, at the same time, asks for the index's Info.
// embedErr says why there is no vector; it is nil for a sparse search.
func (r *Retriever) prepare(ctx context.Context, q Query) (ix index.Info, v embed.Vector, embedErr, err error) {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		ix, err = r.searcher.Index(gctx)
		if err == nil {
			err = r.validateFingerprint(ix.Fingerprint)
		}
		return err
	})
	if q.Mode != Sparse {
		v, embedErr = r.embedQuestion(gctx, q.Text)
	}
	if err := g.Wait(); err != nil { // this error comes first: it says why an embedder may not fit
		return index.Info{}, nil, nil, err
	}
	return ix, v, embedErr, ctx.Err()
}

// embedQuestion returns the vector of a question.
func (r *Retriever) embedQuestion(ctx context.Context, text string) (embed.Vector, error) {
	ctx, cancel := context.WithTimeout(ctx, r.embedTimeout)
	defer cancel()
	ctx, span := trace.Start(ctx, "embed_question")
	span.Text(trace.Model, r.embedder.Model())
	vecs, err := r.embedder.Embed(ctx, []string{text}, embed.Query)
	if err == nil && len(vecs) != 1 {
		err = errors.New("the embedder returned another number of vectors")
	}
	if err != nil {
		span.End(fmt.Errorf("%w: %w", ErrEmbedder, err))
		return nil, err
	}
	span.End()
	return vecs[0], nil
}

// chooseMode returns a result with the mode of the search: the one asked for, or
// the one that is possible, with a notice. embedErr says why there is no vector.
func (r *Retriever) chooseMode(ctx context.Context, q Query, ix index.Info, embedErr error) (*Result, error) {
	hasWords := ix.Statistics != nil
	switch {
	case q.Mode == Sparse && !hasWords:
		return nil, fmt.Errorf("%w: there is no sparse search: %s", ErrQuery, ix.Lacks)
	case embedErr != nil && (q.Mode == Dense || r.needsVectors || !hasWords):
		return nil, fmt.Errorf("retrieve: embed question: %w: %w", ErrEmbedder, embedErr)
	case embedErr != nil:
		r.log.WarnContext(ctx, "search by words only, since the question can't be embedded", "err", embedErr)
		return &Result{Mode: Sparse, Notice: "words only: the embedding service does not answer, so pages that say it in other words may be missing"}, nil
	case q.Mode == Hybrid && !hasWords:
		return &Result{Mode: Dense, Notice: "dense search only: " + ix.Lacks}, nil
	}
	return &Result{Mode: q.Mode}, nil
}
