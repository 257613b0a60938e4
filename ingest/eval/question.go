package eval

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/chunker"
)

const chunkingLayout = "questions_df.csv and corpora/ID.md for each corpus_id in it"

// A question is a row of questions_df.csv.
type question struct {
	text   string
	corpus string
	refs   []span // the answer
}

// readQuestions reads questions_df.csv, whose columns may come in any order.
func readQuestions(dir string) ([]question, error) {
	path := filepath.Join(dir, "questions_df.csv")
	data, err := read(path, chunkingLayout)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var columns [3]int
	for i, name := range []string{"question", "references", "corpus_id"} {
		if columns[i] = slices.Index(header, name); columns[i] < 0 {
			return nil, fmt.Errorf("read %s: there is no column %s", path, name)
		}
	}
	var out []question
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		q := question{text: row[columns[0]], corpus: row[columns[2]]}
		if q.refs, err = parseReferences(row[columns[1]]); err != nil {
			line, _ := rows.FieldPos(columns[1])
			return nil, fmt.Errorf("read %s: line %d: references: %w", path, line, err)
		}
		out = append(out, q)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("read %s: there are no questions", path)
	}
	return out, nil
}

func parseReferences(text string) ([]span, error) {
	var list []struct {
		Start *int `json:"start_index"`
		End   *int `json:"end_index"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("there is none")
	}
	var out []span
	for _, r := range list {
		if r.Start == nil || r.End == nil || *r.Start < 0 || *r.End <= *r.Start {
			return nil, errors.New("start_index must be at least 0 and end_index greater")
		}
		out = append(out, span{*r.Start, *r.End})
	}
	return out, nil
}

// readCorpora reads the texts that the questions are about, in order of name.
func readCorpora(dir string, questions []question) ([]corpus, error) {
	lengths := map[string]int{}
	var out []corpus
	for _, q := range questions {
		if _, ok := lengths[q.corpus]; !ok {
			text, err := readCorpus(dir, q.corpus)
			if err != nil {
				return nil, err
			}
			lengths[q.corpus] = utf8.RuneCountInString(text)
			out = append(out, corpus{name: q.corpus, text: text})
		}
		for _, r := range q.refs {
			if r.end > lengths[q.corpus] {
				return nil, fmt.Errorf("a reference ends at %d, but %s has only %d code points", r.end, q.corpus, lengths[q.corpus])
			}
		}
	}
	slices.SortFunc(out, func(a, b corpus) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

// readCorpus reads one text. Offsets count every line end as one code point.
func readCorpus(dir, name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("corpus_id %q is not the name of a file in corpora", name)
	}
	data, err := read(filepath.Join(dir, "corpora", name+".md"), chunkingLayout)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)), nil
}

// headings returns the lines of text that begin with one to six '#' and a space,
// outside of code.
func headings(text string) []chunker.Heading {
	var out []chunker.Heading
	runes, fence := 0, ""
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(line, " ")
		name := strings.TrimLeft(line, "#")
		level := len(line) - len(name)
		switch {
		case fence != "" && strings.HasPrefix(bare, fence):
			fence = ""
		case fence == "" && (strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~")):
			fence = bare[:3]
		case fence == "" && 1 <= level && level <= 6 && strings.HasPrefix(name, " "):
			out = append(out, chunker.Heading{Level: level, Text: strings.TrimSpace(strings.TrimRight(name, "# \n")), Start: runes})
		}
		runes += utf8.RuneCountInString(line)
	}
	return out
}
