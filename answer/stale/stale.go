// Package stale finds answers whose sources have changed since.
//
// Call [Find] with questions that were answered. The index is asked for the
// chunks that they cite. A chunk's id is a hash of its text, so one that is still
// there is unchanged, as is one whose page has the same content hash, however it
// is cut now. Of others, the quote is looked for in what the page holds. Nothing
// is fetched: an index that is not kept up to date knows of no change.
package stale

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
)

// An Index tells what it holds now. [milvus.Store] is the one in use.
type Index interface {
	Chunks(ctx context.Context, ids []string) ([]index.Stored, error)
	ChunksOf(ctx context.Context, url string) ([]index.Chunk, error)
}

// What became of a cited chunk that is not there any more.
const (
	Gone    = "gone"              // nothing is stored of its page
	Changed = "changed"           // its page does not hold the quote any more
	Moved   = "quote still there" // what stands around the quote has changed
)

// A Question is one whose answer cites what has changed.
type Question struct {
	ID        string     `json:"id"`
	RequestID string     `json:"request_id"`
	Question  string     `json:"question"`
	AskedAt   time.Time  `json:"asked_at"` // last
	Times     int        `json:"times"`    // how often it was answered
	Citations []Citation `json:"citations"`
}

// A Citation is one whose chunk is not there any more.
type Citation struct {
	N        int    `json:"n"`
	URL      string `json:"url"`
	Quote    string `json:"quote"`
	Verified bool   `json:"verified"` // when it was cited
	ChunkID  string `json:"chunk_id"`
	Reason   string `json:"reason"` // Gone, Changed or Moved
}

// A finder keeps what it has learnt of the index.
type finder struct {
	index Index
	there map[string]bool // chunk ids
	pages map[string]page // by address
}

// A page is what an index holds of one.
type page struct {
	hash  string // of its text
	texts []*cite.Text
}

// chunkBatch is how many chunks are asked for at once.
const chunkBatch = 500

// Find returns the questions whose answers rest on what has changed: those of
// which a quote is gone first, the newest first among these. questions come
// newest first; of those with the same words the last answer counts.
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

// lostQuotes is 1 if a quote of q stands nowhere any more, else 0.
func lostQuotes(q Question) int {
	if slices.ContainsFunc(q.Citations, func(c Citation) bool { return c.Reason != Moved }) {
		return 1
	}
	return 0
}

// distinct returns the last answered question of each wording, and how often it
// was answered. Words that are not kept are all different.
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

// lookUp asks which of the cited chunks are there.
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

// changedCitations returns the citations whose sources have changed, with the reason.
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

// page returns what the index holds of a page.
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

// reason says what became of a chunk that is not there; "" if its page is as it
// was.
func (p page) reason(ct state.Citation) string {
	switch {
	case len(p.texts) == 0:
		return Gone
	case p.hash == ct.ContentHash:
		return ""
	case slices.ContainsFunc(p.texts, func(t *cite.Text) bool { return containsQuote(t, ct.Quote) }):
		return Moved
	}
	return Changed
}

// containsQuote reports whether a quote stands in a text. One too short to be a quote may be
// a line of code.
func containsQuote(t *cite.Text, quote string) bool {
	if cite.IsQuotable(quote) {
		_, ok := t.Find(quote)
		return ok
	}
	return quote != "" && strings.Contains(strings.Join(strings.Fields(t.String()), " "), strings.Join(strings.Fields(quote), " "))
}
