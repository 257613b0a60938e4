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
	K          int            // number of chunks; 0 means Config.K
	Filter     retrieve.Filter
	Images     []string      // https addresses or data URIs; for models that accept images
	Mode       Mode          // [Agentic], or "" for one search
	SearchMode retrieve.Mode // "" means hybrid

	standalone string  // the question rewritten to be understood without History; "" without one
	rewriteMS  float64 // time of the model for rewriting
}

// searchText returns the question as it is understood without its history.
func (q Question) searchText() string {
	if q.standalone != "" {
		return q.standalone
	}
	return q.Text
}

// prompt returns the question as package prompt takes it.
func (a *Answerer) prompt(q Question) prompt.Question {
	return prompt.Question{Text: q.Text, History: q.History, Images: q.Images, Instructions: a.instructions}
}
