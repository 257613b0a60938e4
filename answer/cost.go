package answer

import (
	"math"

	"github.com/citewell/citewell/answer/llm"
)

// Prices are the prices of models, by the provider's name of the model or the
// name it is requested by. None are built in: prices change and depend on
// contracts.
type Prices struct {
	Currency string // such as "USD"
	Models   map[string]Price
}

// A Price is the price of a million tokens.
type Price struct {
	Input  float64  // prompt
	Cached *float64 // cached part of the prompt; nil means Input
	Output float64  // completion, including reasoning
}

// A Cost is what an answer cost.
type Cost struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency"`
}

// perTokens is the number of tokens that a price is for.
const perTokens = 1_000_000

// Cost returns the cost of a usage, or nil if the usage or the price is unknown. The names
// of the model are tried in order.
func (p Prices) Cost(u *llm.Usage, names ...string) *Cost {
	if u == nil || u.Unknown {
		return nil
	}
	for _, name := range names {
		m, ok := p.Models[name]
		if !ok || name == "" {
			continue
		}
		cached := m.Input
		if m.Cached != nil {
			cached = *m.Cached
		}
		hit := min(u.CachedTokens, u.PromptTokens)
		sum := float64(u.PromptTokens-hit)*m.Input + float64(hit)*cached + float64(u.CompletionTokens)*m.Output
		return &Cost{Amount: math.Round(sum/perTokens*1e9) / 1e9, Currency: p.Currency}
	}
	return nil
}
