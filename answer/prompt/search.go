package prompt

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// Limits of the searches of a model.
const (
	MaxRounds     = 4    // requests in which it may search
	MaxSearches   = 4    // in one of these
	MaxPerSearch  = 10   // chunks
	MaxQueryRunes = 1000 // of one query
)

// SearchTool is the name of the tool that searches.
const SearchTool = "search_docs"

var searchTools = []llm.Tool{{
	Name:        SearchTool,
	Description: "Finds the passages of the documentation that are nearest to a query. They come as numbered sources.",
	Parameters: json.RawMessage(`{"type":"object","properties":{` +
		`"query":{"type":"string","description":"what to look for, in words that the documentation may use"},` +
		`"k":{"type":"integer","minimum":1,"maximum":10,"description":"how many passages"}},` +
		`"required":["query"],"additionalProperties":false}`),
}}

// Search returns the first request of a conversation in which the model searches
// by itself: history, question, rules, and the tool.
func (q Question) Search(f fence.Fence) llm.Request {
	r := q.request(q.historyAndQuestion(f) + fmt.Sprintf("Look the answer up with %s, at most %d times. ", SearchTool, MaxRounds) + q.rules(numberRule) + listRule)
	r.Tools = searchTools
	return r
}

// Found returns what the model is told of a search: the new hits, numbered after
// those that it has seen, and the numbers of those that were found again.
func Found(f fence.Fence, fresh []retrieve.Hit, seen int, again []int) string {
	text := sources(f, fresh, seen)
	if len(again) > 0 {
		ns := make([]string, len(again))
		for i, n := range again {
			ns[i] = fmt.Sprintf("[%d]", n)
		}
		text += "Found as well, and shown before: " + strings.Join(ns, " ") + "\n"
	}
	return cmp.Or(text, "Nothing was found.")
}

// What the model is told of a search that can't be made.
const (
	NoSuchTool   = "Error: there is no such tool; there is " + SearchTool + "."
	BadArguments = `Error: the arguments are not an object such as {"query": "…", "k": 5}.`
	BadQuery     = "Error: the documentation can't be searched for that."
)

var (
	TooManySearches = fmt.Sprintf("Error: no more than %d searches at once.", MaxSearches)
	BadQueryLength  = fmt.Sprintf("Error: the query must have 1 to %d characters.", MaxQueryRunes)
)
