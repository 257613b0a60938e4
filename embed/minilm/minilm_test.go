package minilm

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/modelfile"
)

// located finds the model's files once for all tests, and fetches them into the
// user's cache if they are not there.
var located = sync.OnceValues(func() (modelfile.Folder, error) {
	return source.Locate(context.Background(), modelfile.Config{})
})

// generic is the name of the kernel that works everywhere, slowly.
const generic = "generic"

// openModel returns the model with the kernel k; nil means the fastest.
func openModel(t testing.TB, k *encoder.Kernel) *Model {
	t.Helper()
	f, err := located()
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(f, k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

var opened = sync.OnceValues(func() (*Model, error) {
	f, err := located()
	if err != nil {
		return nil, err
	}
	return newModel(f, nil)
})

// fastModel returns the model with the fastest kernel.
func fastModel(t testing.TB) *Model {
	t.Helper()
	m, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// reference returns the texts of the reference and their vectors.
func reference(t testing.TB) ([]string, []embed.Vector) {
	t.Helper()
	b, err := os.ReadFile("testdata/texts.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	if b, err = os.ReadFile("testdata/vectors.f32"); err != nil {
		t.Fatal(err)
	}
	if len(texts) < 200 || len(b) != len(texts)*encoder.Dim*4 {
		t.Fatalf("%d texts and %d bytes of vectors", len(texts), len(b))
	}
	vectors := make([]embed.Vector, len(texts))
	for i := range vectors {
		vectors[i] = make(embed.Vector, encoder.Dim)
		decode(vectors[i], b[i*encoder.Dim*4:])
	}
	return texts, vectors
}

func dot(a, b embed.Vector) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestEmbedAgreesWithReference(t *testing.T) {
	texts, want := reference(t)
	for i, k := range encoder.Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			texts, want := texts, want
			switch { // the slower ones, which have tests of their own, see fewer
			case k.Name == generic:
				texts, want = texts[:3], want[:3]
			case i > 0:
				texts, want = texts[:50], want[:50]
			}
			got, err := openModel(t, k).Embed(t.Context(), texts, embed.Document)
			if err != nil || len(got) != len(texts) {
				t.Fatalf("Embed = %d vectors, %v", len(got), err)
			}
			worst := 1.0
			for i := range got {
				worst = min(worst, dot(got[i], want[i]))
				if c := dot(got[i], want[i]); !(c >= 0.99999) {
					t.Errorf("Embed(%.40q): cosine with the reference = %.7f", texts[i], c)
				}
				if n := math.Sqrt(dot(got[i], got[i])); math.Abs(n-1) > 1e-5 {
					t.Errorf("Embed(%.40q): length %.7f", texts[i], n)
				}
			}
			t.Logf("least cosine %.9f", worst)
		})
	}
}

// A vector depends on its text alone, to the last bit.
func TestEmbedAlone(t *testing.T) {
	texts, _ := reference(t)
	texts = texts[:40]
	m := fastModel(t)
	together, err := m.Embed(t.Context(), texts, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		alone, err := m.Embed(t.Context(), []string{text}, embed.Query)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(together[i], alone[0]); d != "" {
			t.Errorf("Embed(%q) in company and alone:\n%s", text, d)
		}
	}
}

func TestEmbedTogether(t *testing.T) {
	texts, want := reference(t)
	m := fastModel(t)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			got, err := m.Embed(t.Context(), texts[i:i+2], embed.Document)
			if err != nil || dot(got[0], want[i]) < 0.99999 || dot(got[1], want[i+1]) < 0.99999 {
				t.Errorf("Embed beside others: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestEmbedNothing(t *testing.T) {
	got, err := fastModel(t).Embed(t.Context(), nil, embed.Document)
	if err != nil || len(got) != 0 {
		t.Errorf("Embed(nil) = %v, %v", got, err)
	}
}

func TestEmbedCanceled(t *testing.T) {
	m := fastModel(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := m.Embed(ctx, []string{"a", "b"}, embed.Document)
	if len(got) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Embed = %v, %v, want none and context.Canceled", got, err)
	}
}

func TestModel(t *testing.T) {
	m := fastModel(t)
	if m.Model() != "all-MiniLM-L6-v2/384" || m.MaxTokens() != 256 {
		t.Errorf("Model, MaxTokens = %q, %d", m.Model(), m.MaxTokens())
	}
}
