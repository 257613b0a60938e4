// Package metrics counts what a server does, for Prometheus.
//
// Call [New], put [Metrics.Answerer] around what answers, and call [Metrics.Begin] for each
// request and [Metrics.Stage] for each stage of the work; [Metrics.Handler] is what Prometheus reads. All
// names begin with citewell_, and docs/operations.md lists them.
//
// No label holds what a caller sends: a route is named by its pattern, and at most
// [maxModels] models have a name of their own.
package metrics

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/citewell/citewell/internal/problem"
)

// maxModels is how many models have a label of their own. The others are "other".
const maxModels = 32

// seconds are the bounds of the histograms: from a search to a reasoning model.
var seconds = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 180, 360}

// Metrics are the counters of one server. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests  *prometheus.CounterVec   // method, route, status
	durations *prometheus.HistogramVec // route
	inFlight  prometheus.Gauge
	errors    *prometheus.CounterVec // code

	answers *prometheus.CounterVec   // mode, outcome
	stages  *prometheus.HistogramVec // stage
	failed  *prometheus.CounterVec   // stage, code
	tokens  *prometheus.CounterVec   // model, kind
	cost    *prometheus.CounterVec   // currency

	pages    *prometheus.CounterVec // outcome
	embedded prometheus.Counter
	runs     *prometheus.CounterVec // outcome

	mu     sync.Mutex
	models map[string]bool // that have a label
}

// New returns Metrics of a program of this version.
func New(version, goVersion string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), models: map[string]bool{}}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "citewell_" + name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "citewell_" + name, Help: help, Buckets: seconds}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.requests = counter("http_requests_total", "Requests that were answered.", "method", "route", "status")
	m.durations = histogram("http_request_duration_seconds", "Time to answer a request, streams included.", "route")
	m.errors = counter("errors_total", "Errors that requests got, by their code in the API.", "code")
	m.answers = counter("answers_total", "Questions, by the mode of the answer and what became of it.", "mode", "outcome")
	m.stages = histogram("stage_duration_seconds", "Time of a stage of a question, a search or an ingestion.", "stage")
	m.failed = counter("stage_errors_total", "Stages that failed, by the code that the API has for the error.", "stage", "code")
	m.tokens = counter("model_tokens_total", "Tokens that models have used, as their services report them.", "model", "kind")
	m.cost = counter("model_cost_total", "Cost of answers, by the file of --prices.", "currency")
	m.pages = counter("ingested_pages_total", "Pages that ingestions of this server have come to.", "outcome")
	m.runs = counter("ingestions_total", "Ingestions that this server has run.", "outcome")
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: "citewell_http_requests_in_flight", Help: "Requests that are being answered."})
	m.embedded = prometheus.NewCounter(prometheus.CounterOpts{Name: "citewell_embedded_chunks_total", Help: "Chunks that ingestions of this server have embedded."})
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "citewell_build_info", Help: "The version of the program; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "go": goVersion}})
	build.Set(1)
	m.registry.MustRegister(m.inFlight, m.embedded, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler returns what Prometheus reads.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Begin counts a request that has arrived. The caller calls end when it is answered. Route
// is the pattern of the route; "" means that there is none.
func (m *Metrics) Begin() (end func(method, route string, status int)) {
	m.inFlight.Inc()
	start := time.Now()
	return func(method, route string, status int) {
		m.inFlight.Dec()
		if route == "" {
			route, method = "none", "any"
		}
		m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
		m.durations.WithLabelValues(route).Observe(time.Since(start).Seconds())
	}
}

// Stage counts a stage that has ended; package trace calls it. The names of stages are
// words of the program.
func (m *Metrics) Stage(stage string, took time.Duration, err error) {
	m.stages.WithLabelValues(stage).Observe(took.Seconds())
	if err != nil && !errors.Is(err, context.Canceled) {
		m.failed.WithLabelValues(stage, problem.Of(err).Code).Inc()
	}
}

// Failed counts an error by its code.
func (m *Metrics) Failed(code string) { m.errors.WithLabelValues(code).Inc() }

// An Ingestion is what a run has done, by its report.
type Ingestion struct {
	Indexed, Unchanged, Skipped, Failed, Removed int // pages
	EmbeddedChunks                               int
}

// Ingested counts a run that has ended, with or without an error.
func (m *Metrics) Ingested(n Ingestion, err error) {
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	m.runs.WithLabelValues(outcome).Inc()
	for outcome, pages := range map[string]int{"indexed": n.Indexed, "unchanged": n.Unchanged, "skipped": n.Skipped, "failed": n.Failed, "removed": n.Removed} {
		m.pages.WithLabelValues(outcome).Add(float64(pages))
	}
	m.embedded.Add(float64(n.EmbeddedChunks))
}

// CountJobs makes the number of jobs a gauge: count returns them by state when Prometheus
// reads.
func (m *Metrics) CountJobs(count func(context.Context) (map[string]int, error)) {
	m.registry.MustRegister(jobs{count})
}

// jobs collects the numbers of jobs.
type jobs struct {
	count func(context.Context) (map[string]int, error)
}

var jobsDesc = prometheus.NewDesc("citewell_jobs", "Ingestion jobs of the index in the state.", []string{"state"}, nil)

// stateTimeout bounds how long Prometheus waits for a state that is locked.
const stateTimeout = 2 * time.Second

func (j jobs) Describe(ch chan<- *prometheus.Desc) { ch <- jobsDesc }

func (j jobs) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
	defer cancel()
	counts, err := j.count(ctx)
	if err != nil {
		return // the other metrics are worth more than an error
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, float64(n), state)
	}
}
