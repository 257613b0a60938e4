package answer_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
)

// hung is a service that accepts requests and never answers.
type hung struct{}

func (hung) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestHungModel asks a model that hangs 20 questions at once, three times: each gets an
// extractive answer with a warning, most of them long before the model's time is over.
func TestHungModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := llm.New(llm.Config{Model: "o1", APIKey: "k", HTTPClient: &http.Client{Transport: hung{}}, Patience: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		a, err := answer.New(answer.Config{Retriever: hits, Model: m, MinEvidence: -1})
		if err != nil {
			t.Fatal(err)
		}
		for round, longest := range []time.Duration{time.Minute, 0, time.Minute} {
			if round == 2 {
				time.Sleep(time.Minute) // the model is asked again, with one question
			}
			type result struct {
				ans *answer.Answer
				err error
				d   time.Duration
			}
			results := make(chan result)
			for i := range 20 {
				go func() {
					start := time.Now()
					q := answer.Question{Text: "Where is the key to the oak door?"}
					if i%2 == 0 {
						ans, err := a.Answer(t.Context(), q)
						results <- result{ans, err, time.Since(start)}
						return
					}
					ans, err := a.Stream(t.Context(), q, func(answer.Event) error { return nil })
					results <- result{ans, err, time.Since(start)}
				}()
			}
			late := 0
			for range 20 {
				r := <-results
				if r.err != nil || r.ans.Mode != answer.Extractive || !strings.Contains(r.ans.Warning, "quoted from the pages instead") || r.d > longest {
					t.Fatalf("round %d, after %v: %+v, %v", round, r.d, r.ans, r.err)
				}
				if r.d > 20*time.Second {
					late++
				}
			}
			if most := []int{8, 0, 1}[round]; late > most {
				t.Errorf("round %d: %d askers wait more than 20 s, want %d at most", round, late, most)
			}
		}
	})
}
