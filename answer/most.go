package answer

import (
	"cmp"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

const (
	// chunkTokens is the most that a chunk of the default size has: Chinese has about one
	// token for each of its 2000 characters, English a third of that.
	chunkTokens = 2000
	// rulesTokens is more than the rules of every prompt have.
	rulesTokens = 1500
	// imageTokens is what a large image counts with the models that count most (2026).
	imageTokens = 3000
	// rewriteTokens is the output of the model that rewrites a question.
	rewriteTokens = 2000
	// unknownOutputTokens is the output of a model that doesn't tell its limits.
	unknownOutputTokens = 25_000
)

// A bounded model tells how many tokens it takes at most for a prompt of some tokens, its
// repetitions included.
type bounded interface{ MostTokens(promptTokens int) int }

// MostTokens returns how many tokens of the model q takes at most, also if the model has
// to be asked twice; 0 without a model. It is an estimate where chunks are larger than by
// default, and where a model searches more than once a round.
func (a *Answerer) MostTokens(q Question) int64 {
	if !a.asksModel(q) {
		return 0
	}
	said := utf8.RuneCountInString(a.instructions) + utf8.RuneCountInString(q.Text)
	for _, turn := range q.History {
		said += utf8.RuneCountInString(turn.Content)
	}
	said += rulesTokens + imageTokens*len(q.Images)
	found := chunkTokens * cmp.Or(q.K, a.k, retrieve.DefaultK)
	rounds := 1
	if q.Mode == Agentic {
		rounds = prompt.MaxRounds + 1
	}
	total := 0
	for i := range rounds {
		total += a.mostOfCall(said + found*(i+1))
	}
	if len(q.History) > 0 {
		total += said + rewriteTokens
	}
	return int64(total)
}

// mostOfCall returns the tokens of one call of the model.
func (a *Answerer) mostOfCall(promptTokens int) int {
	if m, ok := a.model.(bounded); ok {
		return m.MostTokens(promptTokens)
	}
	return promptTokens + unknownOutputTokens
}
