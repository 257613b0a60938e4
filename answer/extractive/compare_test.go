package extractive

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/cite"
)

// As much of a text is compared in a script without spaces as in another.
func TestPlain(t *testing.T) {
	for text, want := range map[string]int{
		"Short.":                   6,
		strings.Repeat("a b ", 99): 2*maxComparedWords - 1,
		strings.Repeat("密钥", 99):   2 * maxComparedWords,
		strings.Repeat("密钥", 99) + " " + strings.Repeat("a", 9): 2 * maxComparedWords,
	} {
		u := unit{page: &page{blocks: []block{{Block: cite.Block{Text: text}}}}, blocks: []int{0}}
		if got := utf8.RuneCountInString(u.plain()); got != want {
			t.Errorf("%d characters of %q are compared, want %d", got, text, want)
		}
	}
}
