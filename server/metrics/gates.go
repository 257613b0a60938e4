package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/citewell/citewell/server/admit"
)

// WatchGates makes gauges and counters of gates, by the names of what is behind them.
func (m *Metrics) WatchGates(all map[string]*admit.Gate) { m.registry.MustRegister(gates(all)) }

// gates collects the state of gates.
type gates map[string]*admit.Gate

var (
	slotsDesc   = prometheus.NewDesc("citewell_slots", "How much may be worked on at once.", []string{"work"}, nil)
	insideDesc  = prometheus.NewDesc("citewell_slots_in_use", "How much is being worked on.", []string{"work"}, nil)
	waitingDesc = prometheus.NewDesc("citewell_queue_depth", "How much waits for a slot.", []string{"work"}, nil)
	refusedDesc = prometheus.NewDesc("citewell_refused_total", "What was refused with the error overloaded.", []string{"work"}, nil)
)

func (g gates) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{slotsDesc, insideDesc, waitingDesc, refusedDesc} {
		ch <- d
	}
}

func (g gates) Collect(ch chan<- prometheus.Metric) {
	for work, gate := range g {
		s := gate.Stats()
		ch <- prometheus.MustNewConstMetric(slotsDesc, prometheus.GaugeValue, float64(s.Slots), work)
		ch <- prometheus.MustNewConstMetric(insideDesc, prometheus.GaugeValue, float64(s.Inside), work)
		ch <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, float64(s.Waiting), work)
		ch <- prometheus.MustNewConstMetric(refusedDesc, prometheus.CounterValue, float64(s.Refused), work)
	}
}
