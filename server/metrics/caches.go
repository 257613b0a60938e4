package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/citewell/citewell/internal/lru"
)

// A CacheStats returns what a cache has done, and how many questions beside its hits and
// misses got the answer to an equal one at the same time. None of them ever decreases.
type CacheStats func() (s lru.Stats, shared int64)

// WatchCaches makes counters and gauges of caches, by their names.
func (m *Metrics) WatchCaches(all map[string]CacheStats) { m.registry.MustRegister(caches(all)) }

// caches collects the state of caches.
type caches map[string]CacheStats

var (
	cacheRequestsDesc = prometheus.NewDesc("citewell_cache_requests_total", "What caches were asked for.", []string{"cache", "outcome"}, nil)
	cacheBytesDesc    = prometheus.NewDesc("citewell_cache_bytes", "Memory of caches, about.", []string{"cache"}, nil)
)

func (c caches) Describe(ch chan<- *prometheus.Desc) {
	ch <- cacheRequestsDesc
	ch <- cacheBytesDesc
}

func (c caches) Collect(ch chan<- prometheus.Metric) {
	for name, stats := range c {
		s, shared := stats()
		for outcome, n := range map[string]int64{"hit": s.Hits, "shared": shared, "miss": s.Misses} {
			ch <- prometheus.MustNewConstMetric(cacheRequestsDesc, prometheus.CounterValue, float64(n), name, outcome)
		}
		ch <- prometheus.MustNewConstMetric(cacheBytesDesc, prometheus.GaugeValue, float64(s.Bytes), name)
	}
}
