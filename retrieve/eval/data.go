package eval

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Document is one of a corpus.
type Document struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// A Question is what is asked of a corpus, and what of it answers.
type Question struct {
	ID       string
	Text     string
	Relevant map[string]int // grade of each document that answers, above 0
	Spans    []Span         // or the parts of documents that do
}

// A query is a line of a file of questions.
type query struct {
	ID   string `json:"_id"`
	Text string `json:"text"`
}

// A Span is a part of a document.
type Span struct {
	Document   string
	Start, End int // offsets in runes
}

// A Dataset is a corpus with questions.
type Dataset struct {
	Documents []Document
	Questions []Question
	Spans     bool // questions name parts of documents, not documents
}

// maxLineBytes is the longest line of a corpus.
const maxLineBytes = 64 << 20

// Read reads a folder in one of two layouts:
//
//   - of BEIR: corpus.jsonl with _id, title and text, queries.jsonl with _id and
//     text, qrels/test.tsv with a heading and then query, document and grade,
//     tabs between. Questions that no row names are left out;
//   - of chunking_evaluation: questions_df.csv with the columns question,
//     references (a JSON list of start_index and end_index) and corpus_id, and
//     corpora/ID.md.
func Read(dir string) (*Dataset, error) {
	var d *Dataset
	_, err := os.Stat(filepath.Join(dir, "questions_df.csv"))
	switch {
	case err == nil:
		d, err = readSpans(dir)
	case errors.Is(err, fs.ErrNotExist):
		d, err = readBEIR(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("eval: read %s: %w", dir, err)
	}
	if len(d.Questions) == 0 || len(d.Documents) == 0 {
		return nil, fmt.Errorf("eval: read %s: there are %d documents and %d questions with an answer", dir, len(d.Documents), len(d.Questions))
	}
	return d, nil
}

func readBEIR(dir string) (*Dataset, error) {
	d := &Dataset{}
	relevant, err := readQrels(filepath.Join(dir, "qrels", "test.tsv"))
	if err != nil {
		return nil, err
	}
	err = EachLine(filepath.Join(dir, "corpus.jsonl"), func(line []byte) error {
		var doc Document
		err := json.Unmarshal(line, &doc)
		d.Documents = append(d.Documents, doc)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, EachLine(filepath.Join(dir, "queries.jsonl"), func(line []byte) error {
		var q query
		err := json.Unmarshal(line, &q)
		if r := relevant[q.ID]; len(r) > 0 {
			d.Questions = append(d.Questions, Question{ID: q.ID, Text: q.Text, Relevant: r})
		}
		return err
	})
}

// readQrels returns the grades of documents by question. Those of 0 are left out.
func readQrels(path string) (map[string]map[string]int, error) {
	relevant := map[string]map[string]int{}
	first := true
	err := EachLine(path, func(line []byte) error {
		fields := strings.Split(string(line), "\t")
		if first {
			first = false
			return nil
		}
		if len(fields) != 3 {
			return fmt.Errorf("%d columns, not 3", len(fields))
		}
		grade, err := strconv.Atoi(strings.TrimSpace(fields[2]))
		if err == nil && grade > 0 {
			if relevant[fields[0]] == nil {
				relevant[fields[0]] = map[string]int{}
			}
			relevant[fields[0]][fields[1]] = grade
		}
		return err
	})
	return relevant, err
}

// EachLine calls f for each line of a file that is not empty. An error of f names the
// file and the line.
func EachLine(path string, f func([]byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, maxLineBytes)
	for n := 1; s.Scan(); n++ {
		if len(strings.TrimSpace(s.Text())) == 0 {
			continue
		}
		if err := f(s.Bytes()); err != nil {
			return fmt.Errorf("%s: line %d: %w", filepath.Base(path), n, err)
		}
	}
	return s.Err()
}

func readSpans(dir string) (*Dataset, error) {
	file, err := os.Open(filepath.Join(dir, "questions_df.csv"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	d := &Dataset{Spans: true}
	seen := map[string]bool{}
	for n, row := range rows {
		if n == 0 {
			continue // the heading
		}
		q, err := question(n, row)
		if err != nil {
			return nil, fmt.Errorf("questions_df.csv: row %d: %w", n, err)
		}
		d.Questions = append(d.Questions, q)
		if id := row[2]; !seen[id] {
			seen[id] = true
			text, err := os.ReadFile(filepath.Join(dir, "corpora", filepath.Base(id)+".md"))
			if err != nil {
				return nil, err
			}
			d.Documents = append(d.Documents, Document{ID: id, Text: string(text)})
		}
	}
	return d, nil
}

// question makes a question of a row of the CSV file.
func question(n int, row []string) (Question, error) {
	if len(row) < 3 {
		return Question{}, fmt.Errorf("%d columns, not 3", len(row))
	}
	var refs []struct {
		Start int `json:"start_index"`
		End   int `json:"end_index"`
	}
	if err := json.Unmarshal([]byte(row[1]), &refs); err != nil {
		return Question{}, err
	}
	q := Question{ID: strconv.Itoa(n - 1), Text: row[0]}
	for _, r := range refs {
		q.Spans = append(q.Spans, Span{row[2], r.Start, r.End})
	}
	return q, nil
}
