package embed

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCount(t *testing.T) {
	for _, tt := range []struct {
		name  string
		text  string
		count Counter
		want  int
	}{
		{"empty", "", CountWordPieces, 0},
		{"space", " \n\t", CountWordPieces, 0},
		{"short word", "cat", CountWordPieces, 2},          // 20 + 2·2
		{"words", "the cat sat on it", CountWordPieces, 6}, // 3·24 + 2·22 = 116
		{"long word", "documentation", CountWordPieces, 6}, // 20 + 3·2 + 9·9 = 107
		{"punctuation", "a.b!", CountWordPieces, 4},        //
		{"odd", "go1Mod", CountWordPieces, 5},              // 20 + 2 + 4·17 = 90
		{"digits", "20241217", CountWordPieces, 7},         // 20 + 7·17 = 139
		{"accents", "über été", CountWordPieces, 4},        // 20+3·2, 20+2+18
		{"Chinese", "你好世界", CountWordPieces, 4},            //
		{"Korean", "안녕", CountWordPieces, 6},               // three letters each
		{"Russian", "привет мир", CountWordPieces, 9},      // one a letter
		{"Russian, multilingual", "привет мир", CountSentencePieces, 5},
		{"no UTF-8", "\xff\xfe\x80", CountWordPieces, 3},
		{"bytes", "über", CountBytes, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, got := tt.count(tt.text, 1000)
			if n != len(tt.text) || got != tt.want {
				t.Errorf("count(%q) = %d bytes, %d tokens, want %d, %d", tt.text, n, got, len(tt.text), tt.want)
			}
			n, got = tt.count(tt.text, tt.want-1)
			if tt.want > 0 && (n >= len(tt.text) || got >= tt.want) {
				t.Errorf("count(%q) up to %d = %d bytes, %d tokens", tt.text, tt.want-1, n, got)
			}
		})
	}
}

// Each window is within the limit by the same measure, and nothing is left out.
func FuzzWordPieceWindows(f *testing.F) {
	f.Add(4, "", strings.Repeat("\x80", 100))
	f.Add(8, "A heading that is long", strings.Repeat("안녕하세요 ", 20))
	f.Add(60, "Head", strings.Repeat("The quick brown fox go1Mod 20241217. ", 30))
	f.Fuzz(func(t *testing.T, limit int, heading, text string) {
		limit = 4 + limit&0xff
		at := 0
		for _, part := range split(text, limit, CountWordPieces) {
			if n, _ := CountWordPieces(part, limit); n < len(part) {
				t.Fatalf("part %q has more than %d tokens", part, limit)
			}
			if utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Fatalf("part %q is cut within a rune", part)
			}
			i := strings.LastIndex(text[:min(len(text), at+len(part)+utf8.UTFMax)], part)
			if i < 0 {
				i = strings.Index(text, part)
			}
			at = max(at, i+len(part))
		}
		if strings.TrimSpace(text[at:]) != "" {
			t.Fatalf("%q is in no part", text[at:])
		}
		for _, w := range Divide(heading, text, limit, CountWordPieces) {
			if n, _ := CountWordPieces(w, limit+3); n < len(w) { // a rune of three is let in
				t.Fatalf("window %q has more than %d tokens", w, limit)
			}
		}
	})
}
