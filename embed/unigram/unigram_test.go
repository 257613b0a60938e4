package unigram

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// small returns a vocabulary of a few pieces.
func small(t testing.TB) *Tokenizer {
	t.Helper()
	c := Config{Replace: map[rune]string{'\n': " ", '\u00a0': " ", 'ｱ': "ア", '\u0001': "", '①': "1", '\ufffd': " ", '▁': " "}}
	for _, p := range []struct {
		piece string
		score float32
	}{
		{"<s>", 0}, {"<unk>", 0}, {"▁", -3}, {"a", -4}, {"b", -4}, {"c", -5}, {"ab", -5}, {"bc", -5}, {"▁ab", -5}, {"é", -6}, {"ア", -6}, {"1", -6},
		{"s", -7}, {"<", -8}, {">", -8}, {"が", -7}, {"▁abcab", -20},
	} {
		c.Pieces, c.Scores = append(c.Pieces, p.piece), append(c.Scores, p.score)
	}
	c.Unknown, c.Control = 1, []int32{0}
	tok, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestEncode(t *testing.T) {
	tok := small(t)
	for _, tt := range []struct {
		name, text string
		want       []int32
	}{
		{"nothing", "", nil},
		{"white space", " \n\u00a0", nil},
		{"words", "ab  a\nb", []int32{8, 2, 3, 2, 4}},
		{"highest sum", "abc", []int32{8, 5}},
		{"not the longest piece", "abcab", []int32{8, 5, 6}},
		{"leading and trailing space", " c ", []int32{2, 5}},
		{"control piece in text", "<s>", []int32{2, 13, 12, 14}},
		{"composed", "e\u0301", []int32{2, 9}},
		{"composed after replacing", "か\u3099", []int32{2, 15}},
		{"marks in their order", "b\u0301\u0323", []int32{2, 4, 1}},
		{"removed", "a\u0001b", []int32{8}},
		{"replaced", "ｱ①", []int32{2, 10, 11}},
		{"unknown runes joined", "axyzb", []int32{2, 3, 1, 4}},
		{"unknown words apart", "x y", []int32{2, 1, 2, 1}},
		{"not UTF-8", "a\xffb", []int32{2, 3, 2, 4}},
		{"mark of words", "a▁b", []int32{2, 3, 2, 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, tok.Encode(tt.text)); d != "" {
				t.Errorf("Encode(%q) (-want +got):\n%s", tt.text, d)
			}
		})
	}
}

func TestNew(t *testing.T) {
	for _, c := range []Config{
		{Pieces: []string{"a"}},
		{Pieces: []string{"a"}, Scores: []float32{1}, Unknown: 1},
		{Pieces: []string{"a"}, Scores: []float32{1}, Control: []int32{-1}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("New(%+v) succeeded", c)
		}
	}
}

func TestFit(t *testing.T) {
	tok := small(t)
	for _, tt := range []struct {
		name, text string
		limit      int
		want       string
		pieces     int
	}{
		{"all", "ab c", 3, "ab c", 3},
		{"some words", "ab c ab", 3, "ab c ", 3},
		{"within a word", "ab ccc", 3, "ab c", 3},
		{"white space alone", " \n ", 0, " \n ", 0},
		{"nothing fits", "c", 1, "", 0},
		{"no limit", "ab", 0, "", 0},
		{"unknown runes", "xxxx", 2, "xxxx", 2},
		{"very long word", strings.Repeat("x", 1000), 2, strings.Repeat("x", 32), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n, pieces := tok.Fit(tt.text, tt.limit); tt.text[:n] != tt.want || pieces != tt.pieces {
				t.Errorf("Fit(%q, %d) = %q, %d, want %q, %d", tt.text, tt.limit, tt.text[:n], pieces, tt.want, tt.pieces)
			}
		})
	}
}

// FuzzEncode holds pieces to their text: joined, they are the normalised text, apart
// from unknown runes; what fits has the pieces that Fit counts; and words are
// tokenized independently of each other.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "ab abc\u00a0c", "<s>e\u0301\u0301 か\u3099", "a\xff\u0001①▁b", "x y\u0338 z"} {
		f.Add(s, 3)
	}
	tok := small(f)
	byID := map[int32]string{tok.unknown: ""}
	for s, p := range tok.pieces {
		byID[p.id] = s
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = max(0, min(limit, 1000))
		ids := tok.Encode(text)
		var joined, want strings.Builder
		for _, id := range ids {
			joined.WriteString(byID[id])
		}
		for word := range strings.FieldsSeq(tok.normalize(text)) {
			for _, r := range space + word {
				if _, ok := tok.pieces[string(r)]; ok {
					want.WriteRune(r)
				}
			}
		}
		if joined.String() != want.String() {
			t.Errorf("Encode(%q) joins to %q, want %q", text, joined.String(), want.String())
		}
		n, pieces := tok.Fit(text, limit)
		if got := len(tok.Encode(text[:n])); got != pieces || pieces > limit || n < len(text) && !utf8.RuneStart(text[n]) && utf8.ValidString(text) {
			t.Errorf("Fit(%q, %d) = %d, %d, whose text has %d pieces", text, limit, n, pieces, got)
		}
		if got := append(tok.Encode(text), tok.Encode("ab "+text)...); !cmp.Equal(got, tok.Encode(text+"\nab "+text)) {
			t.Errorf("%q is not tokenized alike alone and beside a word", text)
		}
	})
}
