package answer

import (
	"cmp"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

// What a model usually takes, in tokens.
const (
	// RulesTokens is what the rules of a prompt have; the longest had 409 (November 2026).
	RulesTokens = 500
	// WrittenTokens is what a model writes, reasoning included, unless its limit is lower:
	// an answer has some hundred tokens, and the reasoning before it some thousand.
	WrittenTokens = 4000
	// BriefTokens is what it writes for a brief request, such as one that rewrites a question.
	BriefTokens = 500
	// ImageTokens is what a large image counts with the models that count most (2026).
	ImageTokens = 3000
)

const (
	// chunkTokens is what nine of ten chunks of 2000 characters of documentation in English
	// have at most (103 chunks of this project's guide, November 2026: 556 in the middle).
	chunkTokens = 650
	// usualCalls is how often a model is asked that searches by itself: it searches twice,
	// and answers.
	usualCalls = min(3, prompt.MaxRounds+1)
)

// A limited model tells how many tokens it may write.
type limited interface{ OutputLimit() int }

// ReservedTokens returns how many tokens of the model to reserve for q, 0 without a model.
// It is what such a question usually takes and not the most: for that, a reasoning model
// may write its whole limit twice, which is more than ten times as much.
func (a *Answerer) ReservedTokens(q Question) int64 {
	if !a.asksModel(q) {
		return 0
	}
	said := llm.EstimateTokens(a.instructions) + llm.EstimateTokens(q.Text)
	for _, turn := range q.History {
		said += llm.EstimateTokens(turn.Content)
	}
	said += RulesTokens + ImageTokens*len(q.Images)
	written := WrittenTokens
	if m, ok := a.model.(limited); ok {
		written = min(written, m.OutputLimit())
	}
	found := chunkTokens * cmp.Or(q.K, a.k, retrieve.DefaultK)
	calls := 1
	if q.Mode == Agentic {
		calls = usualCalls
	}
	total := 0
	for i := range calls {
		total += said + found*(i+1) + written
	}
	if len(q.History) > 0 { // it is rewritten first
		total += said + min(written, BriefTokens)
	}
	return int64(total)
}
