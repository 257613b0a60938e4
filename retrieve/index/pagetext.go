package index

import "strings"

// PageText returns the text of a page, of which the chunks, by Ordinal, hold all parts.
// Chunks overlap.
func PageText(chunks []Chunk) string {
	var b strings.Builder
	end := 0 // of the text so far, in runes of the page
	for _, c := range chunks {
		text := []rune(c.Text)
		if c.Start > end && b.Len() > 0 {
			b.WriteString("\n\n") // what is between is in no chunk
		}
		if skip := max(end-c.Start, 0); skip < len(text) {
			b.WriteString(string(text[skip:]))
		}
		end = max(end, c.End)
	}
	return b.String()
}
