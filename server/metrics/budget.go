package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// WatchBudget makes gauges of a budget: used returns which share of each limit is used.
func (m *Metrics) WatchBudget(used func(context.Context) (map[string]float64, error)) {
	m.registry.MustRegister(budgets(used))
}

// budgets collects how much of a budget is used.
type budgets func(context.Context) (map[string]float64, error)

var budgetDesc = prometheus.NewDesc("citewell_budget_used_ratio", "Share of a budget of the model that is used in its period.", []string{"budget"}, nil)

func (b budgets) Describe(ch chan<- *prometheus.Desc) { ch <- budgetDesc }

func (b budgets) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
	defer cancel()
	used, err := b(ctx)
	if err != nil {
		return // the other metrics are worth more than an error
	}
	for limit, share := range used {
		ch <- prometheus.MustNewConstMetric(budgetDesc, prometheus.GaugeValue, share, limit)
	}
}
