package index

import (
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed"
)

// passages are the options by which a chunk is cut for an embedder with a short
// input. Such a model was trained on one or a few sentences, and the vector of a
// whole chunk loses what a single sentence says. With passages of 500 characters
// the vectors alone found 87.5 % of the references in essays and reports, with
// windows of 254 word pieces 83.3 %, and with 800 characters less than with 500.
// Cut between words instead of at breaks of the text they found 84.9 %
// (all-MiniLM-L6-v2, 2026-11).
var passages = chunker.Options{SizeRunes: 500, OverlapRunes: 100}

const (
	// maxShortInput is the longest input, in tokens, of an embedder that gets
	// passages.
	maxShortInput = 512
	// maxOpeningRunes is the longest first line that is used as a heading.
	maxOpeningRunes = 120
)

// Windows returns the texts to embed for a chunk, at least one. Together they cover
// text, each begins with heading, and each fits the input of e. Embedders with a
// short input get passages, others the whole text if it fits.
//
// Code has no headings: if heading is empty, a first line that opens a block, such
// as the head of a function, is used instead.
func Windows(e embed.Embedder, heading, text string) []string {
	if e.MaxTokens() > maxShortInput {
		return embed.Windows(e, heading, text)
	}
	opens := ""
	if heading == "" {
		opens = opening(text)
	}
	var ws []string
	for i, p := range chunker.Split(text, passages) {
		h := heading
		if i > 0 || !strings.HasPrefix(p.Text, opens) {
			h += opens
		}
		ws = append(ws, embed.Windows(e, h, p.Text)...)
	}
	if len(ws) == 0 {
		return embed.Windows(e, heading, text)
	}
	return ws
}

// opening returns the first line of text if it opens a block, else "".
func opening(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(line)
	if line == "" || !strings.ContainsAny(line[len(line)-1:], ":{(,") || utf8.RuneCountInString(line) > maxOpeningRunes {
		return ""
	}
	return line
}
