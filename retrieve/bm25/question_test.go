package bm25

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// corpus counts texts by language.
func corpus(texts ...[2]string) *Statistics {
	var c Counter
	for _, t := range texts {
		c.Add(Document(t[1], t[0]).Dims, t[0])
	}
	return c.Statistics()
}

var mixed = corpus([2]string{"en", "keys open doors"}, [2]string{"en-GB", "doors of oak"}, [2]string{"fr", "les continuations généralement"}, [2]string{"cy", "y drws"})

func TestStatistics(t *testing.T) {
	if mixed.Chunks() != 4 || mixed.Count(dimension("door")) != 2 || mixed.Count(dimension("window")) != 0 {
		t.Errorf("%d chunks, %d with door, %d with window", mixed.Chunks(), mixed.Count(dimension("door")), mixed.Count(dimension("window")))
	}
	if got, want := mixed.IDF(dimension("door")), math.Log(2); math.Abs(got-want) > 1e-12 {
		t.Errorf("IDF(door) = %v, want %v", got, want)
	}
	if diff := cmp.Diff([]string{"en", "fr", "und"}, mixed.Langs()); diff != "" {
		t.Errorf("Langs() (-want +got):\n%s", diff)
	}
	var none *Statistics
	if none.Chunks() != 0 || none.Count(1) != 0 || len(none.Question("keys", "").Vector().Dims) != 0 {
		t.Error("no statistics tell something")
	}
}

func TestPack(t *testing.T) {
	for _, size := range []int{1, 20, 1 << 20} {
		got, err := Unpack(mixed.Chunks(), mixed.Langs(), mixed.Pack(size))
		if err != nil || !got.Equal(mixed) {
			t.Errorf("Unpack(Pack(%d)) = %+v, %v", size, got, err)
		}
	}
	for _, bad := range [][]byte{{0x80}, {1}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1}, {5, 0x80}} {
		if _, err := Unpack(1, nil, [][]byte{bad}); err == nil {
			t.Errorf("Unpack(%x) succeeded", bad)
		}
	}
	if _, err := Unpack(1, nil, [][]byte{{5, 1}, {3, 1}}); err == nil {
		t.Error("Unpack() of parts in another order succeeded")
	}
}

func TestQuestion(t *testing.T) {
	q := mixed.Question("Which keys open the continuations?", "")
	want := map[uint32]bool{dimension("key"): true, dimension("open"): true, dimension("continu"): true}
	got := map[uint32]bool{}
	for i, d := range q.Vector().Dims {
		got[d] = true
		if w := q.Vector().Weights[i]; math.Abs(float64(w)-mixed.IDF(d)) > 1e-6 {
			t.Errorf("a weight is %v, not the idf %v", w, mixed.IDF(d))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("terms of the vector (-want +got):\n%s", diff)
	}
	for lang, want := range map[string]int{"fr": 1, "en": 0, "": 1} { // English has no such ending
		if n := len(mixed.Question("généralement", lang).Vector().Dims); n != want {
			t.Errorf("in language %q %d terms are found, want %d", lang, n, want)
		}
	}
}

func TestMatch(t *testing.T) {
	q := mixed.Question("keys open doors", "en")
	key, open, door := mixed.IDF(dimension("key")), mixed.IDF(dimension("open")), mixed.IDF(dimension("door"))
	for _, tt := range []struct {
		text, lang   string
		terms, pairs float64
	}{
		{"", "en", 0, 0},
		{"The key opens a door.", "en", 1, 1},
		{"The door opens by a key.", "en-US", 1, 0},
		{"open the doors, open doors", "", (open + door) / (key + open + door), min(open, door) / (min(key, open) + min(open, door))},
		{"keys open doors", "fr", 0, 0},
	} {
		terms, pairs := q.Match(Tokenize(tt.text, tt.lang))
		if math.Abs(terms-tt.terms) > 1e-12 || math.Abs(pairs-tt.pairs) > 1e-12 {
			t.Errorf("Match(%q, %q) = %v, %v, want %v, %v", tt.text, tt.lang, terms, pairs, tt.terms, tt.pairs)
		}
	}
}
