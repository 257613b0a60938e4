package fence

import (
	"fmt"
	"strings"
)

// A Turn is what one side of a conversation said; By is a word of ours.
type Turn struct{ By, Text string }

// Conversation returns what was said before the question between its delimiters,
// oldest first; "" if nothing was.
func (f Fence) Conversation(turns []Turn) string {
	if len(turns) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<conversation-%s>\n", f)
	for _, t := range turns {
		fmt.Fprintf(&b, "<said-%s by=%q>\n%s\n</said-%[1]s>\n", f, t.By, Escape(t.Text))
	}
	fmt.Fprintf(&b, "</conversation-%s>\n\n", f)
	return b.String()
}
