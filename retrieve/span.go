package retrieve

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/citewell/citewell/embed"
)

// An embeddedPanel is a [panel] as vectors.
type embeddedPanel struct{ questions, answers []embed.Vector }

// What embedders reach, as spans: the mean cosine of off-topic questions and their
// answers, less that of questions and other answers (2026-11-28).
const (
	// fittedSpan is that of all-MiniLM-L6-v2 in English. The weights of the fusion
	// were fitted to its cosines.
	fittedSpan = 0.731
	// sameSpan is the largest difference, as a share, that counts as none.
	sameSpan = 0.02
	// minSpan is the smallest span in English of an embedder whose cosines carry
	// meaning. That of meaningless vectors is 0 ± 0.02, that of
	// multilingual-e5-small 0.168.
	minSpan = 0.08
)

// scaleOf returns what cosines are multiplied with in the fusion, for an embedder of
// this span in English.
func scaleOf(span float64) float64 {
	switch {
	case span < minSpan:
		return 0
	case math.Abs(span/fittedSpan-1) <= sameSpan:
		return 1
	}
	return fittedSpan / span
}

// An embedder that reads a language to the extent of fullShare of its span in English
// has its full say in it, and none below noShare. all-MiniLM-L6-v2 reaches 0.36 in
// German, 0.28 in Russian, 0.18 in Chinese and 0.08 in Arabic, and its best say there
// is a half, a half, a quarter or none, and none. multilingual-e5-small reaches 0.58
// to 0.82, and 0.3 to 0.5 between two languages (2026-11-28).
const (
	noShare   = 0.1
	fullShare = 0.5
)

// The evidence counts cosines only if the span is at least this share of that in
// English, within a language and from a language to another. Else words tell more: for
// pages in German and Chinese, their AUC is 0.95 and 0.98, with the cosines of
// all-MiniLM-L6-v2 it is 0.92 and 0.66.
const (
	minWithin = 0.5
	minAcross = 0.25
)

// say returns what the scale is multiplied with where the span is a share of that in
// English.
func say(share float64) float64 {
	return min(1, max(0, (share-noShare)/(fullShare-noShare)))
}

// spans returns the span between the two languages, and the scale of the fusion.
func (c *calibration) spans(ctx context.Context, e embed.Embedder, l languages) (scoreBaseline, error) {
	english, err := c.panel(ctx, e, "en")
	if err != nil {
		return scoreBaseline{}, err
	}
	b := scoreBaseline{span: english.span(english), languages: l}
	b.scale, b.reads = scaleOf(b.span), b.span >= minSpan
	if !b.reads || l == (languages{question: "en", pages: "en"}) {
		return b, nil
	}
	q, err := c.panel(ctx, e, l.question)
	if err != nil {
		return scoreBaseline{}, err
	}
	a, err := c.panel(ctx, e, l.pages)
	if err != nil {
		return scoreBaseline{}, err
	}
	between := q.span(a)
	b.scale *= say(between / b.span)
	if l.differ() { // eight pairs tell too little of the scale
		b.reads = b.reads && !l.isOther && between >= minAcross*b.span
		return b, nil
	}
	b.reads = b.reads && !l.isOther && between >= minWithin*b.span
	b.span = between
	return b, nil
}

// span returns the mean cosine of the questions of p and their answers in a, less
// that of questions and other answers.
func (p embeddedPanel) span(a embeddedPanel) float64 {
	n := min(len(p.questions), len(a.answers))
	own, other := 0.0, 0.0
	for i := range n {
		for j := range n {
			if i == j {
				own += embed.Cosine(p.questions[i], a.answers[j])
			} else {
				other += embed.Cosine(p.questions[i], a.answers[j])
			}
		}
	}
	return own/float64(n) - other/float64(n*(n-1))
}

// The embedding of a panel takes more than that of a question. If the embedder fails,
// only one question in a while waits for it.
const (
	calibrationTimeout = 20 * time.Second
	calibrationPause   = time.Minute
)

var (
	errPaused  = errors.New("the embedder failed a moment ago")
	errVectors = errors.New("the embedder returned another number of vectors")
)

// panel returns the panel of a language as vectors. It reads its file, or embeds it
// once and writes the file.
func (c *calibration) panel(ctx context.Context, e embed.Embedder, lang string) (embeddedPanel, error) {
	if p, ok := c.panels[lang]; ok {
		return p, nil
	}
	path := c.panelPath(e.Model(), panels()[lang])
	if p, ok := readPanel(path, panels()[lang]); ok {
		c.panels[lang] = p
		return p, nil
	}
	if time.Now().Before(c.pause) {
		return embeddedPanel{}, errPaused
	}
	p, err := embedPanel(ctx, e, panels()[lang])
	if err != nil {
		if ctx.Err() == nil {
			c.pause = time.Now().Add(calibrationPause)
		}
		return embeddedPanel{}, err
	}
	c.panels[lang] = p
	if path != "" {
		if err := writePanel(path, p); err != nil {
			c.log.Debug("vectors of off-topic questions not kept", "err", err)
		}
	}
	return p, nil
}

func embedPanel(ctx context.Context, e embed.Embedder, p panel) (out embeddedPanel, err error) {
	ctx, cancel := context.WithTimeout(ctx, calibrationTimeout)
	defer cancel()
	if out.questions, err = e.Embed(ctx, p.questions, embed.Query); err != nil {
		return embeddedPanel{}, err
	}
	if out.answers, err = e.Embed(ctx, p.answers, embed.Document); err != nil {
		return embeddedPanel{}, err
	}
	if len(out.questions) != len(p.questions) || len(out.answers) != len(p.answers) {
		return embeddedPanel{}, errVectors
	}
	return out, nil
}
