package llm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
)

// citationsParam is the fact that the service refuses documents with citations.
const citationsParam = "citations"

// maxTitleRunes is the longest title of a document that Anthropic accepts.
const maxTitleRunes = 500

// cites reports whether r is sent with documents that the service cites. Anthropic
// refuses citations together with structured outputs.
func (c *Client) cites(r Request, m refusedParams) bool {
	return len(r.Cited) > 0 && c.profile.citations && c.provider.Name == anthropicName &&
		len(r.Tools) == 0 && r.Schema == nil && !m.refused[citationsParam]
}

// aboutCitations matches errors about documents with citations. A gateway that does not
// know them names the type of the block, or the types that it knows.
var aboutCitations = regexp.MustCompile(`(?is)\bcitations?\b|\bdocuments?\b|\bcontent\b.*\b(types?|tags?|blocks?)\b`)

// refusesCitations reports whether f refuses documents with citations.
func (o *outgoing) refusesCitations(f *apiError) bool {
	return o.cited && (f.status == http.StatusBadRequest || f.status == http.StatusUnprocessableEntity) && aboutCitations.MatchString(f.param+" "+f.message)
}

// documentBlocks returns documents with citations. Anthropic cites whole sentences of
// plain text.
func documentBlocks(documents []Document) []anthropic.ContentBlockParamUnion {
	var out []anthropic.ContentBlockParamUnion
	for _, d := range documents {
		block := anthropic.NewDocumentBlock(anthropic.PlainTextSourceParam{Data: d.Text})
		block.OfDocument.Citations.Enabled = anthropic.Bool(true)
		if title := []rune(d.Title); len(title) > 0 {
			block.OfDocument.Title = anthropic.String(string(title[:min(len(title), maxTitleRunes)]))
		}
		if d.Context != "" {
			block.OfDocument.Context = anthropic.String(d.Context)
		}
		out = append(out, block)
	}
	return out
}

// A citing writes the marks of the citations of a block of text behind it: before white
// space and the bar of a table's row at its end, and never within a code block.
type citing struct {
	on     bool
	quotes []Quote
	marks  []int  // of documents, to be written
	tail   string // end of the text, which the marks precede
}

// addQuote adds a citation of the block that is being read.
func (c *citing) addQuote(q anthropic.TextCitationUnion) {
	n := int(q.DocumentIndex) + 1
	if !c.on || q.CitedText == "" || n < 1 {
		return
	}
	c.quotes = append(c.quotes, Quote{n, q.CitedText})
	if !slices.Contains(c.marks, n) {
		c.marks = append(c.marks, n)
	}
}

// addText adds a piece of a block of text.
func (r *messageReply) addText(piece string) error {
	if !r.on {
		return r.addContent(piece)
	}
	text := r.tail + piece
	body := strings.TrimRight(text, " \t\r\n|")
	r.tail = text[len(body):]
	return r.addContent(body)
}

// endText ends a block of text with the marks of its citations. The mark has a label, so
// that it is not taken for data such as the index of a list.
func (r *messageReply) endText() error {
	if !r.on {
		return nil
	}
	text, tail := r.visible.String(), r.tail
	if inCode := strings.Count(text, "```")%2 == 1; len(r.marks) > 0 && !inCode {
		mark := " "
		if strings.HasSuffix(text, "```") { // nothing may follow on its line
			mark = "\n"
		}
		for _, n := range r.marks {
			mark += fmt.Sprintf("[source %d]", n)
		}
		tail, r.marks = mark+tail, nil
	}
	r.tail = ""
	return r.addContent(tail)
}
