// Package index is the contract of stores: what an index holds and how it is
// changed.
//
// Call [Opener.Begin] to change an index and [Run.Commit] to end the run;
// [Manifest] lists what the index holds. Milvus implements the contract, an exact
// store in memory for tests does too, and one conformance suite holds both to the
// same behaviour.
//
// An index holds [Chunk]s with the vectors of their [Windows], and a manifest: one
// row for each [Page], and one for each [Crawl]. A [Fingerprint] says what the
// index was made with.
package index

import (
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/bm25"
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

// Info is what is known of an index.
type Info struct {
	Fingerprint Fingerprint // what it was made with
	// Statistics are those that the last run published. Nil means that the
	// engine has no sparse vectors.
	Statistics *bm25.Statistics
	// Lacks says, for a person, what the engine has not and why; "" if nothing.
	Lacks string
}
