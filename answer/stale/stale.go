// Package stale finds answers whose sources have changed.
//
// Call [Find] with questions that were answered; [Latest] tells which ones count. It asks the index for the
// chunks that the answers cite. A chunk's id is a hash of its text, so a chunk
// that is still there is unchanged, and so is one whose page has the same
// content hash, however it is split now. For other chunks it searches the page
// for the quote. Nothing is fetched: an index that is out of date knows of no
// change.
package stale

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/internal/mask"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
)

// An Index returns what it holds now. [milvus.Store] implements it.
type Index interface {
	Chunks(ctx context.Context, ids []string) ([]index.Stored, error)
	ChunksOf(ctx context.Context, url string) ([]index.Chunk, error)
}

// What happened to a cited chunk that is gone.
const (
	Gone    = "gone"              // the index has no chunk of its page
	Changed = "changed"           // its page no longer holds the quote
	Moved   = "quote still there" // only the text around the quote has changed
)

// A Question is a question whose answer cites a changed source.
type Question struct {
	ID        string     `json:"id"`
	RequestID string     `json:"request_id"`
	Question  string     `json:"question"`
	AskedAt   time.Time  `json:"asked_at"` // last time
	Times     int        `json:"times"`    // how often it was answered
	Citations []Citation `json:"citations"`
}

// A Citation is a citation whose chunk is gone.
type Citation struct {
	N        int    `json:"n"`
	URL      string `json:"url"`
	Quote    string `json:"quote"`
	Verified bool   `json:"verified"` // when it was cited
	ChunkID  string `json:"chunk_id"`
	Reason   string `json:"reason"` // Gone, Changed or Moved
}

// A finder caches what the index holds.
type finder struct {
	index Index
	there map[string]bool // chunk ids
	pages map[string]page // by URL
}

// A page is what an index holds of one.
type page struct {
	hash  string // of its text
	texts []*cite.Text
}

// chunkBatch is how many chunks are requested at once.
const chunkBatch = 500

// Find returns the questions whose answers cite changed sources: those that
// lost a quote first, then the newest. Questions are sorted, newest first; of
// several with the same text the newest counts.
func Find(ctx context.Context, ix Index, questions []state.Question) ([]Question, error) {
	latest, times := distinct(questions)
	c := &finder{index: ix, there: map[string]bool{}, pages: map[string]page{}}
	if err := c.lookUp(ctx, latest); err != nil {
		return nil, fmt.Errorf("stale: %w", err)
	}
	var out []Question
	for i, q := range latest {
		cs, err := c.changedCitations(ctx, q.Citations)
		if err != nil {
			return nil, fmt.Errorf("stale: %w", err)
		}
		if len(cs) > 0 {
			out = append(out, Question{ID: q.ID, RequestID: q.RequestID, Question: q.Question, AskedAt: q.AskedAt, Times: times[i], Citations: cs})
		}
	}
	slices.SortStableFunc(out, func(a, b Question) int { return cmp.Compare(lostQuotes(b), lostQuotes(a)) })
	return out, nil
}

// lostQuotes returns 1 if a quote of q is gone, else 0.
func lostQuotes(q Question) int {
	if slices.ContainsFunc(q.Citations, func(c Citation) bool { return c.Reason != Moved }) {
		return 1
	}
	return 0
}

// distinct returns the last answered question of each wording, and how often it
// was answered. Questions whose text is not stored are all different.
func distinct(questions []state.Question) (latest []state.Question, times []int) {
	at := map[string]int{}
	for _, q := range questions {
		if !q.Answered {
			continue
		}
		key := cmp.Or(q.Question, q.ID) + "\x00" + q.Source + "\x00" + q.URLPrefix + "\x00" + q.Lang
		if i, ok := at[key]; ok {
			times[i]++
			continue
		}
		at[key] = len(latest)
		latest, times = append(latest, q), append(times, 1)
	}
	return latest, times
}

// Latest returns the last answered question of each wording. Questions are sorted, newest
// first.
func Latest(questions []state.Question) []state.Question {
	latest, _ := distinct(questions)
	return latest
}

// lookUp asks the index which of the cited chunks exist.
func (c *finder) lookUp(ctx context.Context, questions []state.Question) error {
	var ids []string
	for _, q := range questions {
		for _, ct := range q.Citations {
			ids = append(ids, ct.ChunkID)
		}
	}
	slices.Sort(ids)
	for batch := range slices.Chunk(slices.Compact(ids), chunkBatch) {
		found, err := c.index.Chunks(ctx, batch)
		if err != nil {
			return err
		}
		for _, s := range found {
			c.there[s.ID] = true
		}
	}
	return nil
}

// changedCitations returns the citations whose sources have changed, with the
// reason.
func (c *finder) changedCitations(ctx context.Context, cited []state.Citation) ([]Citation, error) {
	var out []Citation
	for _, ct := range cited {
		if c.there[ct.ChunkID] {
			continue
		}
		p, err := c.page(ctx, ct.URL)
		if err != nil {
			return nil, err
		}
		if reason := p.reason(ct); reason != "" {
			out = append(out, Citation{N: ct.N, URL: ct.URL, Quote: ct.Quote, Verified: ct.Verified, ChunkID: ct.ChunkID, Reason: reason})
		}
	}
	return out, nil
}

// page returns a page as the index holds it.
func (c *finder) page(ctx context.Context, url string) (page, error) {
	if p, ok := c.pages[url]; ok {
		return p, nil
	}
	chunks, err := c.index.ChunksOf(ctx, url)
	if err != nil {
		return page{}, err
	}
	var p page
	for _, ch := range chunks {
		p.hash = ch.ContentHash // each has that of the page
		p.texts = append(p.texts, cite.Parse(ch.Text, ch.Start > 0))
	}
	c.pages[url] = p
	return p, nil
}

// reason returns what happened to a chunk that is gone, or "" if its page is
// unchanged.
func (p page) reason(ct state.Citation) string {
	switch {
	case len(p.texts) == 0 && strings.Contains(ct.URL, mask.Mark):
		return Changed // the log does not hold the address, so the page can't be found
	case len(p.texts) == 0:
		return Gone
	case p.hash == ct.ContentHash:
		return ""
	case slices.ContainsFunc(p.texts, func(t *cite.Text) bool { return containsQuote(t, ct.Quote) }):
		return Moved
	}
	return Changed
}

// containsQuote reports whether a text contains a quote. A quote that is too
// short for [cite.Text.Find] may be a line of code.
func containsQuote(t *cite.Text, quote string) bool {
	if cite.IsQuotable(quote) {
		_, ok := t.Find(quote)
		return ok
	}
	return quote != "" && strings.Contains(strings.Join(strings.Fields(t.String()), " "), strings.Join(strings.Fields(quote), " "))
}
