package retrieve

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve/bm25"
)

// The weights of the fused score are the same for all corpora. They were chosen in
// November 2026 on seven: documentation, essays and reports, functions in Go and
// in Python, an encyclopedia, a dictionary of computing, manual pages. They lie on
// a plateau: a step of 0.05 in a weight changes the mean by 0.003 at most. For each
// corpus, weights chosen on the other six beat a fusion of ranks on it, by 0.002
// to 0.037.
const (
	denseShare  = 0.62 // of the cosine; BM25 has the rest
	meanShare   = 0.30 // of the mean of a chunk's windows in its cosine; the best window has the rest
	titleBonus  = 0.10 // if title and section hold all of the question's terms
	phraseBonus = 0.15 // if title and text hold all of its pairs of adjacent terms

	// fullSparse times ln(1+chunks) is the BM25 score that counts as 1, unless the
	// best score is higher: if no chunk holds much of a question, BM25 tells
	// little. idf grows with the logarithm of the number of chunks.
	fullSparse = 4.3
)

const (
	// Depth is how many chunks a hybrid search asks of the vectors and of BM25.
	Depth = 150
	// minPool is the least number of candidates that are fetched and compared with
	// the question's words. With 20, 30 or 50 the first three places were the same
	// for all of 2700 questions (2026-11).
	minPool = 20
)

// A scored is a candidate with its scores.
type scored struct {
	id           string
	dense        float64 // cosine of the best window, or the lowest of the dense list
	sum          float64 // of the cosines of the windows that were found
	seen         int     // windows that were found
	sparse       float64 // BM25 score, or the lowest of the sparse list
	denseRank    int     // from 1; 0 if it is not in the dense list
	sparseRank   int
	title, pairs float64 // shares of the question
	fused        float64
	twins        []Twin       // of its page, which were left out
	reranked     float64      // the reranker's score
	tokens       *bm25.Tokens // of title, section and text; nil until they are needed
	places       []places     // of the question's words; nil if they were not looked for
	signals      Signals
	isPromoted   bool // whether it is placed above better ones of a page that has enough hits
}

// merge merges the two lists. A chunk that one list lacks gets that list's floor.
func merge(found Found) []*scored {
	most := len(found.Dense) + len(found.Sparse)
	byID := make(map[string]*scored, most)
	all, room := make([]*scored, 0, most), make([]scored, 0, most)
	at := func(id string) *scored {
		c, ok := byID[id]
		if !ok {
			room = append(room, scored{id: id, dense: found.DenseFloor, sparse: found.SparseFloor})
			c = &room[len(room)-1]
			byID[id] = c
			all = append(all, c)
		}
		return c
	}
	for i, m := range found.Dense {
		c := at(m.ID)
		c.dense, c.sum, c.seen, c.denseRank = m.Score, m.Sum, m.Windows, i+1
	}
	for i, m := range found.Sparse {
		c := at(m.ID)
		c.sparse, c.sparseRank = m.Score, i+1
	}
	return all
}

// A fusion turns the two scores of a candidate into one.
type fusion struct {
	scale float64 // of cosines
	floor float64 // of the dense list
	full  float64 // the BM25 score that counts as 1
}

func newFusion(found Found, stats *bm25.Statistics, scale float64) fusion {
	f := fusion{scale: scale, floor: found.DenseFloor, full: fullSparse * math.Log(1+float64(stats.Chunks()))}
	for _, m := range found.Sparse {
		f.full = max(f.full, m.Score)
	}
	return f
}

// score sets the fused score of c. windows is how many windows the chunk has; 0 if
// that is not known yet.
func (f fusion) score(c *scored, windows int) {
	dense := c.dense
	if windows > 0 {
		unseen := max(0, windows-c.seen)
		mean := (c.sum + float64(unseen)*f.floor) / float64(c.seen+unseen)
		dense = (1-meanShare)*c.dense + meanShare*mean
	}
	sparse := 0.0
	if f.full > 0 {
		sparse = c.sparse / f.full
	}
	c.fused = denseShare*f.scale*dense + (1-denseShare)*sparse + titleBonus*c.title + phraseBonus*c.pairs
}

// sortScored sorts by the fused score, ties by ID.
func sortScored(all []*scored) {
	slices.SortFunc(all, func(a, b *scored) int {
		return cmp.Or(cmp.Compare(b.fused, a.fused), strings.Compare(a.id, b.id))
	})
}
