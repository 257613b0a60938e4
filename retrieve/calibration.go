package retrieve

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/retrieve/index"
)

// A scoreBaseline is the cosine that off-topic questions reach in an index. It
// depends on the embedder, on the size of the index, and on the languages of the
// question and the pages. It is measured by searching the index for the questions of a
// [panel].
type scoreBaseline struct {
	languages languages
	cosine    float64 // median of their best cosines
	span      float64 // mean cosine of a question and its answer, less that of a question and another's answer
	scale     float64 // of cosines in the fusion: 1 for all-MiniLM-L6-v2 in English, 0 if they carry no meaning
	reads     bool    // whether the cosines tell what the pages hold
}

// nearness returns a cosine on the scale of the span: 0 is the baseline, 1 is the
// baseline plus the span. ok is false if the embedder's cosines carry too little meaning.
func (b scoreBaseline) nearness(cosine float64) (near float64, ok bool) {
	if !b.reads {
		return 0, false
	}
	return (cosine - b.cosine) / b.span, true
}

// A calibration caches the score baselines of the index that a retriever searches.
type calibration struct {
	turn chan struct{} // a lock that a context can interrupt: holds one token
	dir  string        // of the files of panels; "" for none
	log  *slog.Logger

	panels   map[string]embeddedPanel // by language
	pause    time.Time                // no panel is embedded before it
	measured map[languages]measurement
}

// A measurement is a score baseline, and what it was measured on.
type measurement struct {
	fingerprint index.Fingerprint
	chunks      int // in the index; 0 if unknown
	uses        int
	baseline    scoreBaseline
}

func newCalibration(dir string, log *slog.Logger) *calibration {
	c := &calibration{turn: make(chan struct{}, 1), dir: dir, log: log, panels: map[string]embeddedPanel{}, measured: map[languages]measurement{}}
	c.turn <- struct{}{}
	return c
}

// maxUses is how often a baseline is used before it is measured again, if the
// size of the index is unknown.
const maxUses = 500

// isFresh reports whether the measurement is still valid: the index has not grown or
// shrunk by a fifth, which changes the cosine by 0.01.
func (m measurement) isFresh(ix index.Info) bool {
	n := ix.Statistics.Chunks()
	return m.uses > 0 && m.fingerprint == ix.Fingerprint && 5*max(n, m.chunks) <= 6*min(n, m.chunks) && (n > 0 || m.uses < maxUses)
}

// baseline returns the score baseline of the index. If it is not fresh, it is
// measured first: by two calls of the embedder for each language, once, and a search
// for each off-topic question. Other callers wait meanwhile.
func (r *Retriever) baseline(ctx context.Context, ix index.Info, l languages) (scoreBaseline, error) {
	c := r.calibration
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return scoreBaseline{}, ctx.Err()
	}
	m := c.measured[l]
	if m.isFresh(ix) {
		m.uses++
		c.measured[l] = m
		return m.baseline, nil
	}
	b, err := c.spans(ctx, r.embedder, l)
	if err != nil {
		return scoreBaseline{}, err
	}
	if b.reads {
		if b.cosine, err = c.measure(ctx, r.searcher, l.question); err != nil {
			return scoreBaseline{}, err
		}
	}
	c.measured[l] = measurement{fingerprint: ix.Fingerprint, chunks: ix.Statistics.Chunks(), uses: 1, baseline: b}
	return b, nil
}

// maxConcurrentProbes is how many searches run at once, beside that of the question.
const maxConcurrentProbes = 2

// measure searches for the off-topic questions of a language and returns the median of
// their best cosines, -1 for an empty index.
func (c *calibration) measure(ctx context.Context, s Searcher, lang string) (float64, error) {
	questions := c.panels[lang].questions
	best := make([]float64, len(questions))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentProbes)
	for i, q := range questions {
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
