package minilm

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func openTokenizer(t testing.TB) *tokenizer {
	t.Helper()
	f, err := located()
	if err != nil {
		t.Fatal(err)
	}
	tok, err := newTokenizer(f.Path(vocabFile))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// all returns the pieces of text with those at both ends, however many.
func (t *tokenizer) all(text string) []int32 {
	return append(t.appendText([]int32{pieceStart}, text, maxInt), pieceEnd)
}

func TestPiecesAgreeWithReference(t *testing.T) {
	tok := openTokenizer(t)
	f, err := os.Open("testdata/pieces.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
		sum, quoted, _ := strings.Cut(s.Text(), " ")
		var line string
		if err := json.Unmarshal([]byte(quoted), &line); err != nil {
			t.Fatal(err)
		}
		ids := tok.all(line)
		h := crc32.NewIEEE()
		if err := binary.Write(h, binary.LittleEndian, ids); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%08x", h.Sum32()); got != sum {
			t.Errorf("pieces of %+q = %v with CRC %s, want %s", line, ids, got, sum)
		}
	}
	if n < 2000 {
		t.Errorf("%d lines, want at least 2000", n)
	}
}

// Every code point, as it was within a word of the reference.
func TestClassesAgreeWithReference(t *testing.T) {
	b, err := os.ReadFile("testdata/classes.txt")
	if err != nil {
		t.Fatal(err)
	}
	type run struct {
		first rune
		kind  string
	}
	var runs []run
	for line := range strings.Lines(string(b)) {
		var r run
		if _, err := fmt.Sscanf(line, "%x %s", &r.first, &r.kind); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	at := 0
	for r := rune(0); r <= 0x10FFFF; r++ {
		if 0xD800 <= r && r < 0xE000 {
			continue // no text holds them
		}
		for at+1 < len(runs) && runs[at+1].first <= r {
			at++
		}
		if got := inWord(r); got != runs[at].kind {
			t.Errorf("%U is %s, want %s", r, got, runs[at].kind)
		}
	}
}

// inWord says what becomes of r between two letters.
func inWord(r rune) string {
	got := "gone"
	parts := []rune(decompose("x" + string(r) + "y"))
	for _, d := range parts[1 : len(parts)-1] {
		switch classOf(d) {
		case punctuation, chinese:
			return "alone"
		case space:
			got = "space"
		case letter:
			got = "letter"
		}
	}
	return got
}

// Windows relies on it: what stands alone stands first.
func TestStandsAlone(t *testing.T) {
	for r := rune(0x80); r <= 0x10FFFF; r++ {
		for i, d := range norm.NFD.String(string(r)) {
			c := classOf(d)
			if alone := c == punctuation || c == chinese; alone && (i > 0 || !standsAlone(r)) {
				t.Errorf("%U decomposes to %U at %d", r, d, i)
			}
		}
	}
}

func TestNewTokenizer(t *testing.T) {
	good, err := located()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(good.Path(vocabFile))
	if err != nil {
		t.Fatal(err)
	}
	longest := 0
	for line := range strings.Lines(string(b)) {
		longest = max(longest, len(line)-1)
	}
	if longest != maxPieceBytes {
		t.Errorf("the longest piece has %d bytes, want %d", longest, maxPieceBytes)
	}
	for _, tt := range []struct{ name, vocab string }{
		{"empty", ""},
		{"cut", string(b[:len(b)/2])},
		{"moved", "[NEW]\n" + string(b)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), vocabFile)
			if err := os.WriteFile(name, []byte(tt.vocab), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := newTokenizer(name); err == nil {
				t.Error("newTokenizer accepted it")
			}
		})
	}
	if _, err := newTokenizer(t.TempDir()); err == nil {
		t.Error("newTokenizer accepted a folder")
	}
}

// Pieces are in range, the model's input is never too long and the beginning of
// all there are, and a rune never makes more than its decomposition has runes.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "plain words", "naïve [MASK] 東京", "\xff\xfe", strings.Repeat("é", 300), "a\u0338=\u0338b"} {
		f.Add(s)
	}
	tok := openTokenizer(f)
	f.Fuzz(func(t *testing.T, s string) {
		all, ids := tok.all(s), tok.encode(s)
		if len(ids) > maxPieces || len(ids) != min(len(all), maxPieces) {
			t.Fatalf("encode(%q) has %d of %d pieces", s, len(ids), len(all))
		}
		for i, id := range all {
			if id < 0 || id >= vocabSize {
				t.Fatalf("encode(%q): piece %d", s, id)
			}
			if i < len(ids)-1 && ids[i] != id {
				t.Fatalf("encode(%q): piece %d differs when cut", s, i)
			}
		}
		if most := 2 + len([]rune(norm.NFD.String(s))); len(all) > most {
			t.Fatalf("encode(%q) has %d pieces, want at most %d", s, len(all), most)
		}
	})
}
