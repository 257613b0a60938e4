package extract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lines is a text that JSON holds as a string or as a list of strings.
type lines string

// UnmarshalJSON reads both forms, and takes anything else for no text.
func (l *lines) UnmarshalJSON(b []byte) error {
	var one string
	var many []string
	if json.Unmarshal(b, &one) == nil {
		*l = lines(one)
	} else if json.Unmarshal(b, &many) == nil {
		*l = lines(strings.Join(many, ""))
	}
	return nil
}

// A notebook is what is read of a Jupyter notebook, of formats 3 and 4.
type notebook struct {
	Metadata struct {
		Title        lines `json:"title"`
		LanguageInfo struct {
			Name string `json:"name"`
		} `json:"language_info"`
	} `json:"metadata"`
	Cells      []cell `json:"cells"`
	Worksheets []struct {
		Cells []cell `json:"cells"`
	} `json:"worksheets"`
}

type cell struct {
	Type    string `json:"cell_type"`
	Source  lines  `json:"source"`
	Input   lines  `json:"input"`
	Outputs []struct {
		Text lines            `json:"text"`
		Data map[string]lines `json:"data"`
	} `json:"outputs"`
}

// maxOutputBytes is how much of the output of a cell is kept: the rest is data.
const maxOutputBytes = 2000

// extractNotebook returns the text of a Jupyter notebook: its Markdown, its code and
// the text that the code wrote.
func extractNotebook(body []byte) (Page, error) {
	var n notebook
	if err := json.Unmarshal(body, &n); err != nil {
		return Page{}, fmt.Errorf("%w: the notebook is not JSON", ErrType)
	}
	cells := n.Cells
	for _, w := range n.Worksheets {
		cells = append(cells, w.Cells...)
	}
	var b strings.Builder
	for _, c := range cells {
		switch c.Type {
		case "markdown", "heading":
			b.WriteString(string(c.Source) + "\n\n")
		case "code":
			writeCode(&b, n.Metadata.LanguageInfo.Name, string(c.Source+c.Input))
			for _, o := range c.Outputs {
				text := o.Text + o.Data["text/plain"]
				if strings.HasPrefix(string(text), "<") && slices.ContainsFunc(slices.Collect(maps.Keys(o.Data)), isImage) {
					continue // It names the object that the image shows.
				}
				writeCode(&b, "text", cutOutput(string(text)))
			}
		}
	}
	page, err := extractMarkdown(b.String(), false)
	if page.Title == "" {
		page.Title = line(string(n.Metadata.Title))
	}
	return page, err
}

func isImage(mediaType string) bool { return strings.HasPrefix(mediaType, "image/") }

// cutOutput returns the beginning of a long output, in whole lines.
func cutOutput(s string) string {
	if len(s) <= maxOutputBytes {
		return s
	}
	return s[:strings.LastIndexByte(s[:maxOutputBytes], '\n')+1]
}

// writeCode writes a code block with a fence that the code does not hold.
func writeCode(b *strings.Builder, language, code string) {
	if strings.TrimSpace(code) == "" {
		return
	}
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	b.WriteString(fence + language + "\n" + strings.TrimRight(code, "\n") + "\n" + fence + "\n\n")
}
