package answer

import (
	"encoding/json"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// An Answer is the answer to a question, with its citations. Its JSON form is
// that of the API.
type Answer struct {
	Answer    string        `json:"answer"` // with [n] after each claim that a citation backs; may be empty if not answered
	Answered  bool          `json:"answered"`
	Reason    string        `json:"reason,omitempty"` // why the question is not answered
	Mode      Mode          `json:"mode"`
	Grounded  bool          `json:"grounded"`  // at least one quote was found on its page
	Verified  int           `json:"verified"`  // number of citations whose quote was found
	Total     int           `json:"total"`     // number of citations
	Citations []Citation    `json:"citations"` // ordered by N; never null
	Nearest   []NearestPage `json:"nearest,omitempty"`
	// Closest are the passages nearest to a question that is not answered, if the pages
	// are on its subject: no answer, but what they do say.
	Closest      []Citation            `json:"closest,omitempty"`
	Corrections  []retrieve.Correction `json:"corrections,omitempty"`         // words of the question that the search took for misspelt ones
	Standalone   string                `json:"standalone_question,omitempty"` // what was searched for, if the question has a history
	Usage        *llm.Usage            `json:"usage,omitempty"`               // nil if no model was asked; null in JSON if the service did not report it
	Cost         *Cost                 `json:"cost"`                          // null if no model was asked, or if its usage or price is unknown
	FinishReason string                `json:"finish_reason,omitempty"`
	Truncated    bool                  `json:"truncated,omitempty"` // the model's text was cut off
	Model        string                `json:"model,omitempty"`
	Timings      Timings               `json:"timings"`
	Warning      string                `json:"warning,omitempty"`
	Editions     string                `json:"editions,omitempty"`   // which version and language the cited pages are of, where there is a choice
	Notice       string                `json:"notice,omitempty"`     // how the search differed from the requested one
	Cached       bool                  `json:"cached,omitempty"`     // an earlier or simultaneous question got the answer, which took no tokens again
	RequestID    string                `json:"request_id,omitempty"` // set by the server

	// What the answer was made from, for the log.
	Found    []retrieve.Hit `json:"-"` // best first; in the mode Agentic, in the order in which the model saw them
	Evidence float64        `json:"-"` // see [retrieve.Result]; 0 in the mode Agentic

	WrongSettings bool `json:"-"` // the model can't be asked as it is configured; Warning says why

	// Results of the provider's content filters for the answer and for the
	// prompt, as the provider sends them.
	ContentFilter json.RawMessage `json:"content_filter,omitempty"`
	PromptFilter  json.RawMessage `json:"prompt_filter,omitempty"`
}

// An Event is a part of an answer that can be shown early. One field is set.
type Event struct {
	Sources []Source // best first; not nil in the first event, but may be empty
	Delta   string   // the next piece of the answer's text
}

// A Source is a chunk that a model may cite as N. The sentences of an
// extractive answer have numbers of their own.
type Source struct {
	N       int    `json:"n"` // from 1
	URL     string `json:"url"`
	Title   string `json:"title"`
	Section string `json:"section"`
}

// sources returns the hits as sources.
func sources(hits []retrieve.Hit) []Source {
	out := make([]Source, len(hits))
	for i, h := range hits {
		out[i] = Source{N: i + 1, URL: h.URL, Title: h.Title, Section: h.Section}
	}
	return out
}

// urlsOf returns the URLs of hits.
func urlsOf(hits []retrieve.Hit) []string {
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = h.URL
	}
	return out
}

// A Mode tells who wrote an answer.
type Mode string

const (
	Generated  Mode = "generated"  // by a model, from the sources
	Extractive Mode = "extractive" // sentences of the pages
	Agentic    Mode = "agentic"    // by a model, from what it searched for itself
)

// A Citation is the passage of a page that backs a claim.
type Citation struct {
	N         int       `json:"n"` // as in the answer, from 1
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Section   string    `json:"section"`
	Quote     string    `json:"quote"`              // as the page shows it, if Verified
	Verified  bool      `json:"verified"`           // the quote was found on the page
	By        string    `json:"by"`                 // who chose the quote: "model" or "server"
	Start     int       `json:"start"`              // rune offsets in the page's text: of the quote or, if
	End       int       `json:"end"`                // it was not found, of the chunk
	Sentence  string    `json:"sentence,omitempty"` // the whole sentence of the quote, as the page shows it; empty if not found
	Link      string    `json:"link"`               // opens the page at the quote
	Modified  time.Time `json:"modified,omitzero"`
	CrawledAt time.Time `json:"crawled_at,omitzero"`

	Lang    string          `json:"lang,omitempty"`    // of the page
	Version string          `json:"version,omitempty"` // of the page, as its address names it
	Twins   []retrieve.Twin `json:"twins,omitempty"`   // other versions and translations of the page

	// The chunk as it was cited, to find out later whether it has changed; see
	// [index.Chunk].
	ChunkID     string `json:"-"`
	ContentHash string `json:"-"`

	Passage string `json:"-"` // text of the chunk, Markdown
}

// Who chose a quote.
const (
	byModel  = "model"
	byServer = "server"
)

// A NearestPage is a page that may help with an unanswered question.
type NearestPage struct {
	URL   string  `json:"url"`
	Title string  `json:"title"`
	Score float64 `json:"score"` // of its best chunk
}

// Timings are the durations of the steps, in milliseconds.
type Timings struct {
	RetrievalMS float64 `json:"retrieval_ms"`
	ModelMS     float64 `json:"model_ms"` // 0 if no model was asked
	TotalMS     float64 `json:"total_ms"`
}

// ms returns d in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// maxNearest is the number of pages that an unanswered question gets.
const maxNearest = 3

// unanswered returns an unanswered Answer with the nearest pages.
func unanswered(mode Mode, reason string, hits []retrieve.Hit) *Answer {
	ans := &Answer{Mode: mode, Reason: reason, Citations: []Citation{}}
	seen := make(map[string]bool)
	for _, h := range hits {
		if !seen[h.URL] && len(ans.Nearest) < maxNearest {
			ans.Nearest = append(ans.Nearest, NearestPage{URL: h.URL, Title: h.Title, Score: h.Score})
		}
		seen[h.URL] = true
	}
	return ans
}

// countVerified sets the fields that count citations.
func (a *Answer) countVerified() {
	a.Total = len(a.Citations)
	for _, c := range a.Citations {
		if c.Verified {
			a.Verified++
		}
	}
	a.Grounded = a.Verified > 0
}

// recordResponse copies usage and metadata from the model's response.
func (a *Answer) recordResponse(r llm.Response) {
	if r.Usage != (llm.Usage{}) {
		a.Usage = &r.Usage
	}
	a.Model, a.FinishReason = r.Model, r.FinishReason
	a.ContentFilter, a.PromptFilter = r.ContentFilter, r.PromptFilter
}
