package fence

import (
	"fmt"
	"strings"
)

// A Turn is one message of a conversation. By is a constant of the program.
type Turn struct{ By, Text string }

// Conversation returns the turns between their delimiters, oldest first, or ""
// without any.
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
