package main

import (
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/cache"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/lru"
)

// defaultCacheMB holds some thousand answers, each of about 9 kB (2026-11-28, seven questions
// about this project's guide), and the vectors of about 5000 questions with 384 dimensions.
const defaultCacheMB = 32

func cacheFlag(f *pflag.FlagSet, c *config) {
	f.IntVar(&c.cacheMB, "cache-size", defaultCacheMB, "memory in MB for answers that are given again, and for vectors of questions (0: none)")
}

// newVectorCache returns the cache of the vectors of questions: a quarter of --cache-size.
func (c *config) newVectorCache() *lru.Cache[embed.Vector] {
	return lru.New[embed.Vector](int64(c.cacheMB) << 20 / 4)
}

// newAnswerCache returns the cache of the answers of r: three quarters of --cache-size.
func (c *config) newAnswerCache(r answer.Responder, p *parts) (*cache.Cache, error) {
	return cache.New(cache.Config{Responder: r, Version: p.store.Version, MaxBytes: int64(c.cacheMB) << 20 / 4 * 3})
}
