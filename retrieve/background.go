package retrieve

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/index"
)

// A background is how near questions come that have nothing to do with an
// index: every embedder, and every index by its size, gives them other cosines.
// It is made by asking the index some of them.
type background struct {
	cosine float64 // the median of the best they find
	span   float64 // by how much a question is nearer to its answer than to another's
}

// minSpan is the least span of an embedder whose cosines mean something. That of
// all-MiniLM-L6-v2 is 0.73; of vectors without meaning it is 0, give or take 0.02.
const minSpan = 0.08

// nearness returns a cosine as a share of the span above the background: 0 is
// as near as any question, 1 as near as to its answer alone. ok is false if the
// embedder's cosines say nothing.
func (b background) nearness(cosine float64) (near float64, ok bool) {
	if b.span < minSpan {
		return 0, false
	}
	return (cosine - b.cosine) / b.span, true
}

// A calibration keeps the background of the index that a retriever searches.
type calibration struct {
	turn chan struct{} // holds one token: who has it may use what follows

	questions []embed.Vector // of the panel
	span      float64

	known    bool
	of       index.Fingerprint
	chunks   int // of the index then; 0 if it tells no number
	asked    int // how often it was used since
	measured background
}

func newCalibration() *calibration {
	c := &calibration{turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// maxUses is how often a background is used before it is measured again, where
// the index does not tell its size.
const maxUses = 500

// fresh reports whether what was measured is still good: the index has not grown or
// shrunk by a fifth, which changes the cosine by 0.01.
func (c *calibration) fresh(ix index.Info) bool {
	n := ix.Statistics.Chunks()
	return c.known && c.of == ix.Fingerprint && 5*max(n, c.chunks) <= 6*min(n, c.chunks) && (n > 0 || c.asked < maxUses)
}

// background returns the background of the index, which it measures first if
// need be: with two calls of the embedder, once, and a search for each question
// of the panel. Others wait meanwhile.
func (r *Retriever) background(ctx context.Context, ix index.Info) (background, error) {
	c := r.calibration
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return background{}, ctx.Err()
	}
	c.asked++
	if c.fresh(ix) {
		return c.measured, nil
	}
	if c.questions == nil {
		if err := c.embed(ctx, r.embedder); err != nil {
			return background{}, err
		}
	}
	cosine, err := c.probe(ctx, r.searcher)
	if err != nil {
		return background{}, err
	}
	c.known, c.of, c.chunks, c.asked = true, ix.Fingerprint, ix.Statistics.Chunks(), 0
	c.measured = background{cosine: cosine, span: c.span}
	return c.measured, nil
}

// embed embeds the panel and measures the span.
func (c *calibration) embed(ctx context.Context, e embed.Embedder) error {
	var questions, answers []string
	for _, p := range panel {
		questions, answers = append(questions, p.question), append(answers, p.answer)
	}
	q, err := e.Embed(ctx, questions, embed.Query)
	if err != nil {
		return err
	}
	a, err := e.Embed(ctx, answers, embed.Document)
	if err != nil {
		return err
	}
	if len(q) != len(panel) || len(a) != len(panel) {
		return errors.New("the embedder returned another number of vectors")
	}
	own, other := 0.0, 0.0
	for i := range q {
		for j := range a {
			if i == j {
				own += embed.Cosine(q[i], a[j])
			} else {
				other += embed.Cosine(q[i], a[j])
			}
		}
	}
	n := float64(len(panel))
	c.questions, c.span = q, own/n-other/(n*(n-1))
	return nil
}

// probesAtOnce is how many searches run at once, beside that of the question.
const probesAtOnce = 2

// probe searches for the panel's questions and returns the median of their best
// cosines; of an empty index, the least there is.
func (c *calibration) probe(ctx context.Context, s Searcher) (float64, error) {
	best := make([]float64, len(c.questions))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(probesAtOnce)
	for i, q := range c.questions {
		g.Go(func() error {
			found, err := s.Search(ctx, Probe{Vector: q, Depth: 1})
			best[i] = -1
			if err == nil && len(found.Dense) > 0 {
				best[i] = found.Dense[0].Score
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return 0, err
	}
	slices.Sort(best)
	n := len(best)
	return (best[(n-1)/2] + best[n/2]) / 2, nil
}
