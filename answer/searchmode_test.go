package answer

import (
	"context"
	"testing"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// A oneMode library has no words to search by.
type oneMode struct {
	library
	asked []retrieve.Mode
}

func (o *oneMode) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	o.asked = append(o.asked, q.Mode)
	res, err := o.library.Retrieve(ctx, q)
	if err == nil {
		res.Notice = "dense search only"
	}
	return res, err
}

// TestSearchMode checks that a question chooses the search mode, and that an answer
// reports if another one was used.
func TestSearchMode(t *testing.T) {
	script := []step{looks(`{"query":"door"}`), says("Of oak [1].\n\nQUOTES:\n[1] \"The door is made of oak.\"")}
	for _, mode := range []Mode{"", Agentic} {
		found := &oneMode{library: doors[1:2]}
		c := Config{Retriever: found}
		if mode == Agentic {
			c.Model = &player{script: script, profile: llm.Profile{Tools: true}}
		}
		a, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		ans, err := a.Answer(t.Context(), Question{Text: "door", K: 3, Mode: mode, SearchMode: retrieve.Sparse})
		if err != nil || ans.Notice != "dense search only" || !ans.Answered {
			t.Errorf("mode %q: %+v, %v", mode, ans, err)
		}
		if len(found.asked) == 0 || found.asked[0] != retrieve.Sparse {
			t.Errorf("mode %q: searched by %q, want %s", mode, found.asked, retrieve.Sparse)
		}
	}
}
