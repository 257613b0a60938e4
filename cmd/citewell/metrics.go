package main

import (
	"context"
	"runtime"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/lru"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/metrics"
)

func metricsFlag(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.metricsAddr, "metrics-addr", "", "address that serves /metrics and profiles (/debug/pprof/) without a key, such as 127.0.0.1:9090")
}

// newMetrics returns the metrics of a server with this state, and a context whose stages
// they count.
func (a *app) newMetrics(ctx context.Context, db *state.DB) (context.Context, *metrics.Metrics) {
	m := metrics.New(programVersion(), runtime.Version())
	m.CountJobs(func(ctx context.Context) (map[string]int, error) { return db.CountJobs(ctx, a.indexID()) })
	return trace.Observe(ctx, m.Stage), m
}

// serveMetrics serves the metrics at --metrics-addr, if that is set, until ctx ends.
func (a *app) serveMetrics(ctx context.Context, g *errgroup.Group, m *metrics.Metrics) error {
	if a.metricsAddr == "" {
		return nil
	}
	ln, err := server.Listen(ctx, a.metricsAddr)
	if err != nil {
		return err
	}
	a.say("metrics at http://%s/metrics", ln.Addr())
	g.Go(func() error { return server.ServeMetrics(ctx, ln, m) })
	return nil
}

// watch makes gauges and counters of the caches and of the budget of a server.
func (a *app) watch(m *metrics.Metrics, p *parts) {
	m.WatchCaches(map[string]metrics.CacheStats{"answers": p.cache.Stats, "vectors": func() (lru.Stats, int64) { return a.vectors.Stats(), 0 }})
	if p.budget != nil {
		m.WatchBudget(p.budget.Used)
	}
}

// countedIngester counts what an ingester does.
type countedIngester struct {
	job.Ingester
	m *metrics.Metrics
}

// Ingest implements [job.Ingester].
func (c countedIngester) Ingest(ctx context.Context, targets []string, rebuild bool) (ingest.Report, error) {
	r, err := c.Ingester.Ingest(ctx, targets, rebuild)
	c.m.Ingested(metrics.Ingestion{Indexed: r.Indexed, Unchanged: r.Unchanged, Skipped: r.Skipped, Failed: r.Failed, Removed: r.Pruned, EmbeddedChunks: r.Embedded}, err)
	return r, err
}
