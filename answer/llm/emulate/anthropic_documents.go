package emulate

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/llm/emulate/reader"
)

// A document is a block of plain text that the model may cite.
type document struct {
	Type, Title, Context string
	Source               struct {
		Type, Data string
		MediaType  string `json:"media_type"`
	}
	Citations struct{ Enabled bool }
}

// maxTitleRunes is the longest title of a document.
const maxTitleRunes = 500

// readDocument parses a document.
func (m *message) readDocument(at string, data json.RawMessage) *apiError {
	var d document
	switch err := strict(data, &d); {
	case err != nil:
		return refuse("", "", "%s.document: %v", at, err)
	case d.Source.Type != "text" || d.Source.MediaType != "text/plain" || strings.TrimSpace(d.Source.Data) == "":
		return refuse("", "", "%s.document.source: needs the type text, the media_type text/plain and data that is not empty", at)
	case utf8.RuneCountInString(d.Title) > maxTitleRunes:
		return refuse("", "", "%s.document.title: String should have at most %d characters", at, maxTitleRunes)
	}
	m.documents = append(m.documents, d)
	return nil
}

// readCitations finds out whether the documents are cited: all, or none.
func (t *turn) readCitations() *apiError {
	all, cited := 0, 0
	for _, m := range t.messages {
		for _, d := range m.documents {
			if all++; d.Citations.Enabled {
				cited++
			}
		}
	}
	t.citing = cited > 0
	switch {
	case t.citing && !t.citations:
		return refuse("", "", "citations: this model does not support citations")
	case t.citing && cited < all:
		return refuse("", "", "citations must be enabled on all documents of a request, or on none")
	case t.citing && t.schema != nil:
		return refuse("", "", "output_config.format: structured outputs can't be used together with citations")
	}
	return nil
}

// document returns the document at an index, counted over all messages.
func (t *turn) document(i int) document {
	for _, m := range t.messages {
		if i < len(m.documents) {
			return m.documents[i]
		}
		i -= len(m.documents)
	}
	panic("emulate: misuse: no such document") // Unreachable: the reader cites what it has read.
}

// citedBlocks returns a text as blocks with their citations. The text may be the start
// of what the model wrote: then a block that is not whole has none.
func (t *turn) citedBlocks(text string, parts []reader.Part) []any {
	var blocks []any
	for _, p := range parts {
		piece := p.Text[:min(len(p.Text), len(text))]
		text = text[len(piece):]
		block := map[string]any{"type": "text", "text": piece}
		if p.Document > 0 && piece == p.Text {
			d := t.document(p.Document - 1)
			citation := map[string]any{"type": "char_location", "document_index": p.Document - 1, "document_title": nil, "file_id": nil,
				"start_char_index": p.Start, "end_char_index": p.End, "cited_text": string([]rune(d.Source.Data)[p.Start:p.End])}
			if d.Title != "" {
				citation["document_title"] = d.Title
			}
			block["citations"] = []any{citation}
		}
		if piece != "" {
			blocks = append(blocks, block)
		}
	}
	return blocks
}
