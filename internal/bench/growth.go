package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A quantity is what grows with the index.
type quantity struct{ name, unit string }

// quantities are those of [size.Figures], in order.
var quantities = []quantity{
	{"ingest", "s"},
	{"ingest, memory", "MB"},
	{"second run", "s"},
	{"pages", "s"}, // citewell pages
	{"ready", "s"}, // from the start of citewell serve to /readyz
	{"search, dense", "ms"},
	{"search, sparse", "ms"},
	{"search, hybrid", "ms"},
	{"Milvus Lite, memory", "MB"},
}

// A size is the figures of an index of one size.
type size struct {
	Chunks  int       `json:"chunks"`
	Figures []float64 `json:"figures"` // see quantities
}

// A growthTable is how the figures grow.
type growthTable struct {
	Machine string `json:"machine"`
	Sizes   []size `json:"sizes"`
}

// growth measures indexes of several sizes, whose texts are short and whose vectors
// are of constant cost.
func growth(ctx context.Context, b *bench, o options) error {
	g := growthTable{Machine: machine()}
	for field := range strings.SplitSeq(o.sizes, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("invalid number of chunks %q", field)
		}
		fmt.Fprintf(os.Stderr, "%d chunks …\n", n)
		s, err := b.measureSize(ctx, n)
		if err := errors.Join(err, b.endLine()); err != nil {
			return err
		}
		g.Sizes = append(g.Sizes, s)
	}
	fmt.Print(g.markdown())
	if o.json != "" {
		if err := writeJSON(o.json, g); err != nil {
			return err
		}
	}
	if o.update {
		if err := os.WriteFile(filepath.Join(b.root, "docs", "images", "growth.svg"), []byte(g.plot()), 0o644); err != nil {
			return err
		}
		return replaceBlock(filepath.Join(b.root, page), "growth", g.markdown())
	}
	return nil
}

// measureSize measures an index of n chunks.
func (b *bench) measureSize(ctx context.Context, n int) (size, error) {
	from, err := sentences()
	if err != nil {
		return size{}, err
	}
	files, err := b.folder("growth", notes(from, n))
	if err != nil {
		return size{}, err
	}
	dir, err := b.temporary()
	if err != nil {
		return size{}, err
	}
	db := filepath.Join(dir, "growth.db")
	ingest := append(ingestFlags(db, files), "--base-url", "https://example.com/", "--size", "300", "--overlap", "0")
	var runs [3]used
	for i, args := range [][]string{ingest, ingest, {"pages", "--milvus", db}} {
		if runs[i], err = b.citewell(ctx, args...); err != nil {
			return size{}, err
		}
		time.Sleep(100 * time.Millisecond) // Milvus Lite ends some 15 ms after its last user
	}
	served, err := b.measureServed(ctx, db)
	return size{n, append([]float64{runs[0].seconds, runs[0].memory, runs[1].seconds, runs[2].seconds}, served...)}, err
}

// measureServed measures the start of a server, its searches, and the memory of Milvus
// Lite after them.
func (b *bench) measureServed(ctx context.Context, db string) ([]float64, error) {
	begun := time.Now()
	s, err := b.serve(ctx, db, "--embedder", "constant")
	if err != nil {
		return nil, err
	}
	b.later(s.stop)
	ready, err := s.until(ctx, begun, s.ready)
	if err != nil {
		return nil, err
	}
	q, err := newQuestioner()
	if err != nil {
		return nil, err
	}
	figures := []float64{ready}
	for _, mode := range []string{"dense", "sparse", "hybrid"} {
		search := p50(q, func(ctx context.Context, question string) error {
			return s.post(ctx, http.DefaultClient, "/v1/search", body{"query": question, "mode": mode, "k": wantedHits})
		})
		var took float64
		for range 2 { // the first warms up
			if took, err = search(ctx); err != nil {
				return nil, err
			}
		}
		figures = append(figures, took)
	}
	return append(figures, memoryOfUser(db)), nil
}

// memoryOfUser returns the memory, in MB, of the process other than this one and the
// server whose arguments begin with Milvus Lite's program and name the file; 0 where
// the system does not tell.
func memoryOfUser(file string) float64 {
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0
	}
	for _, name := range found {
		b, err := os.ReadFile(name)
		args := strings.Split(string(b), "\x00")
		if err != nil || filepath.Base(args[0]) != "milvus" || !slices.Contains(args, file) {
			continue
		}
		statm, err := os.ReadFile(filepath.Join(filepath.Dir(name), "statm"))
		var all, resident float64
		if _, scanErr := fmt.Sscan(string(statm), &all, &resident); err != nil || scanErr != nil {
			return 0
		}
		return resident * float64(os.Getpagesize()) / 1e6
	}
	return 0
}

// exponent returns the exponent x of the power n^x that fits a quantity best, by least
// squares of the logarithms; NaN if there are less than two sizes.
func (g growthTable) exponent(quantity int) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, s := range g.Sizes {
		x, y := math.Log(float64(s.Chunks)), math.Log(s.Figures[quantity])
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// markdown returns the figures for the page.
func (g growthTable) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s.\n\n| | unit |", g.Machine)
	for _, s := range g.Sizes {
		fmt.Fprintf(&b, " %d chunks |", s.Chunks)
	}
	fmt.Fprintf(&b, " exponent |\n|---|---|%s---|\n", strings.Repeat("---|", len(g.Sizes)))
	for i, q := range quantities {
		fmt.Fprintf(&b, "| %s | %s |", q.name, q.unit)
		for _, s := range g.Sizes {
			fmt.Fprintf(&b, " %s |", figure(s.Figures[i]))
		}
		if x := g.exponent(i); math.IsNaN(x) || math.IsInf(x, 0) {
			b.WriteString(" — |\n")
		} else {
			fmt.Fprintf(&b, " %.2f |\n", x)
		}
	}
	b.WriteString("\n")
	return b.String()
}
