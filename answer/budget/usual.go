package budget

import (
	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
)

// usual returns what a request usually takes.
func (b *Budget) usual(r llm.Request) llm.Usage {
	prompt := max(answer.RulesTokens, llm.EstimateTokens(r.Instructions))
	for _, m := range r.Messages {
		prompt += llm.EstimateTokens(m.Text) + answer.ImageTokens*len(m.Images)
	}
	written := min(answer.WrittenTokens, b.Model.OutputLimit())
	if r.Brief {
		written = min(written, answer.BriefTokens)
	}
	return llm.Usage{PromptTokens: prompt, CompletionTokens: written, Calls: 1}
}
