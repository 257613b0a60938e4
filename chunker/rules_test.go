package chunker_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/chunker"
)

func TestSplitDocument(t *testing.T) {
	const none = chunker.NoOverlap
	for _, tt := range []struct {
		name          string
		text          string
		size, overlap int
		want          []string // the texts, a prefix in front of a bar
	}{
		{"one chunk", "# A\n\nText.\n", 40, none, []string{"# A\n\nText."}},
		{"white space alone", "\n \n", 40, none, nil},
		{"small sections are joined", "# A\n\nIntro.\n\n## B\n\nb b.\n\n## C\n\nc c.\n\n## D\n\ndddd dddd dddd dddd dddd\n", 48, none,
			[]string{"# A\n\nIntro.\n\n## B\n\nb b.\n\n## C\n\nc c.", "## D\n\ndddd dddd dddd dddd dddd"}},
		{"large ones are not", "# A\n\naaaaaaaaa aaaaa.\n\n# B\n\nbbbbbbbbb bbbbb.\n", 60, none,
			[]string{"# A\n\naaaaaaaaa aaaaa.", "# B\n\nbbbbbbbbb bbbbb."}},
		{"another parent's are not", "# A\n\naaaaaaaaaa.\n\n## A1\n\na.\n\n# B\n\nbbbbbbbbbbbbbbb.\n\n## B1\n\nb.\n", 40, none,
			[]string{"# A\n\naaaaaaaaaa.\n\n## A1\n\na.", "# B\n\nbbbbbbbbbbbbbbb.\n\n## B1\n\nb."}},
		{"a short introduction goes with what must be cut", "Site.\n\n# A\n\nAaaa aaaa aaaa. Bbbb bbbb bbbb. Cccc cccc.\n", 32, none,
			[]string{"Site.\n\n# A\n\nAaaa aaaa aaaa.", "Bbbb bbbb bbbb. Cccc cccc."}},
		{"but leaves the heading to it", "Site.\n\n# A\n\nAaaa aaaa aaaa. Bbbb bbbb.\n", 32, none,
			[]string{"Site.", "# A\n\nAaaa aaaa aaaa. Bbbb bbbb."}},
		{"a heading stays with its text", "# A\n\nxxxxxxxxxx xxxxxxxxxx\n\n## B\n\nyyyyyyyyyy yyyyyyyyyy\n", 28, none,
			[]string{"# A\n\nxxxxxxxxxx xxxxxxxxxx", "## B\n\nyyyyyyyyyy yyyyyyyyyy"}},
		{"even if the text must be cut", "# A\n\nxxxx. yyyy. zzzz.\n", 18, none, []string{"# A\n\nxxxx. yyyy.", "zzzz."}},
		{"headings without text go with the next", "# A\n\n## B\n\n## C\n\ncccccccccc cccc.\n\n## D\n", 32, none,
			[]string{"# A\n\n## B\n\n## C\n\ncccccccccc", "cccc.\n\n## D"}},
		{"the last one takes text along", "# A\n\naaaa. bbbb. cccc. dddd.\n\n# B\n", 30, 8, []string{"# A\n\naaaa. bbbb. cccc. dddd.", "dddd.\n\n# B"}},
		{"code stays whole", "# A\n\naaaaaa.\n\n```go\nx\n\ny\n```\n\nbbb.\n", 20, none,
			[]string{"# A\n\naaaaaa.", "```go\nx\n\ny\n```\n\nbbb."}},
		{"long code is cut between lines", "# A\n\n```go\nfirst()\nsecond()\n\nthird()\n```\n", 26, none,
			[]string{"# A\n\n```go\nfirst()", "```go|second()\n\nthird()\n```"}},
		{"tables between rows", "# A\n\n| k | v |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |\n", 84, none,
			[]string{"# A\n\n| k | v |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |"}},
		{"the header is repeated", "| k | v |\n|---|---|\n" + strings.Repeat("| row | value |\n", 6), 90, none,
			[]string{"| k | v |\n|---|---|\n" + strings.Repeat("| row | value |\n", 4)[:63],
				"| k | v |\n|---|---||" + strings.Repeat("| row | value |\n", 2)[:31]}},
		{"list items", "# A\n\n- aaaa aaaa\n- bbbb bbbb\n  bbbb\n- cccc\n", 24, none, []string{"# A\n\n- aaaa aaaa", "- bbbb bbbb\n  bbbb", "- cccc"}},
		{"overlap of whole sentences", "# A\n\nOne one one. Two two. Three three three. Four.\n", 36, 12,
			[]string{"# A\n\nOne one one. Two two.", "Two two. Three three three. Four."}},
		{"no overlap between sections", "# A\n\nOne one one. Two two.\n\n# B\n\nThree three three.\n", 30, 12,
			[]string{"# A\n\nOne one one. Two two.", "# B\n\nThree three three."}},
		{"an abbreviation ends no sentence", "# A\n\nAsk Dr. No, e.g. J. No. It is v. 2. Yes it is.\n", 34, none,
			[]string{"# A\n\nAsk Dr. No, e.g. J. No.", "It is v. 2. Yes it is."}},
		{"sentences without spaces", "# 一\n\n日本語の文。次の文です！終わり。\n", 13, none, []string{"# 一\n\n日本語の文。", "次の文です！終わり。"}},
		{"words without spaces", "# 一\n\nカタカナ漢字カタカナ漢字\n", 10, none, []string{"# 一\n\nカタカナ漢", "字カタカナ漢字"}},
		{"right to left", "# א\n\nשלום עולם. מה שלומך?\n", 17, none, []string{"# א\n\nשלום עולם.", "מה שלומך?"}},
		{"graphemes", "# A\n\ne\u0301e\u0301e\u0301👩‍💻🇯🇵🇯🇵", 9, none, []string{"# A\n\ne\u0301e\u0301", "e\u0301👩‍💻🇯🇵🇯🇵"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := chunker.Options{Kind: chunker.Document, SizeRunes: tt.size, OverlapRunes: tt.overlap}
			parts := chunker.SplitDocument(tt.text, headingsOf(tt.text), o)
			checkParts(t, tt.text, o, parts)
			var got []string
			for _, p := range parts {
				if p.Prefix != "" {
					p.Text = p.Prefix + "|" + p.Text
				}
				got = append(got, p.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("SplitDocument(%q, %v) (-want +got):\n%s", tt.text, o, diff)
			}
		})
	}
}

func TestParts(t *testing.T) {
	text := "Intro intro intro.\n\n# A\n\nAaaa aaaa.\n\n## B\n\nBbbb bbbb. Cccc cccc.\n\n# D\n\nDddd dddd.\n"
	hs := headingsOf(text)
	hs[1].Anchor = "" // B's reader goes to A
	for _, kind := range []chunker.Kind{chunker.Document, chunker.Recursive} {
		var got []string
		for _, p := range chunker.SplitDocument(text, hs, chunker.Options{Kind: kind, SizeRunes: 20, OverlapRunes: 10}) {
			got = append(got, fmt.Sprintf("%q %q #%s", p.Text, p.Section, p.Anchor))
		}
		want := map[chunker.Kind][]string{
			chunker.Document: {`"Intro intro intro." [] #`, `"# A\n\nAaaa aaaa." ["A"] #a`, `"## B\n\nBbbb bbbb." ["A" "B"] #a`,
				`"Cccc cccc." ["A" "B"] #a`, `"# D\n\nDddd dddd." ["D"] #d`},
			chunker.Recursive: {`"Intro intro intro." [] #`, `"# A\n\nAaaa aaaa." ["A"] #a`, `"## B" ["A" "B"] #a`,
				`"Bbbb bbbb. Cccc" ["A" "B"] #a`, `"Cccc cccc." ["A" "B"] #a`, `"# D\n\nDddd dddd." ["D"] #d`},
		}[kind]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("SplitDocument, %v (-want +got):\n%s", kind, diff)
		}
	}
}

// A text without structure has the chunks that Split gives, unless that cuts a
// grapheme.
func TestSplitDocumentOfPlainText(t *testing.T) {
	equal, cut := 0, 0
	for kind := range kinds {
		for seed := range uint64(40) {
			text := generate(seed, kind, 300)
			o := chunker.Options{Kind: chunker.Kind(seed % 2), SizeRunes: 5 + 7*int(seed), OverlapRunes: 4}
			want := chunker.Split(text, o)
			at := boundaries(text)
			isWhole := true
			for _, c := range want {
				start := len(string([]rune(text)[:c.Start]))
				isWhole = isWhole && at[start] && at[start+len(c.Text)]
			}
			parts := chunker.SplitDocument(text, nil, o)
			checkParts(t, text, o, parts)
			if !isWhole {
				cut++
				continue
			}
			equal++
			got := []chunker.Chunk{}
			for _, p := range parts {
				got = append(got, p.Chunk)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("SplitDocument(%q, %v) (-Split +got):\n%s", text, o, diff)
			}
		}
	}
	if equal < 200 || cut < 20 {
		t.Errorf("%d texts are cut between graphemes, %d are not: want both to be tried", equal, cut)
	}
}

// pageOf makes a page of random sections; whole are the blocks that must not be
// cut by chunks of at least 300 runes.
func pageOf(r *rand.Rand) (text string, whole []string) {
	var b strings.Builder
	words := func(n int) string {
		return strings.TrimSpace(strings.Repeat("word ", n)) + fmt.Sprintf(" %d.", r.IntN(1e6))
	}
	if r.IntN(2) == 0 {
		b.WriteString(words(r.IntN(20)) + "\n\n")
	}
	for i := range 1 + r.IntN(12) {
		fmt.Fprintf(&b, "%s Heading %d\n\n", strings.Repeat("#", 1+r.IntN(3)), i)
		for range r.IntN(5) {
			block := ""
			switch r.IntN(4) {
			case 0:
				block = words(1 + r.IntN(90))
			case 1:
				block = "- " + words(3) + "\n- " + words(9) + "\n  - " + words(2)
			case 2:
				block = "```go\n" + strings.Repeat(words(r.IntN(4))+"\n\n", r.IntN(6)) + "```"
				whole = append(whole, block)
			case 3:
				rows := "| " + words(2) + " | b |\n|---|---|\n"
				for range r.IntN(30) {
					row := "| " + words(3) + " | " + words(1) + " |"
					rows, whole = rows+row+"\n", append(whole, row)
				}
				block = rows
			}
			b.WriteString(block + "\n\n")
		}
	}
	return b.String(), whole
}

func TestSplitDocumentKeepsWhole(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		text, whole := pageOf(r)
		o := chunker.Options{Kind: chunker.Document, SizeRunes: 300 + r.IntN(500), OverlapRunes: 100}
		headings := headingsOf(text)
		parts := chunker.SplitDocument(text, headings, o)
		checkParts(t, text, o, parts)
		texts := ""
		for i, p := range parts {
			texts += p.Text + "\x00"
			if strings.Trim(p.Text, "\n# Heading0123456789") == "" && len(parts) > 1 {
				t.Fatalf("page %d: part %d is a heading alone: %q", seed, i, p.Text)
			}
			if last := p.Text[strings.LastIndexByte(p.Text, '\n')+1:]; strings.HasPrefix(last, "#") && i < len(parts)-1 {
				t.Fatalf("page %d: part %d ends with a heading: %q", seed, i, p.Text)
			}
			if utf8.RuneCountInString(p.Text+p.Prefix) > o.SizeRunes {
				t.Errorf("page %d: part %d has with its prefix more than %d runes", seed, i, o.SizeRunes)
			}
			if i == 0 || p.Start >= parts[i-1].End {
				continue
			}
			for _, h := range headings {
				if p.Start < h.Start && h.Start <= parts[i-1].End && i < len(parts)-1 {
					t.Errorf("page %d: part %d repeats what is in front of the heading at %d", seed, i, h.Start)
				}
			}
		}
		for _, block := range whole {
			if !strings.Contains(texts, block) && len(block) < o.SizeRunes-20 {
				t.Fatalf("page %d, %v: cut: %q", seed, o, block)
			}
		}
	}
}

func TestCount(t *testing.T) {
	words := func(s string) int { return len(strings.Fields(s)) }
	text := "# A\n\nOne two three. Four five six. Seven eight nine. Ten.\n\n```\na b\nc d\ne f\ng h\n```\n"
	for _, kind := range []chunker.Kind{chunker.Recursive, chunker.Document} {
		o := chunker.Options{Kind: kind, SizeRunes: 8, OverlapRunes: 3, Count: words, Unit: "words"}
		parts := chunker.SplitDocument(text, headingsOf(text), o)
		if len(parts) < 3 {
			t.Errorf("%v: %d parts, want at least 3", o, len(parts))
		}
		for i, p := range parts {
			if words(p.Prefix)+words(p.Text) > 8 {
				t.Errorf("%v: part %d has %d words: %q", o, i, words(p.Text), p.Text)
			}
			if got := string([]rune(text)[p.Start:p.End]); got != p.Text {
				t.Errorf("%v: part %d: runes [%d, %d) are %q, not %q", o, i, p.Start, p.End, got, p.Text)
			}
		}
	}
	// To a tokenizer this may be one unknown token.
	long := strings.Repeat("x", 50_000)
	for _, p := range chunker.SplitDocument(long, nil, chunker.Options{SizeRunes: 100, OverlapRunes: 10, Count: words, Unit: "words"}) {
		if p.End-p.Start > 16_383 {
			t.Errorf("[%d, %d) has more than 16383 runes", p.Start, p.End)
		}
	}
}

// Texts on which a careless loop takes time that grows with their square.
func TestSplitDocumentOfHostileText(t *testing.T) {
	ticks := ""
	for n := 400; n > 2; n-- {
		ticks += strings.Repeat("`", n) + "x\n" // each opens what nothing closes
	}
	for name, text := range map[string]string{
		"accents":    strings.Repeat("\u0301", 60_000),
		"flags":      strings.Repeat("🇯🇵", 20_000),
		"fences":     ticks,
		"pipes":      strings.Repeat("|\n|-|\n", 20_000),
		"headings":   strings.Repeat("# a\n## b\n### c\n", 5_000),
		"full stops": strings.Repeat(". ", 50_000),
		"thai":       strings.Repeat("ภาษาไทย", 10_000),
		"line ends":  strings.Repeat("\r\n", 50_000) + "x",
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []chunker.Kind{chunker.Recursive, chunker.Document} {
				o := chunker.Options{Kind: kind, SizeRunes: 60, OverlapRunes: 50}
				text := "# One\n\n" + text
				checkParts(t, text, o, chunker.SplitDocument(text, headingsOf(text), o))
			}
		})
	}
}
