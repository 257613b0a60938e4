package bm25

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// Words that take each other's slots keep their terms, also if several texts are
// analysed at once.
func TestKnownWords(t *testing.T) {
	t.Parallel()
	r := rulesFor("en")
	var g sync.WaitGroup
	for range 2 {
		g.Go(func() {
			for i := range 2 * len(knownWords{}) {
				tok := fmt.Sprintf("Stopping.at%dDoors", i)
				if got, want := r.known(tok), r.word(tok); !slices.Equal(got, want) {
					t.Errorf("known(%q) = %q, want %q", tok, got, want)
					return
				}
			}
		})
	}
	g.Wait()
}
