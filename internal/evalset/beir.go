package evalset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxLineBytes is the longest line of a file.
const maxLineBytes = 64 << 20

// A query is a line of a file of questions.
type query struct {
	ID       string          `json:"_id"`
	Text     string          `json:"text"`
	Metadata json.RawMessage `json:"metadata"`
}

// reference returns metadata.answer, or "" if the metadata has another form.
func (q query) reference() string {
	var metadata struct {
		Answer string `json:"answer"`
	}
	if json.Unmarshal(q.Metadata, &metadata) != nil {
		return ""
	}
	return metadata.Answer
}

func readBEIR(dir string) (*Dataset, error) {
	d := &Dataset{}
	relevant, err := readQrels(filepath.Join(dir, "qrels", "test.tsv"))
	if err != nil {
		return nil, err
	}
	err = eachLine(filepath.Join(dir, "corpus.jsonl"), func(line []byte) error {
		var doc Document
		err := json.Unmarshal(line, &doc)
		d.Documents = append(d.Documents, doc)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, eachLine(filepath.Join(dir, "queries.jsonl"), func(line []byte) error {
		var q query
		err := json.Unmarshal(line, &q)
		if r := relevant[q.ID]; len(r) > 0 {
			d.Questions = append(d.Questions, Question{ID: q.ID, Text: q.Text, Relevant: r, Reference: q.reference()})
		}
		return err
	})
}

// readQrels returns the grades of documents by question, without those of 0.
func readQrels(path string) (map[string]map[string]int, error) {
	relevant := map[string]map[string]int{}
	heading := true
	err := eachLine(path, func(line []byte) error {
		if heading {
			heading = false
			return nil
		}
		fields := strings.Split(string(line), "\t")
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

// ReadAbsent reads absent.jsonl of a folder: questions with _id and text, as in
// queries.jsonl, whose answers the documents do not hold. The error wraps
// [io/fs.ErrNotExist] if the folder has no such file.
func ReadAbsent(dir string) ([]Question, error) {
	var out []Question
	err := eachLine(filepath.Join(dir, "absent.jsonl"), func(line []byte) error {
		var q query
		err := json.Unmarshal(line, &q)
		if err == nil && q.Text == "" {
			err = errors.New("there is no text")
		}
		out = append(out, Question{ID: q.ID, Text: q.Text})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("evalset: read %s: %w", dir, err)
	}
	return out, nil
}

// eachLine calls f for each line of a file that is not blank. An error of f is
// returned with the file and the line.
func eachLine(path string, f func([]byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, maxLineBytes)
	for n := 1; s.Scan(); n++ {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		if err := f(s.Bytes()); err != nil {
			return fmt.Errorf("%s: line %d: %w", filepath.Base(path), n, err)
		}
	}
	return s.Err()
}
