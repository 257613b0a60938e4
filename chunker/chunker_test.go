package chunker_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/chunker"
)

// check holds chunks to what the package promises.
func check(t *testing.T, text string, o chunker.Options, chunks []chunker.Chunk) {
	t.Helper()
	size, _ := o.Size()
	runeAt := []int{} // byte offset of each rune
	for i := range text {
		runeAt = append(runeAt, i)
	}
	runeAt = append(runeAt, len(text))
	covered := 0 // every rune before it is in a chunk or is white space
	prev := chunker.Chunk{}
	for i, c := range chunks {
		if c.Start < 0 || c.End <= c.Start || c.End >= len(runeAt) {
			t.Fatalf("chunk %d is [%d, %d) of %d runes", i, c.Start, c.End, len(runeAt)-1)
		}
		if got := text[runeAt[c.Start]:runeAt[c.End]]; got != c.Text {
			t.Fatalf("chunk %d: runes [%d, %d) are %q, not %q", i, c.Start, c.End, got, c.Text)
		}
		if c.End-c.Start > size {
			t.Fatalf("chunk %d has %d runes, more than %d", i, c.End-c.Start, size)
		}
		if c.Start < prev.Start || c.End < prev.End {
			t.Fatalf("chunk %d [%d, %d) comes after [%d, %d)", i, c.Start, c.End, prev.Start, prev.End)
		}
		if c.Start > covered {
			wantSpace(t, text[runeAt[covered]:runeAt[c.Start]])
		}
		covered = max(covered, c.End)
		prev = c
	}
	wantSpace(t, text[runeAt[covered]:])
}

func wantSpace(t *testing.T, lost string) {
	t.Helper()
	for _, r := range lost {
		if !unicode.IsSpace(r) && (r < 0x1c || r > 0x1f) {
			t.Fatalf("%q is in no chunk", lost)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		o    chunker.Options
		want []chunker.Chunk
	}{
		{"empty", "", chunker.Options{}, []chunker.Chunk{}},
		{"one chunk", " a b\n", chunker.Options{}, []chunker.Chunk{{"a b", 1, 4}}},
		{"words, overlapping", "aa bb cc dd", chunker.Options{SizeRunes: 6, OverlapRunes: 3},
			[]chunker.Chunk{{"aa bb", 0, 5}, {"bb cc", 3, 8}, {"cc dd", 6, 11}}},
		{"equal texts have their own offsets", "ab ab ab", chunker.Options{SizeRunes: 3, OverlapRunes: chunker.NoOverlap},
			[]chunker.Chunk{{"ab", 0, 2}, {"ab", 3, 5}, {"ab", 6, 8}}},
		{"offsets count runes", "日本 語語", chunker.Options{SizeRunes: 3, OverlapRunes: chunker.NoOverlap},
			[]chunker.Chunk{{"日本", 0, 2}, {"語語", 3, 5}}},
		{"own separators, no last resort", "one|twotwo|x", chunker.Options{SizeRunes: 4, OverlapRunes: 1, Separators: []string{"|"}},
			[]chunker.Chunk{{"one", 0, 3}, {"|twotwo", 3, 10}, {"|x", 10, 12}}},
		{"not UTF-8", "a\xffb", chunker.Options{SizeRunes: 2, OverlapRunes: 1},
			[]chunker.Chunk{{"a\xff", 0, 2}, {"\xffb", 1, 3}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, chunker.Split(tt.text, tt.o)); diff != "" {
				t.Errorf("Split(%q, %v) (-want +got):\n%s", tt.text, tt.o, diff)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		o       chunker.Options
		want    string // String
		wantErr string // Validate
	}{
		{"zero", chunker.Options{}, "recursive 2000/200", ""},
		{"no overlap", chunker.Options{SizeRunes: 7, OverlapRunes: chunker.NoOverlap}, "recursive 7/0", ""},
		{"separators", chunker.Options{Separators: []string{"|"}}, `recursive 2000/200 ["|"]`, ""},
		{"size", chunker.Options{SizeRunes: -3}, "recursive -3/200", "chunker: size -3 is less than 1"},
		{"overlap", chunker.Options{OverlapRunes: -2}, "recursive 2000/-2", "chunker: overlap -2 is less than 0"},
		{"both", chunker.Options{SizeRunes: 200}, "recursive 200/200", "chunker: overlap 200 is not smaller than size 200"},
		{"no separators", chunker.Options{Separators: []string{}}, "recursive 2000/200 []",
			"chunker: separators are empty (want nil for the default, or at least one)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.o.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
			got := ""
			if err := tt.o.Validate(); err != nil {
				got = err.Error()
			}
			if got != tt.wantErr {
				t.Errorf("Validate() = %q, want %q", got, tt.wantErr)
			}
		})
	}
}

func TestSplitPanicsOnMisuse(t *testing.T) {
	defer func() {
		want := "chunker: misuse: chunker: overlap 9 is not smaller than size 9"
		if got := recover(); got != want {
			t.Errorf("Split panics with %v, want %q", got, want)
		}
	}()
	chunker.Split("text", chunker.Options{SizeRunes: 9, OverlapRunes: 9})
}

func FuzzSplit(f *testing.F) {
	f.Add("a b\n\nc\x1d \u2028 日本", 3, 1)
	f.Add(" \n\n \n x", 2, 0)
	f.Add("\xff\xfe a", 1, 0)
	f.Fuzz(func(t *testing.T, text string, size, overlap int) {
		if overlap == 0 {
			overlap = chunker.NoOverlap
		}
		o := chunker.Options{SizeRunes: size, OverlapRunes: overlap}
		if o.Validate() != nil {
			t.Skip()
		}
		chunks := chunker.Split(text, o)
		check(t, text, o, chunks)
		if len(chunks) > 2*utf8.RuneCountInString(text) {
			t.Errorf("%d chunks of %d runes", len(chunks), utf8.RuneCountInString(text))
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	for _, bb := range []struct{ name, kind string }{
		{"prose", "prose"}, {"cjk", "cjk"}, {"unbroken", "unbroken"}, {"unicode", "unicode"},
	} {
		text := generate(1, bb.kind, 400_000)
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				chunker.Split(text, chunker.Options{})
			}
		})
	}
	// A document of paragraphs, the usual case.
	text := strings.Repeat(strings.Repeat("Chunks hold about two thousand characters. ", 12)+"\n\n", 800)
	b.Run("paragraphs", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			chunker.Split(text, chunker.Options{})
		}
	})
}
