// Package lru keeps the values that were used last, within a number of bytes.
//
// Call [New], then [Cache.Get] and [Cache.Put]. A value that is larger than a quarter of
// the cache is not kept, so that no single one drives out all others.
package lru

import (
	"container/list"
	"sync"
)

// entryBytes is about what an entry takes besides its key and value.
const entryBytes = 200

// A Cache keeps values by keys. It is safe for concurrent use. Its values are shared, so
// that nobody may change them.
type Cache[V any] struct {
	most int64

	mu    sync.Mutex
	order *list.List // of *entry[V]; front is the one that was used last
	byKey map[string]*list.Element
	stats Stats
}

// Stats are what a [Cache] has done, and what it holds.
type Stats struct {
	Hits, Misses   int64 // calls of Get
	Entries, Bytes int64
}

type entry[V any] struct {
	key   string
	value V
	bytes int64
}

// New returns a cache of at most this many bytes. With 0 it keeps nothing.
func New[V any](mostBytes int64) *Cache[V] {
	return &Cache[V]{most: mostBytes, order: list.New(), byKey: map[string]*list.Element{}}
}

// Get returns the value of a key, and whether there is one.
func (c *Cache[V]) Get(key string) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		c.stats.Misses++
		return v, false
	}
	c.stats.Hits++
	c.order.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

// Put keeps a value of about this many bytes. It drops those that were not used for the
// longest time, until the rest fits.
func (c *Cache[V]) Put(key string, v V, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(c.byKey[key])
	bytes += int64(len(key)) + entryBytes
	if bytes > c.most/4 {
		return
	}
	c.byKey[key] = c.order.PushFront(&entry[V]{key, v, bytes})
	c.stats.Bytes += bytes
	for c.stats.Bytes > c.most {
		c.drop(c.order.Back())
	}
}

// Stats returns what the cache has done, and what it holds.
func (c *Cache[V]) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries = int64(c.order.Len())
	return s
}

// drop removes an entry, if it is not nil. The caller has locked c.
func (c *Cache[V]) drop(e *list.Element) {
	if e == nil {
		return
	}
	old := c.order.Remove(e).(*entry[V])
	delete(c.byKey, old.key)
	c.stats.Bytes -= old.bytes
}
