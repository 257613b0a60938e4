package minilm

import (
	"maps"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestWindowsOfOne(t *testing.T) {
	m := &Model{tok: openTokenizer(t)}
	long := strings.TrimSpace(strings.Repeat("heading ", 100))
	for _, tt := range []struct{ name, heading, text, want string }{
		{"text", "", " The text\n as it is. ", " The text\n as it is. "},
		{"heading", "Guide > Setup", "The text.", "Guide > Setup\n\nThe text."},
		{"nothing", "", "", ""},
		{"heading alone", "Setup", "", "Setup\n\n"},
		{"just fits", "", strings.Repeat("word ", 254), strings.Repeat("word ", 254)},
		{"just fits with heading", "one two", strings.Repeat("word ", 252), "one two\n\n" + strings.Repeat("word ", 252)},
		{"long heading that fits", long, "word", long + "\n\nword"},
		{"long heading cut", long, strings.Repeat("word ", 190), strings.TrimSpace(strings.Repeat("heading ", 64)) + "\n\n" + strings.Repeat("word ", 190)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff([]string{tt.want}, m.Windows(tt.heading, tt.text)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWindowsOverlap(t *testing.T) {
	m := &Model{tok: openTokenizer(t)}
	var text strings.Builder
	for i := range 500 {
		text.WriteString(strings.Repeat("one ", i%2) + strings.Repeat("two ", (i+1)%2))
	}
	ws := m.Windows("", text.String())
	if len(ws) != 3 { // 254, and 222 new ones in each that follows
		t.Fatalf("Windows: %d, want 3", len(ws))
	}
	for i, w := range ws[1:] {
		last := strings.Join(strings.Fields(ws[i])[254-overlapPieces:], " ")
		if !strings.HasPrefix(w, last+" ") {
			t.Errorf("window %d begins %.60q, want %.60q", i+1, w, last)
		}
	}
}

// letterTokenizer returns a tokenizer whose vocabulary is the printable characters of
// ASCII, so that a short text has many pieces.
func letterTokenizer() *tokenizer {
	t := &tokenizer{vocab: maps.Clone(specials)}
	for r := '!'; r <= '~'; r++ {
		t.vocab[string(r)] = int32(len(t.vocab))
		t.vocab["##"+string(r)] = int32(len(t.vocab))
	}
	return t
}

// Whatever is cut between, the pieces of the units are the pieces of the text;
// windows fit, follow each other without a gap, and lose nothing.
func FuzzWindows(f *testing.F) {
	f.Add("", strings.Repeat("plain words ", 30))
	f.Add("Guide > Setup", strings.Repeat("東京", 60)+" ≠≠ "+strings.Repeat("x/y-z.", 30))
	f.Add(strings.Repeat("h", 90), strings.Repeat("pneumono ", 30))
	f.Add("[SEP]", strings.Repeat("[MASK][CLS [SEP]]", 15)+"\u0301\u200b\x00")
	f.Add("\u0301", strings.Repeat("qzx", 33)+" "+strings.Repeat("é\u0301=\u0338", 40)+"\xff")
	tok := letterTokenizer()
	m := &Model{tok: tok}
	f.Fuzz(func(t *testing.T, heading, text string) {
		if len(heading)+len(text) > 1000 {
			t.Skip() // of which 300 make several windows
		}
		units, total := tok.units(text)
		if n := tok.count(text); n != total {
			t.Fatalf("units of %q have %d pieces, it has %d", text, total, n)
		}
		for _, u := range units {
			if u.pieces > maxWordRunes {
				t.Fatalf("unit %q has %d pieces", text[u.start:u.end], u.pieces)
			}
		}
		for _, w := range m.Windows(heading, text) {
			if n := len(tok.all(w)); n > maxPieces {
				t.Fatalf("window %q has %d pieces", w, n)
			}
		}
		if len(units) == 0 {
			return
		}
		at := 0
		for _, w := range cover(units, roomPieces-headingPieces) {
			if w.start > at && strings.TrimFunc(text[at:w.start], unicode.IsSpace) != "" || w.end <= at {
				t.Fatalf("window %v after %d of %q", w, at, text)
			}
			at = w.end
		}
		if strings.TrimFunc(text[at:], unicode.IsSpace) != "" {
			t.Fatalf("%q is in no window", text[at:])
		}
	})
}
