package retrieve

import (
	"context"
	"sync"
	"time"

	"github.com/citewell/citewell/embed"
)

// nearnessShare is the share of Config.EmbedTimeout within which the texts are embedded
// that are compared with a question.
const nearnessShare = 0.25

// Nearness returns the cosine of the question and each text, as the embedder of the
// index sees them, on the scale of all-MiniLM-L6-v2. The vectors of texts are kept, so
// that texts which answer many questions are embedded once.
//
// If the embedder fails or takes longer than a quarter of Config.EmbedTimeout, it returns those of the first
// texts only. It returns none if the search was by words alone, or if the cosines
// carry no meaning in the languages at hand.
func (r *Result) Nearness(ctx context.Context, texts []string) []float64 {
	if r.near == nil {
		return nil
	}
	return r.near(ctx, texts)
}

// nearness returns the function behind [Result.Nearness].
func (r *Retriever) nearness(question embed.Vector, scale float64) func(context.Context, []string) []float64 {
	if question == nil || scale == 0 {
		return nil
	}
	return func(ctx context.Context, texts []string) []float64 {
		ctx, cancel := context.WithTimeout(ctx, time.Duration(nearnessShare*float64(r.embedTimeout)))
		defer cancel()
		vecs, err := r.texts.embed(ctx, r.embedder, texts)
		if err != nil {
			r.log.InfoContext(ctx, "compare fewer parts of pages with the question", "compared", len(vecs), "of", len(texts), "err", err)
		}
		out := make([]float64, len(vecs))
		for i, v := range vecs {
			out[i] = scale * embed.Cosine(question, v)
		}
		return out
	}
}

// maxTexts is how many vectors are kept at least of those that were used last; twice
// as many at most. With 384 dimensions these are 25 MB.
const maxTexts = 8192

// A textCache keeps the vectors of texts: those since it was last half full, and those
// before.
type textCache struct {
	mu         sync.Mutex
	young, old map[string]embed.Vector
}

// embed returns the vectors of the texts or, with an error, of the first of them.
func (c *textCache) embed(ctx context.Context, e embed.Embedder, texts []string) ([]embed.Vector, error) {
	out := make([]embed.Vector, len(texts))
	var missing []string
	var at []int
	for i, t := range texts {
		if out[i] = c.get(t); out[i] == nil {
			missing, at = append(missing, t), append(at, i)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	vecs, err := e.Embed(ctx, missing, embed.Document)
	for k, v := range vecs[:min(len(vecs), len(at))] {
		out[at[k]] = v
		c.put(missing[k], v)
	}
	if len(vecs) < len(missing) {
		return out[:at[len(vecs)]], err
	}
	return out, err
}

func (c *textCache) get(text string) embed.Vector {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.young[text]
	if v == nil {
		if v = c.old[text]; v != nil {
			c.add(text, v)
		}
	}
	return v
}

func (c *textCache) put(text string, v embed.Vector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(text, v)
}

func (c *textCache) add(text string, v embed.Vector) {
	if c.young == nil || len(c.young) >= maxTexts {
		c.young, c.old = map[string]embed.Vector{}, c.young
	}
	c.young[text] = v
}
