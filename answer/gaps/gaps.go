// Package gaps finds questions that the pages do not answer.
//
// Call [Find] with questions that were asked. It groups those that were
// answered badly or not at all by similarity, and asks the index what it holds
// on each group now. Equal questions give equal groups.
package gaps

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
)

const (
	// maxQuestions is how many different questions are grouped, the newest
	// first. The time grows with their square, to 1–3 s for these (November
	// 2026).
	maxQuestions = 2000
	// maxExamples is how many questions of a group are shown and asked again.
	maxExamples = 3
	// lowEvidence is the evidence below which an answer is worth a look.
	lowEvidence = 0.65
)

// Reasons for a question to be in a group. It may have several.
const (
	Unanswered = "unanswered"
	Weak       = "low evidence" // answered, but with evidence below lowEvidence
	Ungrounded = "no quote"     // answered, but no quote was found on its page
	Down       = "down-voted"
)

// A Config configures [Find]. The first two fields are required.
type Config struct {
	Embedder    embed.Embedder
	Retriever   retrieve.Finder
	Similarity  float64 // of questions in a group; 0 means [DefaultSimilarity]
	MinEvidence float64 // a question with at least this counts as answered now; 0 means [retrieve.DefaultMinEvidence]
	// Done tells when wordings were marked as done, by their [Mark].
	Done map[string]time.Time
}

// A Report holds the groups, the most asked first; those that are done come last.
type Report struct {
	Gaps      []Gap `json:"gaps"`
	Questions int   `json:"questions"` // in the groups, each as often as it was asked
	Left      int   `json:"left"`      // different questions that were left out, since there are too many
	Unread    int   `json:"unread"`    // questions whose text is not stored
}

// A Gap is a group of similar questions.
type Gap struct {
	Size      int            `json:"size"`      // how often the questions were asked
	Different int            `json:"different"` // number of different questions
	Examples  []string       `json:"examples"`  // most typical first
	Reasons   map[string]int `json:"reasons"`   // reason → how often
	Last      time.Time      `json:"last_asked"`
	Nearest   *NearestPage   `json:"nearest"` // to the most typical question; null if nothing was found
	// Answered means that the index holds the answers now: every example has enough
	// evidence, and had too little when it was asked.
	Answered bool `json:"answered_now"`
	// Done means that one of the questions was marked as done after all of them had been
	// asked.
	Done bool `json:"done"`
}

// A NearestPage is the page of the chunk nearest to a question.
type NearestPage struct {
	URL      string  `json:"url"`
	Title    string  `json:"title"`
	Section  string  `json:"section"`
	Score    float64 `json:"score"`    // of the chunk; see [retrieve.Hit]
	Evidence float64 `json:"evidence"` // how likely the index holds the answer, 0–1
}

// A wording is a question in one wording.
type wording struct {
	text     string
	filter   retrieve.Filter // when last asked
	last     time.Time
	times    int
	reasons  map[string]int
	evidence float64 // highest so far
}

// Mark returns what a wording is marked as done by. It does not tell the text.
func Mark(text string) string {
	sum := sha256.Sum256([]byte(normalize(text)))
	return hex.EncodeToString(sum[:16])
}

// normalize returns the same text for wordings that differ in case and white space.
func normalize(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// Find groups the questions that were answered badly or not at all. Questions
// are sorted, newest first.
func Find(ctx context.Context, c Config, questions []state.Question) (*Report, error) {
	if c.Embedder == nil || c.Retriever == nil {
		return nil, errors.New("gaps: Find needs an embedder and a retriever")
	}
	c.Similarity, c.MinEvidence = cmp.Or(c.Similarity, DefaultSimilarity), cmp.Or(c.MinEvidence, retrieve.DefaultMinEvidence)
	r := &Report{Gaps: []Gap{}}
	items := collect(questions, r)
	texts := make([]string, len(items))
	for i, it := range items {
		texts[i] = it.text
	}
	var vectors []embed.Vector
	if len(texts) > 0 {
		var err error
		if vectors, err = c.Embedder.Embed(ctx, texts, embed.Query); err != nil {
			return nil, fmt.Errorf("gaps: embed questions: %w", err)
		}
	}
	for _, members := range cluster(vectors, c.Similarity) {
		g, err := c.gap(ctx, items, members)
		if err != nil {
			return nil, fmt.Errorf("gaps: %w", err)
		}
		r.Questions += g.Size
		r.Gaps = append(r.Gaps, g)
	}
	slices.SortStableFunc(r.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(b.Size, a.Size), b.Last.Compare(a.Last))
	})
	return r, nil
}

// order puts groups that are done behind the others.
func order(g Gap) int {
	if g.Done {
		return 1
	}
	return 0
}

// collect returns the questions to group, newest first, each wording once.
func collect(questions []state.Question, r *Report) []*wording {
	var items []*wording
	known := map[string]*wording{}
	left := map[string]bool{}
	for _, q := range questions {
		why := reasons(q)
		if len(why) == 0 {
			continue
		}
		text := cmp.Or(q.Standalone, q.Question)
		if text == "" || strings.HasPrefix(text, state.HashMark) {
			r.Unread++
			continue
		}
		key := normalize(text)
		it := known[key]
		switch {
		case it == nil && len(items) == maxQuestions:
			left[key] = true
			continue
		case it == nil:
			it = &wording{text: text, filter: retrieve.Filter{Source: q.Source, URLPrefix: q.URLPrefix, Lang: q.Lang}, last: q.AskedAt, reasons: map[string]int{}}
			known[key] = it
			items = append(items, it)
		}
		it.times++
		it.evidence = max(it.evidence, q.Evidence)
		if q.Answered && q.Evidence == 0 { // unknown: do not report it as answered now
			it.evidence = 1
		}
		for _, w := range why {
			it.reasons[w]++
		}
	}
	r.Left = len(left)
	return items
}

// reasons returns the reasons to report a question. It returns none if the
// question was answered well, or if it failed for another reason than the
// pages.
func reasons(q state.Question) []string {
	var out []string
	switch {
	case q.Outcome != state.OutcomeAnswered && q.Outcome != state.OutcomeUnanswered:
		return nil
	case !q.Answered:
		out = append(out, Unanswered)
	default:
		if q.Evidence > 0 && q.Evidence < lowEvidence {
			out = append(out, Weak)
		}
		if !q.Grounded {
			out = append(out, Ungrounded)
		}
	}
	if q.Down > q.Up {
		out = append(out, Down)
	}
	return out
}

// gap describes a group by what the index holds now.
func (c Config) gap(ctx context.Context, items []*wording, members []int) (Gap, error) {
	g := Gap{Different: len(members), Reasons: map[string]int{}, Answered: true}
	var marked time.Time
	for k, i := range members {
		it := items[i]
		g.Size += it.times
		for why, n := range it.reasons {
			g.Reasons[why] += n
		}
		if it.last.After(g.Last) {
			g.Last = it.last
		}
		if at := c.Done[Mark(it.text)]; at.After(marked) {
			marked = at
		}
		if k >= maxExamples {
			continue
		}
		g.Examples = append(g.Examples, it.text)
		found, err := c.Retriever.Retrieve(ctx, retrieve.Query{Text: it.text, Filter: it.filter})
		if err != nil {
			return Gap{}, err
		}
		if k == 0 && len(found.Hits) > 0 {
			h := found.Hits[0]
			g.Nearest = &NearestPage{URL: h.URL, Title: h.Title, Section: h.Section, Score: h.Score, Evidence: found.Evidence}
		}
		g.Answered = g.Answered && c.answeredNow(it, found.Evidence)
	}
	g.Done = marked.After(g.Last)
	return g, nil
}

// answeredNow reports whether the evidence now is enough, and was not when w
// was asked.
func (c Config) answeredNow(it *wording, now float64) bool {
	enough := c.MinEvidence
	if it.reasons[Weak] > 0 {
		enough = max(enough, lowEvidence)
	}
	return now >= enough && it.evidence < enough
}
