// Package index is the contract of stores: what an index holds and how it is
// changed.
//
// Call [Opener.Begin] to change an index and [Run.Commit] to end the run;
// [Manifest] lists what the index holds. Milvus implements the contract, and so does
// an exact store in memory for tests. One conformance suite tests both.
//
// An index holds [Chunk]s with the vectors of their [Windows], and a manifest with
// one row for each [Page] and one for each [Crawl]. A [Fingerprint] names the
// settings that the index was made with.
package index

import (
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
)

// Errors of every store. Callers use errors.Is.
var (
	// ErrUnavailable means that the store can't be reached or does not answer in time.
	ErrUnavailable error = problem.StoreUnavailable
	// ErrNoIndex means that nothing has been ingested under this name yet.
	ErrNoIndex error = problem.NoIndex
	// ErrMismatch means that the index was made with other settings; see [MismatchError].
	ErrMismatch error = problem.IndexMismatch
)

// Info describes an index.
type Info struct {
	Fingerprint Fingerprint // what it was made with
	// Statistics are those of the last run. Nil means that the engine has no
	// sparse vectors.
	Statistics *bm25.Statistics
	// Vocabulary holds the words of the chunks, with titles and sections. Nil means
	// that the engine has no sparse vectors, or that no run has counted them yet.
	Vocabulary *vocabulary.Vocabulary
	// Lacks tells users what the engine does not support and why; "" if nothing.
	Lacks string
}
