package retrieve

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/index"
)

// A scoreBaseline is the cosine that off-topic questions reach in an index. It
// depends on the embedder and on the size of the index, and is measured by
// searching the index for [offTopicQuestions].
type scoreBaseline struct {
	cosine float64 // median of their best cosines
	span   float64 // mean cosine of a question and its answer, less that of a question and another's answer
}

// minSpan is the smallest span of an embedder whose cosines carry meaning. That of
// all-MiniLM-L6-v2 is 0.73; that of meaningless vectors is 0 ± 0.02.
const minSpan = 0.08

// nearness returns a cosine on the scale of the span: 0 is the baseline, 1 is the
// baseline plus the span. ok is false if the embedder's cosines carry no meaning.
func (b scoreBaseline) nearness(cosine float64) (near float64, ok bool) {
	if b.span < minSpan {
		return 0, false
	}
	return (cosine - b.cosine) / b.span, true
}

// A calibration caches the score baseline of the index that a retriever searches.
type calibration struct {
	turn chan struct{} // a lock that a context can interrupt: holds one token

	questions []embed.Vector // of offTopicQuestions; nil until they are embedded
	span      float64
	pause     time.Time // the questions are not embedded before it

	isMeasured  bool
	fingerprint index.Fingerprint
	chunks      int // in the index when it was measured; 0 if unknown
	uses        int // since it was measured
	baseline    scoreBaseline
}

func newCalibration() *calibration {
	c := &calibration{turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// maxUses is how often a baseline is used before it is measured again, if the
// size of the index is unknown.
const maxUses = 500

// fresh reports whether the baseline is still valid: the index has not grown or
// shrunk by a fifth, which changes the cosine by 0.01.
func (c *calibration) fresh(ix index.Info) bool {
	n := ix.Statistics.Chunks()
	return c.isMeasured && c.fingerprint == ix.Fingerprint && 5*max(n, c.chunks) <= 6*min(n, c.chunks) && (n > 0 || c.uses < maxUses)
}

// baseline returns the score baseline of the index. If it is not fresh, it is
// measured first: by two calls of the embedder, once, and a search for each
// off-topic question. Other callers wait meanwhile.
func (r *Retriever) baseline(ctx context.Context, ix index.Info) (scoreBaseline, error) {
	c := r.calibration
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return scoreBaseline{}, ctx.Err()
	}
	c.uses++
	if c.fresh(ix) {
		return c.baseline, nil
	}
	if c.questions == nil {
		if time.Now().Before(c.pause) {
			return scoreBaseline{}, errPaused
		}
		if err := c.embedQuestions(ctx, r.embedder); err != nil {
			if ctx.Err() == nil {
				c.pause = time.Now().Add(calibrationPause)
			}
			return scoreBaseline{}, err
		}
	}
	cosine, err := c.measure(ctx, r.searcher)
	if err != nil {
		return scoreBaseline{}, err
	}
	c.isMeasured, c.fingerprint, c.chunks, c.uses = true, ix.Fingerprint, ix.Statistics.Chunks(), 0
	c.baseline = scoreBaseline{cosine: cosine, span: c.span}
	return c.baseline, nil
}

// The embedding of the off-topic questions and answers takes more than that of a
// question. If the embedder fails, only one question in a while waits for it.
const (
	calibrationTimeout = 20 * time.Second
	calibrationPause   = time.Minute
)

var errPaused = errors.New("the embedder failed a moment ago")

// embedQuestions embeds the off-topic questions and measures the span.
func (c *calibration) embedQuestions(ctx context.Context, e embed.Embedder) error {
	var questions, answers []string
	for _, p := range offTopicQuestions {
		questions, answers = append(questions, p.question), append(answers, p.answer)
	}
	ctx, cancel := context.WithTimeout(ctx, calibrationTimeout)
	defer cancel()
	q, err := e.Embed(ctx, questions, embed.Query)
	if err != nil {
		return err
	}
	a, err := e.Embed(ctx, answers, embed.Document)
	if err != nil {
		return err
	}
	if len(q) != len(offTopicQuestions) || len(a) != len(offTopicQuestions) {
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
	n := float64(len(offTopicQuestions))
	c.questions, c.span = q, own/n-other/(n*(n-1))
	return nil
}

// maxConcurrentProbes is how many searches run at once, beside that of the question.
const maxConcurrentProbes = 2

// measure searches for the off-topic questions and returns the median of their
// best cosines, -1 for an empty index.
func (c *calibration) measure(ctx context.Context, s Searcher) (float64, error) {
	best := make([]float64, len(c.questions))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentProbes)
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
