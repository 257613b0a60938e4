package answer

import (
	"encoding/json"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// An Answer is what is said to a question, with what it rests on. Its JSON form
// is that of the API.
type Answer struct {
	Answer       string        `json:"answer"` // with [n] behind what a citation backs; empty if not answered and nothing is said
	Answered     bool          `json:"answered"`
	Reason       string        `json:"reason,omitempty"` // why it is not answered
	Mode         Mode          `json:"mode"`
	Grounded     bool          `json:"grounded"`  // a quote at least was found on its page
	Verified     int           `json:"verified"`  // citations whose quote was found
	Total        int           `json:"total"`     // citations
	Citations    []Citation    `json:"citations"` // by n; never null
	Nearest      []NearestPage `json:"nearest,omitempty"`
	Standalone   string        `json:"standalone_question,omitempty"` // what was searched for, if something was said before the question
	Usage        *llm.Usage    `json:"usage,omitempty"`
	Cost         *Cost         `json:"cost"` // null if no model was asked, or its price is not known
	FinishReason string        `json:"finish_reason,omitempty"`
	Truncated    bool          `json:"truncated,omitempty"` // the model's answer was cut off
	Model        string        `json:"model,omitempty"`
	Timings      Timings       `json:"timings"`
	Warning      string        `json:"warning,omitempty"`
	Notice       string        `json:"notice,omitempty"`     // how the search was not the one that was asked for
	RequestID    string        `json:"request_id,omitempty"` // set by who serves it

	// What it was made of, for whoever keeps a log.
	Found    []retrieve.Hit `json:"-"` // best first; if a model searched by itself, in the order in which it saw them
	Evidence float64        `json:"-"` // see [retrieve.Result]; 0 if a model searched by itself

	// What the provider's filters say of the answer and of the prompt, in its own
	// form.
	ContentFilter json.RawMessage `json:"content_filter,omitempty"`
	PromptFilter  json.RawMessage `json:"prompt_filter,omitempty"`
}

// An Event is a part of an answer that can be shown before the whole: one of its
// fields is set.
type Event struct {
	Sources []Source // what was found, best first; never nil, perhaps empty
	Delta   string   // what the answer's text goes on with
}

// A Source is a chunk that an answer may draw on. A model cites it as N;
// sentences of an extractive answer are numbered by themselves.
type Source struct {
	N       int    `json:"n"` // from 1
	URL     string `json:"url"`
	Title   string `json:"title"`
	Section string `json:"section"`
}

// sources returns the sources that hits are.
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

// A Mode says who wrote an answer.
type Mode string

const (
	Generated  Mode = "generated"  // a model, from the sources
	Extractive Mode = "extractive" // the pages: it is made of their sentences
	Agentic    Mode = "agentic"    // a model, from what it searched for itself
)

// A Citation is the place on a page that backs a claim.
type Citation struct {
	N         int       `json:"n"` // as in the answer, from 1
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Section   string    `json:"section"`
	Quote     string    `json:"quote"`              // as the page shows it, if Verified
	Verified  bool      `json:"verified"`           // whoever wrote the answer gave the quote, and it stands there
	By        string    `json:"by"`                 // who chose the quote: "model" or "server"
	Start     int       `json:"start"`              // rune offsets in the page's text: of the quote, or of the
	End       int       `json:"end"`                // chunk if the quote was not found
	Sentence  string    `json:"sentence,omitempty"` // what the quote is a part of, as the page shows it; empty if it was not found
	Link      string    `json:"link"`               // opens the page at the quote
	Modified  time.Time `json:"modified,omitzero"`
	CrawledAt time.Time `json:"crawled_at,omitzero"`

	// What it was when it was cited, for whoever wants to know later whether that
	// still stands: see [index.Chunk].
	ChunkID     string `json:"-"`
	ContentHash string `json:"-"`
}

// Who chose a quote.
const (
	byModel  = "model"
	byServer = "server"
)

// A NearestPage is one that comes near to a question.
type NearestPage struct {
	URL   string  `json:"url"`
	Title string  `json:"title"`
	Score float64 `json:"score"` // of its best chunk
}

// Timings say in milliseconds what took how long.
type Timings struct {
	RetrievalMS float64 `json:"retrieval_ms"`
	ModelMS     float64 `json:"model_ms"` // 0 if no model was asked
	TotalMS     float64 `json:"total_ms"`
}

// ms returns d in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// maxNearest is how many pages an unanswered question is given.
const maxNearest = 3

// unanswered returns an answer that is none, with the pages that came nearest.
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

// countVerified sets what follows from the citations.
func (a *Answer) countVerified() {
	a.Total = len(a.Citations)
	for _, c := range a.Citations {
		if c.Verified {
			a.Verified++
		}
	}
	a.Grounded = a.Verified > 0
}

// recordResponse notes what the model's response says of itself.
func (a *Answer) recordResponse(r llm.Response) {
	if r.Usage != (llm.Usage{}) {
		a.Usage = &r.Usage
	}
	a.Model, a.FinishReason = r.Model, r.FinishReason
	a.ContentFilter, a.PromptFilter = r.ContentFilter, r.PromptFilter
}
