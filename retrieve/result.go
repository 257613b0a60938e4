package retrieve

import (
	"context"

	"github.com/citewell/citewell/retrieve/index"
)

// A Hit is a chunk that was found. Hits are ordered by Score: Rerank if a reranker
// ordered them, else Dense, Sparse or Fused, by the mode of the search.
type Hit struct {
	index.Chunk
	Score float64
	// Dense is the cosine of the question and the chunk's best window, whatever
	// the metric of the index. For a chunk that only BM25 found, it is an upper
	// bound: the lowest cosine in the dense list.
	Dense float64
	// Sparse is the BM25 score, at least 0. For a chunk that BM25 did not find, it
	// is an upper bound: the lowest score in the sparse list, or 0 if the list
	// holds every chunk with a score.
	Sparse float64
	// Fused combines Dense, Sparse and the question's words in title and text. It
	// lies within about 0 to 1.25, and is 0 unless the search was hybrid.
	Fused                 float64
	Rerank                float64 // the reranker's score; 0 unless Result.Reranker names one
	Twins                 []Twin  // other versions and translations of the page that were left out for it
	DenseRank, SparseRank int     // rank in the dense and in the sparse list, from 1; 0 if not in it
}

// A Result is what was found for a question.
type Result struct {
	Hits       []Hit       // best first, at most K
	Candidates []Candidate // all chunks that were compared, including the hits, best first
	Mode       Mode        // of the search that was done
	Notice     string      // why Mode is not the one asked for, or why there is no reranking; "" if as asked
	Reranker   string      // model that ordered the hits; "" if their scores did
	Evidence   float64     // how likely the index holds the answer, 0–1; see [Signals]
	OnSubject  float64     // how likely it holds pages on the subject of the question, 0–1
	Signals    Signals     // what Evidence is computed from
	Words      []Word      // the content words of the question, in order, as corrected

	Question    string       // what was searched for: the question, as corrected
	Corrections []Correction // words of the question that were taken for misspelt ones of the pages

	near func(ctx context.Context, texts []string) []float64 // behind [Result.Nearness]; nil without vectors
}

// Compared returns the candidates as hits, neighbours and repeated texts as one, or
// the hits if there are no candidates.
func (r *Result) Compared() []Hit {
	if len(r.Candidates) == 0 {
		return Select(r.Hits).Hits
	}
	hits := make([]Hit, len(r.Candidates))
	for i, c := range r.Candidates {
		hits[i] = c.Hit
	}
	return merged(distinct(hits))
}

// A Candidate is a chunk that was fetched and compared with the question.
type Candidate struct {
	Hit
	Title   float64 // share of the question's terms in title and section, by idf
	Phrases float64 // share of the question's pairs of adjacent terms in title and text, by idf
	Kept    bool    // whether it is among the hits
	Signals Signals // of the best candidates
	Why     string  // why it was kept or dropped, for a person
}
