package chunker_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/citewell/citewell/chunker"
)

// A golden is a line of testdata/golden.jsonl.gz, which testdata/reference.py
// writes.
type golden struct {
	Seed    uint64 `json:"seed"`
	Kind    string `json:"kind"`
	Tokens  int    `json:"tokens"`
	Size    int    `json:"size"`
	Overlap int    `json:"overlap"`
	Runes   int    `json:"runes"`
	Chunks  int    `json:"chunks"`
	SHA256  string `json:"sha256"` // of the chunks, joined by NUL; 16 digits
}

var (
	spaces = []string{"\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f", " ", "\u0085", "\u00a0", "\u1680",
		"\u2003", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\u180e"}
	words = []string{"a", "of", "the", "chunk", "x", "overlap", "naïve", "retrieval", "e\u0301tude", "don't", "0.75", "日本"}

	// kinds holds the tokens a text is made of, as in reference.py.
	kinds = map[string][]string{
		"prose":           slices.Concat(words, repeat(14, " "), []string{". ", ", ", "\n", "\n\n"}),
		"lines":           slices.Concat(words, repeat(6, " "), repeat(4, "\n"), repeat(2, "\n\n")),
		"spaces":          slices.Concat(spaces, words),
		"only spaces":     spaces,
		"separators":      {"\n\n", "\n", " ", "x"},
		"only separators": {"\n\n", "\n", " "},
		"unbroken":        {"a", "b", "ab", "日", "🙂"},
		"cjk":             append(repeat(3, "日", "本", "語", "の", "文", "。", "、", "，"), "\n", " "),
		"emoji":           {"👩‍💻", "🇯🇵", "👍🏽", "é", "\u0301", "x", " "},
		"unicode":         nil,
	}
)

func repeat(n int, s ...string) []string { return slices.Repeat(s, n) }

// generate makes the text that reference.py makes of the same numbers.
func generate(seed uint64, kind string, tokens int) string {
	below := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int((seed >> 33) % uint64(n))
	}
	var b strings.Builder
	for range tokens {
		if alphabet := kinds[kind]; alphabet != nil {
			b.WriteString(alphabet[below(len(alphabet))])
			continue
		}
		code := rune(below([]int{0x80, 0x3000, 0x110000}[below(3)]))
		if 0xd800 <= code && code < 0xe000 {
			code = '\n'
		}
		b.WriteRune(code)
	}
	return b.String()
}

func TestSplitAgreesWithLangChain(t *testing.T) {
	file, err := os.Open("testdata/golden.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	texts := 0
	for d := json.NewDecoder(unzipped); d.More(); texts++ {
		var g golden
		if err := d.Decode(&g); err != nil {
			t.Fatal(err)
		}
		text := generate(g.Seed, g.Kind, g.Tokens)
		if got := utf8.RuneCountInString(text); got != g.Runes {
			t.Fatalf("text %d (%s) has %d runes, want %d: the generators differ", g.Seed, g.Kind, got, g.Runes)
		}
		o := chunker.Options{SizeRunes: g.Size, OverlapRunes: g.Overlap}
		chunks := chunker.Split(text, o)
		var joined []string
		for _, c := range chunks {
			joined = append(joined, c.Text)
		}
		sum := sha256.Sum256([]byte(strings.Join(joined, "\x00")))
		if got := hex.EncodeToString(sum[:])[:16]; len(chunks) != g.Chunks || got != g.SHA256 {
			t.Errorf("text %d (%s, %d runes, %v): %d chunks, hash %s; want %d, %s",
				g.Seed, g.Kind, g.Runes, o, len(chunks), got, g.Chunks, g.SHA256)
		}
		check(t, text, o, chunks)
	}
	if texts < 1000 {
		t.Errorf("only %d texts in the golden file, want at least 1000", texts)
	}
}
