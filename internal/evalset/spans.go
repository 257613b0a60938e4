package evalset

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const spansFile = "questions_df.csv"

func readSpans(dir string) (*Dataset, error) {
	questions, err := readQuestions(filepath.Join(dir, spansFile))
	if err != nil {
		return nil, err
	}
	d := &Dataset{Spans: true, Questions: questions}
	runes := map[string]int{} // length of each document
	for _, q := range questions {
		for _, s := range q.Spans {
			if _, ok := runes[s.Document]; !ok {
				text, err := readCorpus(dir, s.Document)
				if err != nil {
					return nil, err
				}
				runes[s.Document] = utf8.RuneCountInString(text)
				d.Documents = append(d.Documents, Document{ID: s.Document, Text: text})
			}
			if n := runes[s.Document]; s.End > n {
				return nil, fmt.Errorf("a reference ends at %d, but %s has only %d code points", s.End, s.Document, n)
			}
		}
	}
	return d, nil
}

// readQuestions reads questions_df.csv. The ID of a question is its number, from 0.
func readQuestions(path string) ([]Question, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spansFile, err)
	}
	var columns [3]int
	for i, name := range []string{"question", "references", "corpus_id"} {
		if columns[i] = slices.Index(header, name); columns[i] < 0 {
			return nil, fmt.Errorf("%s: there is no column %s", spansFile, name)
		}
	}
	var out []Question
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", spansFile, err)
		}
		q := Question{ID: strconv.Itoa(len(out)), Text: row[columns[0]]}
		if q.Spans, err = parseReferences(row[columns[1]], row[columns[2]]); err != nil {
			line, _ := rows.FieldPos(columns[1])
			return nil, fmt.Errorf("%s: line %d: references: %w", spansFile, line, err)
		}
		out = append(out, q)
	}
}

func parseReferences(text, document string) ([]Span, error) {
	var list []struct {
		Start *int `json:"start_index"`
		End   *int `json:"end_index"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("there are none")
	}
	var out []Span
	for _, r := range list {
		if r.Start == nil || r.End == nil || *r.Start < 0 || *r.End <= *r.Start {
			return nil, errors.New("start_index must be at least 0 and end_index greater")
		}
		out = append(out, Span{document, *r.Start, *r.End})
	}
	return out, nil
}

// readCorpus reads the text of a document.
func readCorpus(dir, id string) (string, error) {
	if !filepath.IsLocal(id) {
		return "", fmt.Errorf("corpus_id %q is not the name of a file in corpora", id)
	}
	data, err := os.ReadFile(filepath.Join(dir, "corpora", id+".md"))
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)), nil
}
