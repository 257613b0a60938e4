package cite

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	maxWholeRunes = 120 // a longer quote is given by its first and last words
	edgeWords     = 5   // that many
)

// Link returns a link that opens the page at the passage and highlights it, by
// a text fragment: page#anchor:~:text=…. A page that is no web address, such as
// the path of a file, is returned as it is.
func (p Passage) Link(page, anchor string) string {
	if !strings.HasPrefix(page, "http://") && !strings.HasPrefix(page, "https://") {
		return page
	}
	page, _, _ = strings.Cut(page, "#")
	link := page
	directive := p.directive()
	if anchor != "" || directive != "" {
		link += "#" + (&url.URL{Fragment: anchor}).EscapedFragment()
	}
	if directive != "" {
		link += ":~:text=" + directive
	}
	return link
}

// directive returns the passage as text=… takes it: the whole, if it is short
// and in one block, else its first and its last words.
func (p Passage) directive() string {
	var pieces []string
	for _, s := range p.pieces {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			pieces = append(pieces, s)
		}
	}
	if len(pieces) == 0 {
		return ""
	}
	first, last := pieces[0], pieces[len(pieces)-1]
	head, tail := strings.Fields(first), strings.Fields(last)
	switch {
	case len(pieces) > 1:
		head, tail = head[:min(edgeWords, len(head))], tail[max(0, len(tail)-edgeWords):]
	case utf8.RuneCountInString(first) <= maxWholeRunes || len(head) < 2*edgeWords+2:
		return encode(first)
	default:
		head, tail = head[:edgeWords], head[len(head)-edgeWords:]
	}
	return encode(strings.Join(head, " ")) + "," + encode(strings.Join(tail, " "))
}

// encode escapes all but letters, digits and what means nothing in a directive;
// dash, comma and ampersand do.
func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
