package evalset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// An Asked is a question about the user's own pages, with what is expected.
type Asked struct {
	Line         int    // of the file, from 1
	Text         string // the question
	URL          string // of the page that answers it; "" if only Answer is known
	Answer       string // text of the page that answers it; "" if only URL is known
	Unanswerable bool   // the pages do not answer it
}

// ReadAsked reads a CSV file of questions. Its first line names the columns: question,
// expected (an address or a text of the page that answers), and unanswerable, which may
// be absent.
func ReadAsked(file string) ([]Asked, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("evalset: %w", err)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.TrimLeadingSpace, r.FieldsPerRecord = true, -1
	names, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("evalset: %s has no first line with the columns question, expected and unanswerable: %w", file, err)
	}
	column := func(name string) int {
		return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), name) })
	}
	question, expected, unanswerable := column("question"), column("expected"), column("unanswerable")
	if question < 0 || expected < 0 && unanswerable < 0 {
		return nil, fmt.Errorf("evalset: the first line of %s is %q: name the columns question and expected, and unanswerable if some questions have no answer", file, strings.Join(names, ","))
	}
	var all []Asked
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("evalset: %s: %w", file, err)
		}
		field := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[i])
		}
		line, _ := r.FieldPos(0)
		q, err := asked(field(question), field(expected), field(unanswerable))
		if err != nil {
			return nil, fmt.Errorf("evalset: line %d of %s: %w", line, file, err)
		}
		q.Line = line
		all = append(all, q)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("evalset: %s has no questions", file)
	}
	return all, nil
}

// asked reads the fields of one question.
func asked(question, expected, unanswerable string) (Asked, error) {
	q := Asked{Text: question}
	switch strings.ToLower(unanswerable) {
	case "", "no":
	case "yes", "x":
		q.Unanswerable = true
	default:
		var err error
		if q.Unanswerable, err = strconv.ParseBool(unanswerable); err != nil {
			return q, fmt.Errorf("unanswerable is %q: want yes or no", unanswerable)
		}
	}
	if strings.HasPrefix(expected, "http://") || strings.HasPrefix(expected, "https://") {
		q.URL = expected
	} else {
		q.Answer = expected
	}
	switch {
	case question == "":
		return q, errors.New("there is no question")
	case q.Unanswerable && expected != "":
		return q, errors.New("the question is unanswerable, but something is expected")
	case !q.Unanswerable && expected == "":
		return q, errors.New("nothing is expected: name the page or a text of it, or set unanswerable")
	}
	return q, nil
}
