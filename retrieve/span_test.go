package retrieve_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/retrieve"
)

// A compressed embedder is another one whose cosines are on another scale: its cosine
// of two texts is c + (1−c) times the cosine of the other's.
type compressed struct {
	embed.Embedder
	c float64
}

func (e compressed) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	vecs, err := e.Embedder.Embed(ctx, texts, kind)
	for i, v := range vecs {
		w := make(embed.Vector, len(v)+1)
		w[0] = float32(math.Sqrt(e.c))
		for j, x := range v {
			w[j+1] = float32(math.Sqrt(1-e.c)) * x
		}
		vecs[i] = w
	}
	return vecs, err
}

// TestScales checks that the scale of an embedder's cosines changes neither order nor
// evidence.
func TestScales(t *testing.T) {
	questions := []string{"How often is a signing key rotated?", "What is a fingerprint?", "How is a violin tuned by ear?"}
	words := strings.Fields(strings.Join(manual, " "))
	for i := range 40 { // of several chunks, so that words and vectors disagree
		n := len(words)
		questions = append(questions, strings.Join([]string{words[7*i%n], words[11*i%n], words[13*i%n], words[29*i%n]}, " "))
	}
	for _, c := range []float64{0.2, 0.4, 0.6} {
		want, _ := retriever(t, embedtest.Words{}, nil)
		got, _ := retriever(t, compressed{embedtest.Words{}, c}, nil)
		for _, question := range questions {
			w, err := want.Retrieve(t.Context(), retrieve.Query{Text: question})
			if err != nil {
				t.Fatal(err)
			}
			g, err := got.Retrieve(t.Context(), retrieve.Query{Text: question})
			if err != nil {
				t.Fatal(err)
			}
			if texts(g.Hits) != texts(w.Hits) || math.Abs(g.Evidence-w.Evidence) > 1e-3 {
				t.Errorf("with cosines of %v + %v·cosine, %q finds\n%s (evidence %.3f), want\n%s (%.3f)", c, 1-c, question, texts(g.Hits), g.Evidence, texts(w.Hits), w.Evidence)
			}
		}
	}
}
