package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readPage(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// firstCells returns the first cells of the rows of a table below its heading.
func firstCells(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]*?) ?\|`).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out[min(1, len(out)):] // without the heading
}

// TestPage checks that the page shows and explains the lines that the program knows.
func TestPage(t *testing.T) {
	t.Parallel()
	var want []string
	for _, l := range lines() {
		want = append(want, l.name)
	}
	_, block, tail, err := cutBlock(readPage(t), "table")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, firstCells(block)); diff != "" {
		t.Errorf("the table of %s (-program +page): run the benchmark with -update:\n%s", page, diff)
	}
	explained, _, _ := strings.Cut(tail, "\n## ")
	var names []string
	for _, cell := range firstCells(explained) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			names = append(names, m[1])
		}
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the lines that %s explains (-program +page):\n%s", page, diff)
	}
	_, block, _, err = cutBlock(tail, "growth")
	if err != nil {
		t.Fatal(err)
	}
	want = nil
	for _, q := range quantities {
		want = append(want, q.name)
	}
	if diff := cmp.Diff(want, firstCells(block)); diff != "" {
		t.Errorf("the growth of %s (-program +page): run the benchmark with -growth -update:\n%s", page, diff)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		unit       string
		want       limit
		ours, peer []float64
		wanted     string
		met        string // "" if there is no limit
	}{
		{"a tenth", "s", limit{0.1, 0}, []float64{1, 1, 9}, []float64{11, 12, 10}, "≤ 0.1 × peer", "yes"},
		{"judged by the same run", "ms", limit{1, 0.5}, []float64{2.4, 3.4, 4.4}, []float64{2, 3, 4}, "≤ peer + 0.5 ms", "yes"},
		{"too slow", "ms", limit{1, 0.5}, []float64{2.6, 3.6, 4.4}, []float64{2, 3, 4}, "≤ peer + 0.5 ms", "no"},
		{"rate", "texts/s", limit{1, 0}, []float64{40, 41, 30}, []float64{39, 40, 41}, "≥ peer", "yes"},
		{"low rate", "texts/s", limit{0.85, 0}, []float64{30}, []float64{40}, "≥ 0.85 × peer", "no"},
		{"without a peer", "ms", limit{0, 50}, []float64{49, 51, 40}, nil, "≤ 50 ms", "yes"},
		{"without a limit", "GFLOP/s", limit{}, []float64{1}, []float64{2}, "—", ""},
	} {
		l := line{name: tt.name, unit: tt.unit, want: tt.want}
		r := result{Name: tt.name, Wanted: l.wanted()}
		l.judge(tt.ours, tt.peer, &r)
		if met := r.cells()[8]; r.Wanted != tt.wanted || met != tt.met {
			t.Errorf("%s: wanted %q, met %q, want %q and %q", tt.name, r.Wanted, met, tt.wanted, tt.met)
		}
	}
}

// TestMade checks that pages and notes are the same each time, differ from each other,
// and have about the size that the page tells.
func TestMade(t *testing.T) {
	t.Parallel()
	from, err := sentences()
	if err != nil {
		t.Fatal(err)
	}
	if len(from) < 300 {
		t.Errorf("%d sentences, want 300 at least", len(from))
	}
	a, b := article(from, 3), article(from, 4)
	if a != article(from, 3) || a == b {
		t.Error("article is not a function of its number")
	}
	texts, err := extractAll(site{"/a": a})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(texts["/a"]); n < contentBytes*8/10 || n > contentBytes {
		t.Errorf("the text of an article has %d bytes, want about %d", n, contentBytes)
	}
	sections := 0
	for _, text := range notes(from, 120) {
		sections += strings.Count(text, "\n## ")
	}
	if sections != 120 {
		t.Errorf("notes(120) have %d sections", sections)
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	var g growthTable
	for _, n := range []int{1000, 10_000, 100_000} {
		s := size{Chunks: n}
		for range quantities {
			s.Figures = append(s.Figures, math.Pow(float64(n), 1.5))
		}
		g.Sizes = append(g.Sizes, s)
	}
	if x := g.exponent(0); math.Abs(x-1.5) > 1e-9 {
		t.Errorf("exponent = %g, want 1.5", x)
	}
	if text := g.markdown(); strings.Count(text, "| 1.50 |\n") != len(quantities) {
		t.Errorf("markdown() =\n%s", text)
	}
	if svg := g.plot(); strings.Count(svg, "stroke=") != len(plotted) || strings.Contains(svg, "NaN") || !strings.HasSuffix(svg, "</svg>\n") {
		t.Errorf("plot() =\n%s", svg)
	}
}
