package answer

import (
	"math"

	"github.com/citewell/citewell/answer/llm"
)

// Prices are what models cost, by the name that their provider gives them or
// that they are asked by. None are built in: prices change, and differ by contract.
type Prices struct {
	Currency string // such as "USD"
	Models   map[string]Price
}

// A Price is what a million tokens of a model cost.
type Price struct {
	Input  float64  // of the prompt
	Cached *float64 // of the part of the prompt that the provider had in its cache; nil means Input
	Output float64  // of the completion, reasoning included
}

// A Cost is what an answer cost.
type Cost struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency"`
}

// perTokens is how many tokens a price is for.
const perTokens = 1_000_000

// cost returns what a usage of a model cost, or nil if that is not known. The
// provider's name of the model comes first, then the one it was asked by.
func (p Prices) cost(u *llm.Usage, names ...string) *Cost {
	if u == nil {
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
