package eval

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/internal/evalset"
)

// A question is asked of one text.
type question struct {
	text   string
	corpus string
	refs   []span // the answer
}

// readSet reads the questions of a folder, and their texts in order of name.
func readSet(dir string) ([]question, []corpus, error) {
	d, err := evalset.ReadSpans(dir)
	if err != nil {
		return nil, nil, err
	}
	var questions []question
	for _, q := range d.Questions {
		out := question{text: q.Text, corpus: q.Spans[0].Document}
		for _, s := range q.Spans {
			out.refs = append(out.refs, span{s.Start, s.End})
		}
		questions = append(questions, out)
	}
	var corpora []corpus
	for _, doc := range d.Documents {
		corpora = append(corpora, corpus{name: doc.ID, text: doc.Text})
	}
	slices.SortFunc(corpora, func(a, b corpus) int { return strings.Compare(a.name, b.name) })
	return questions, corpora, nil
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
