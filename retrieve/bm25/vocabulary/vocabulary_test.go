package vocabulary

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func count(texts ...string) *Vocabulary {
	var c Counter
	for _, t := range texts {
		c.Add(t)
	}
	return c.Vocabulary()
}

func TestNearest(t *testing.T) {
	v := count("Upload files; the upload happens when the ceiling is reached.", "uploads are encrypted, ceilings too", "receiving TextSplitter", "Größe größer", "evaluation classification", "plain plan")
	if _, edits := v.Nearest("classiifcaton"); edits != 2 {
		t.Errorf("%d edits, want 2", edits)
	}
	for _, tt := range []struct{ name, word, want string }{
		{"swapped", "uplaod", "upload"},
		{"swapped at the start", "puload", "upload"},
		{"left out", "hapens", "happens"},
		{"added", "upploads", "uploads"},
		{"replaced", "cieling", "ceiling"},
		{"two edits", "classiifcaton", "classification"},
		{"two edits in a short word", "uplxx", ""},
		{"two in seven letters", "hapenss", ""},
		{"another first letter", "opload", ""},
		{"known", "upload", ""},
		{"short, left out", "plin", "plain"},
		{"short, swapped", "paln", "plan"},
		{"short, replaced", "plen", ""},
		{"too short", "pln", ""},
		{"of an identifier", "spliter", "splitter"},
		{"not ASCII", "größse", "größe"},
		{"no word", "upl0ad", ""},
		{"nothing near", "kubernetes", ""},
		{"fewest edits before frequency", "evaluatin", "evaluation"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, edits := v.Nearest(tt.word); got != tt.want || (edits > 0) != (tt.want != "") {
				t.Errorf("Nearest(%q) = %q, %d, want %q", tt.word, got, edits, tt.want)
			}
		})
	}
	if got, _ := count("stale", "store", "store").Nearest("stare"); got != "store" {
		t.Errorf("of two words with one edit, Nearest = %q, want the frequent one", got)
	}
	if _, edits := (*Vocabulary)(nil).Nearest("upload"); edits != 0 {
		t.Error("an empty vocabulary has a word")
	}
}

func TestPack(t *testing.T) {
	v := count("alpha alphabet beta 42 x_y", "alpha gamma größe", strings.Repeat("long", 20))
	if got, want := fmt.Sprint(v.words), "[alpha alphabet beta gamma größe x_y]"; got != want {
		t.Errorf("words = %v, want %v", got, want)
	}
	for _, size := range []int{maxPackedWord, maxPackedWord + 10, 1 << 16} {
		parts := v.Pack(size)
		if got, err := Unpack(parts); err != nil || !got.Equal(v) || got.Count("alpha") != 2 {
			t.Errorf("Unpack of parts of %d bytes = %+v, %v", size, got, err)
		}
		for _, p := range parts {
			if len(p) > size {
				t.Errorf("a part has %d bytes, not %d", len(p), size)
			}
			if _, err := Unpack([][]byte{p[:len(p)-1]}); err == nil {
				t.Error("a part without its end is no error")
			}
		}
	}
	if _, err := Unpack([][]byte{{0, 1, 'b', 1}, {0, 1, 'a', 1}}); err == nil {
		t.Error("words without order are no error")
	}
	if _, err := Unpack([][]byte{bytes.Repeat([]byte{9}, 9)}); err == nil {
		t.Error("a word that shares more than there is, is no error")
	}
}

func BenchmarkNearest(b *testing.B) {
	var c Counter
	for i := range 100_000 {
		c.Add(fmt.Sprintf("%c%s", 'a'+i%26, strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i*7919))))
	}
	v := c.Vocabulary()
	for b.Loop() {
		v.Nearest("classiifcation")
	}
}
