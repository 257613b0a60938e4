package answer

import (
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

// A Question is what to answer.
type Question struct {
	Text       string
	History    []history.Turn // what was said before, oldest first
	K          int            // chunks to use; 0 means Config.K
	Filter     retrieve.Filter
	Images     []string      // that it is about: https addresses or data URIs; for models that see
	Mode       Mode          // [Agentic], or empty for one search
	SearchMode retrieve.Mode // of the search; "" means both

	standalone string  // as it is understood without History; "" if there is none
	rewriteMS  float64 // that the model took to say so
}

// searchText returns the question as it is understood without what was said before.
func (q Question) searchText() string {
	if q.standalone != "" {
		return q.standalone
	}
	return q.Text
}

// prompt returns what the model is asked.
func (a *Answerer) prompt(q Question) prompt.Question {
	return prompt.Question{Text: q.Text, History: q.History, Images: q.Images, Instructions: a.instructions}
}
