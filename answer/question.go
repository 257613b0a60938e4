package answer

import (
	"cmp"

	"github.com/citewell/citewell/answer/extractive"
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
	Mode       Mode          // [Agentic], [Extractive] to answer without the model, or "" for one search
	SearchMode retrieve.Mode // "" means hybrid

	standalone string              // the question rewritten to be understood without History; "" without one
	rewriteMS  float64             // time of the model for rewriting
	searched   string              // the question with its misspelt words corrected; "" before the search
	lack       *refusal            // why the pages do not answer it without a model; nil if they do
	unheld     []string            // words that the question turns on and that no hit holds
	near       extractive.Nearness // of texts and the question; nil before the search
}

// searchText returns the question as it is understood without its history and, after
// the search, with its spelling corrected.
func (q Question) searchText() string {
	return cmp.Or(q.searched, q.standalone, q.Text)
}

// asksModel reports whether a model is to answer q.
func (a *Answerer) asksModel(q Question) bool { return a.model != nil && q.Mode != Extractive }

// prompt returns the question as package prompt takes it.
func (a *Answerer) prompt(q Question) prompt.Question {
	return prompt.Question{Text: q.Text, History: q.History, Images: q.Images, Unheld: q.unheld, Instructions: a.instructions}
}
