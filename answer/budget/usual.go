package budget

import "github.com/citewell/citewell/answer/llm"

const (
	// rulesTokens is about what a prompt has without pages (November 2026).
	rulesTokens = 500
	// writtenTokens is what a model writes, reasoning included, unless its limit is lower;
	// as for the limits of callers.
	writtenTokens = 4000
	// briefTokens is what it writes for a brief request.
	briefTokens = 500
	// imageTokens is what a large image counts with the models that count most (2026).
	imageTokens = 3000
)

// usual returns what a request usually takes.
func (b *Budget) usual(r llm.Request) llm.Usage {
	prompt := max(rulesTokens, llm.EstimateTokens(r.Instructions))
	for _, m := range r.Messages {
		prompt += llm.EstimateTokens(m.Text) + imageTokens*len(m.Images)
	}
	written := min(writtenTokens, b.Model.OutputLimit())
	if r.Brief {
		written = min(written, briefTokens)
	}
	return llm.Usage{PromptTokens: prompt, CompletionTokens: written, Calls: 1}
}
