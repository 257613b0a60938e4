package index

import (
	"fmt"
	"strings"
)

// SchemaVersion is the version of the stored form. Raise it when a collection gets
// other columns or a column another meaning.
const SchemaVersion = 5

// ReadableSchema is the oldest stored form that can still be searched and listed. It
// lacks the columns that later ones added: they are read as empty.
const ReadableSchema = 3

// A Fingerprint names the settings that an index was made with. An index takes no
// vectors or chunks made with others.
type Fingerprint struct {
	Model    string `json:"model"`    // embedder, "name/dim"
	Dim      int    `json:"dim"`      // of its vectors
	Index    string `json:"index"`    // "FLAT", …
	Metric   string `json:"metric"`   // "L2", "IP" or "COSINE"
	Chunker  string `json:"chunker"`  // settings, such as "recursive 2000/200 markdown"
	Analyser string `json:"analyser"` // of the sparse vectors: [bm25.Analyser]
	Schema   int    `json:"schema"`   // [SchemaVersion]
}

// A MismatchError names the settings in which an index differs from those asked
// for. errors.Is(err, ErrMismatch) holds.
type MismatchError struct {
	Name        string // of the index; "" if unknown
	Have, Asked Fingerprint
}

// Error names both values of each setting that differs.
func (e *MismatchError) Error() string {
	var diffs []string
	add := func(what string, have, asked any) {
		if have != asked {
			diffs = append(diffs, fmt.Sprintf("%s %v, not %v", what, have, asked))
		}
	}
	add("embedder", e.Have.Model, e.Asked.Model)
	if e.Have.Model == e.Asked.Model {
		add("dimension", e.Have.Dim, e.Asked.Dim)
	}
	add("index", e.Have.Index, e.Asked.Index)
	add("metric", e.Have.Metric, e.Asked.Metric)
	add("chunker", e.Have.Chunker, e.Asked.Chunker)
	chosen := len(diffs) // the rest are no settings
	add("analyser", e.Have.Analyser, e.Asked.Analyser)
	add("schema version", e.Have.Schema, e.Asked.Schema)
	name := "the index"
	if e.Name != "" {
		name = fmt.Sprintf("index %q", e.Name)
	}
	if chosen == 0 {
		return fmt.Sprintf("another release made %s, with %s: rebuild it (ingest --rebuild)", name, strings.Join(diffs, "; "))
	}
	return fmt.Sprintf("%s was made with %s: rebuild it (ingest --rebuild), or use its settings", name, strings.Join(diffs, "; "))
}

// Is makes the error an [ErrMismatch].
func (e *MismatchError) Is(target error) bool { return target == ErrMismatch }
