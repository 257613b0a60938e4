// Package evalset reads evaluation sets: documents with questions whose answers
// are known.
//
// Call [Read] with a folder in either of the two layouts that public benchmarks
// use. The packages that measure retrieval, answers and chunking all read their
// sets here, so that a folder means the same to each of them.
package evalset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Document is one document of a set.
type Document struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// A Question is a question with what is known about its answer.
type Question struct {
	ID        string
	Text      string
	Relevant  map[string]int // grade of each document that answers it, above 0
	Spans     []Span         // or the parts of documents that answer it
	Reference string         // an answer in words; "" if the set gives none
}

// A Span is a part of a document.
type Span struct {
	Document   string
	Start, End int // offsets in runes
}

// A Dataset is a set of documents with questions.
type Dataset struct {
	Documents []Document
	Questions []Question
	Spans     bool // questions name parts of documents, not documents
}

// What a folder must hold.
const (
	spansLayout = "questions_df.csv and corpora/ID.md for each corpus_id in it"
	bothLayouts = "corpus.jsonl, queries.jsonl and qrels/test.tsv, or questions_df.csv and corpora/ID.md"
)

// Read reads a folder in one of two layouts:
//
//   - BEIR: corpus.jsonl with _id, title and text; queries.jsonl with _id, text
//     and, as metadata.answer, an optional reference answer; qrels/test.tsv with a
//     heading and then query, document and grade, separated by tabs. Questions
//     without a row of a grade above 0 are left out;
//   - chunking_evaluation, as [ReadSpans] reads it.
func Read(dir string) (*Dataset, error) {
	_, err := os.Stat(filepath.Join(dir, spansFile))
	if err == nil {
		return ReadSpans(dir)
	}
	var d *Dataset
	if errors.Is(err, fs.ErrNotExist) {
		d, err = readBEIR(dir)
	}
	return checked(d, err, dir, bothLayouts)
}

// ReadSpans reads a folder in the layout of chunking_evaluation: questions_df.csv
// with the columns question, references and corpus_id in any order, and
// corpora/ID.md for each corpus_id. The references are a JSON list of objects with
// start_index and end_index. A line end of two bytes counts as one code point and
// is read as "\n".
func ReadSpans(dir string) (*Dataset, error) {
	d, err := readSpans(dir)
	return checked(d, err, dir, spansLayout)
}

// checked returns the set, or an error if it could not be read or is empty.
func checked(d *Dataset, err error, dir, layout string) (*Dataset, error) {
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("evalset: there is no %s: the folder must hold %s", missing.Path, layout)
	case err != nil:
		return nil, fmt.Errorf("evalset: read %s: %w", dir, err)
	case len(d.Questions) == 0 || len(d.Documents) == 0:
		return nil, fmt.Errorf("evalset: read %s: there are %d documents and %d questions with an answer", dir, len(d.Documents), len(d.Questions))
	}
	return d, nil
}
