package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/metrics"
)

// defaultConfigFile is read if it exists. A file that --config names must exist.
const defaultConfigFile = "citewell.yaml"

// jobConfig holds the settings of ingestion by a server.
type jobConfig struct {
	recrawl time.Duration
	state   string
}

func stateFlag(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.state, "state", "", "location of questions and jobs: a file (default: "+state.DefaultFile+" beside the index), or postgres://…, which then also locks an index on a Milvus server")
}

func jobFlags(f *pflag.FlagSet, c *config) {
	f.DurationVar(&c.recrawl, "recrawl", 0, "ingest the sites of the configuration file again at this interval, such as 24h (0: never)")
	f.BoolVar(&c.crawl.AllowPrivate, "allow-private", false, "allow requests to name pages in private networks")
}

// stateDSN returns the location of the state. The default is a file beside Milvus
// Lite's, or in the current folder.
func (a *app) stateDSN() string {
	switch {
	case a.state != "":
		return a.state
	case isFile(a.milvus):
		return filepath.Join(filepath.Dir(a.milvus), state.DefaultFile)
	}
	return state.DefaultFile
}

// validateState returns an error if the state and the index are one file.
func (c *config) validateState(f *pflag.FlagSet) error {
	if f.Lookup("state") == nil || c.state == "" || state.IsPostgres(c.state) || !isFile(c.milvus) {
		return nil
	}
	a, err1 := os.Stat(c.state)
	b, err2 := os.Stat(c.milvus)
	same := err1 == nil && err2 == nil && os.SameFile(a, b)
	if abs, err := filepath.Abs(c.state); err == nil && !same { // neither may exist yet
		other, err := filepath.Abs(c.milvus)
		same = err == nil && abs == other
	}
	if same {
		return fmt.Errorf("--state %s is the index, too (--milvus): give the state a file of its own", c.state)
	}
	return nil
}

// indexID identifies the index among all that share a state.
func (a *app) indexID() string {
	where := a.milvus
	if isFile(where) {
		if abs, err := filepath.Abs(where); err == nil {
			where = abs
		}
	}
	return where + " " + a.name
}

// configPath returns the configuration file, or "" if there is none.
func (c *config) configPath() string {
	if c.configFile != "" {
		return c.configFile
	}
	if _, err := os.Stat(defaultConfigFile); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return defaultConfigFile
}

// sources reads the sources of the configuration file.
func (a *app) sources() ([]job.Source, error) {
	file := a.configPath()
	if file == "" {
		return nil, nil
	}
	return job.LoadSources(file, a.getenv)
}

// backgroundJobs run beside a server: ingestion jobs, and their schedule.
type backgroundJobs struct {
	runner   *job.Runner
	schedule *job.Schedule // nil without --recrawl
	forms    server.JobForms
}

// openJobs returns the jobs of a server.
func (a *app) openJobs(p *parts, db *state.DB, m *metrics.Metrics, log *slog.Logger) (*backgroundJobs, error) {
	sources, err := a.sources()
	if err != nil {
		return nil, err
	}
	b := &backgroundJobs{forms: server.JobForms{Request: job.Request{}, Progress: job.Progress{}, Report: ingest.Report{}}}
	for _, source := range sources {
		b.forms.Configured = append(b.forms.Configured, source.Name)
	}
	b.runner, err = job.New(job.Config{State: db, Index: a.indexID(), Sources: sources, Log: log,
		New: func(c job.Crawl) (job.Ingester, error) {
			in, err := a.jobIngester(p, c)
			return countedIngester{in, m}, err
		}})
	if err != nil {
		return nil, err
	}
	if a.recrawl != 0 {
		if b.schedule, err = job.NewSchedule(b.runner, a.recrawl); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// run runs jobs until ctx ends.
func (b *backgroundJobs) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.runner.Run(ctx) })
	if b.schedule != nil {
		g.Go(func() error { return b.schedule.Run(ctx) })
	}
	return g.Wait()
}

// jobIngester returns the ingester of a job. The addresses of a job are untrusted
// unless they come from the configuration file.
func (a *app) jobIngester(p *parts, c job.Crawl) (job.Ingester, error) {
	conf, err := a.ingestConfig()
	if err != nil {
		return nil, err
	}
	conf.Crawl, conf.PruneAll, conf.Untrusted = c.Options, c.PruneAll, c.Configured == ""
	conf.Crawl.AllowPrivate = a.crawl.AllowPrivate || c.AllowPrivate
	p.ingestInto(&conf, a)
	conf.Progress = c.Progress
	return ingest.New(conf)
}

// ingestions adapts a job runner to [server.Ingester].
type ingestions struct{ *job.Runner }

var _ server.Ingester = ingestions{}

// Start implements [server.Ingester].
func (i ingestions) Start(ctx context.Context, decode func(into any) error) (state.Job, error) {
	var q job.Request
	if err := decode(&q); err != nil {
		return state.Job{}, err
	}
	return i.Runner.Start(ctx, q)
}
