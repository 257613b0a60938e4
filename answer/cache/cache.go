// Package cache answers a question once that is asked again, or by several at once.
//
// Call [New], and ask the [Cache] in place of its responder.
//
//   - An answer is kept for the whole question: its text, history, filter and modes, and
//     the version of the index, so that an ingestion ends it. What else decides on an
//     answer, such as the model and its instructions, is the same as long as a process
//     runs, and all callers may read the same pages.
//   - A question without an answer, an answer that was cut off, one of a search that was
//     not done as asked, one that stands in for the model, and an error are never kept,
//     nor are answers to images. None is kept for longer than [MaxAge].
//   - Equal questions at the same time are one question. It ends when all who ask have gone.
package cache

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/lru"
)

// MaxAge is how long an answer is kept. A model can answer badly once.
const MaxAge = time.Hour

// A Config configures a [Cache]. The first two fields are required.
type Config struct {
	Responder answer.Responder
	Version   func(context.Context) (string, error) // of the index
	MaxBytes  int64                                 // 0 keeps nothing: only equal questions at the same time are one
	Now       func() time.Time                      // nil means time.Now
}

// A Cache answers questions. It is safe for concurrent use.
type Cache struct {
	config  Config
	answers *lru.Cache[kept]
	running sync.WaitGroup

	mu      sync.Mutex
	flights map[string]*flight // questions that are being answered
	// Questions that were answered from the cache, that had to be answered, and that got
	// the answer to an equal one at the same time.
	hits, misses, shared int64
}

// kept is an answer in the cache.
type kept struct {
	answer  *answer.Answer
	sources []answer.Source
	at      time.Time
}

var _ answer.Responder = (*Cache)(nil)

// New returns a Cache, which the caller must close.
func New(c Config) (*Cache, error) {
	if c.Responder == nil || c.Version == nil {
		return nil, errors.New("cache: New needs a responder and a version")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Cache{config: c, answers: lru.New[kept](c.MaxBytes), flights: map[string]*flight{}}, nil
}

// Close waits for the questions that are being answered.
func (c *Cache) Close() error {
	c.running.Wait()
	return nil
}

// Stats returns what the cache has done. Questions that were answered by the answer to an
// equal one at the same time are shared, and not among the misses.
func (c *Cache) Stats() (s lru.Stats, shared int64) {
	s = c.answers.Stats()
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Hits, s.Misses = c.hits, c.misses // for the lru, an answer that is too old is a hit
	return s, c.shared
}

// Answer implements [answer.Responder].
func (c *Cache) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return c.Stream(ctx, q, nil)
}

// Stream implements [answer.Responder]. An answer that is kept is sent as one piece.
func (c *Cache) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	start := c.config.Now()
	version, err := c.config.Version(ctx)
	if err != nil || len(q.Images) > 0 {
		return c.ask(ctx, q, on) // which tells what is wrong with the index
	}
	key := keyOf(q, version)
	k, ok := c.answers.Get(key)
	if !ok || start.Sub(k.at) > MaxAge {
		return c.join(ctx, key, q, on)
	}
	c.mu.Lock()
	c.hits++
	c.mu.Unlock()
	if err := replay(k, on); err != nil {
		return nil, err
	}
	return c.again(k.answer, start), nil
}

// ask asks the responder.
func (c *Cache) ask(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	if on == nil {
		return c.config.Responder.Answer(ctx, q)
	}
	return c.config.Responder.Stream(ctx, q, on)
}

// again returns an answer for another who asks: it took neither tokens nor the time of the
// first.
func (c *Cache) again(first *answer.Answer, start time.Time) *answer.Answer {
	a := *first
	a.Cached, a.Usage, a.Cost, a.RequestID = true, nil, nil, ""
	a.Timings = answer.Timings{TotalMS: float64(c.config.Now().Sub(start).Microseconds()) / 1000}
	return &a
}

// keyOf returns what an answer is kept by.
func keyOf(q answer.Question, version string) string {
	b, err := json.Marshal(struct {
		Version  string
		Question answer.Question
	}{version, q})
	if err != nil {
		// Unreachable: a question consists of texts and numbers.
		panic("cache: misuse: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

// keep keeps an answer that is worth it.
func (c *Cache) keep(key string, a *answer.Answer, sources []answer.Source) {
	if !a.Answered || a.Truncated || a.Warning != "" || a.Notice != "" {
		return
	}
	if sources == nil {
		sources = sourcesOf(a)
	}
	b, err := json.Marshal(a)
	if err != nil {
		return // Unreachable: replies are sent as JSON.
	}
	size := 2 * len(b) // with what only the log gets
	for _, h := range a.Found {
		size += len(h.Text)
	}
	c.answers.Put(key, kept{a, sources, c.config.Now()}, int64(size))
}

// sourcesOf returns the sources of an answer that was not streamed: what it cites.
func sourcesOf(a *answer.Answer) []answer.Source {
	all := make([]answer.Source, len(a.Citations))
	for i, c := range a.Citations {
		all[i] = answer.Source{N: c.N, URL: c.URL, Title: c.Title, Section: c.Section}
	}
	return all
}

// replay sends an answer that is kept.
func replay(k kept, on func(answer.Event) error) error {
	if on == nil {
		return nil
	}
	if err := on(answer.Event{Sources: k.sources}); err != nil || k.answer.Answer == "" {
		return err
	}
	return on(answer.Event{Delta: k.answer.Answer})
}
