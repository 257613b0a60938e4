package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Sizes of the plot, in pixels.
const (
	plotWidth, plotHeight    = 760, 420
	plotLeft, plotRight      = 70, 190 // margins; the names of the lines are at the right
	plotTop, plotBottom      = 20, 50
	innerWidth, innerHeight  = plotWidth - plotLeft - plotRight, plotHeight - plotTop - plotBottom
	decadeLeast, decadeSlack = 1e-3, 1e-9
)

// plotted are the quantities that the plot shows: times, in seconds.
var plotted = []struct{ name, colour, dash string }{
	{"ingest", "#14595f", ""},
	{"second run", "#14595f", "6 4"},
	{"pages", "#9a5b00", ""},
	{"ready", "#9a5b00", "6 4"},
	{"search, dense", "#7a2e6f", ""},
	{"search, hybrid", "#7a2e6f", "6 4"},
}

// plot draws times over numbers of chunks, both as logarithms, so that a power is a
// straight line.
func (g growthTable) plot() string {
	lines := map[string][]float64{} // in seconds
	least, most := math.Inf(1), decadeLeast
	for i, q := range quantities {
		scale := 1.0
		switch q.unit {
		case "s":
		case "ms":
			scale = 1e-3
		default:
			continue
		}
		for _, s := range g.Sizes {
			v := max(s.Figures[i]*scale, decadeLeast/10)
			lines[q.name] = append(lines[q.name], v)
			least, most = min(least, v), max(most, v)
		}
	}
	low, high := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	from, to := math.Log10(float64(g.Sizes[0].Chunks)), math.Log10(float64(g.Sizes[len(g.Sizes)-1].Chunks))
	x := func(chunks int) float64 {
		return plotLeft + innerWidth*(math.Log10(float64(chunks))-from)/max(to-from, decadeSlack)
	}
	y := func(v float64) float64 { return plotTop + innerHeight*(high-math.Log10(v))/(high-low) }

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">`+"\n<title>Time over the number of chunks</title>\n", plotWidth, plotHeight)
	b.WriteString("<style>\ntext { font: 12px system-ui, sans-serif; fill: #1d2327 }\npath { fill: none; stroke-width: 2 }\n.grid { stroke: #d5d8da; stroke-width: 1 }\n</style>\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="10" fill="#fff"/>`+"\n", plotWidth, plotHeight)
	for d := low; d <= high; d++ {
		v := math.Pow(10, d)
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fh%d"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", plotLeft, y(v), innerWidth, plotLeft-8, y(v)+4, seconds(v))
	}
	for _, s := range g.Sizes {
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f %dv%d"/><text x="%[1]f" y="%[4]d" text-anchor="middle">%[5]d</text>`+"\n", x(s.Chunks), plotTop, innerHeight, plotHeight-plotBottom+18, s.Chunks)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">chunks</text>`+"\n", plotLeft+innerWidth/2, plotHeight-12)
	g.drawLines(&b, lines, x, y)
	b.WriteString("</svg>\n")
	return b.String()
}

// drawLines draws the lines, each with its name, which are moved apart where they would
// meet.
func (g growthTable) drawLines(b *strings.Builder, lines map[string][]float64, x func(int) float64, y func(float64) float64) {
	const lineHeight = 15
	var taken []float64
	for _, p := range plotted {
		var points []string
		for i, v := range lines[p.name] {
			points = append(points, fmt.Sprintf("%.1f %.1f", x(g.Sizes[i].Chunks), y(v)))
		}
		fmt.Fprintf(b, `<path d="M%s" stroke="%s" stroke-dasharray="%s"/>`+"\n", strings.Join(points, "L"), p.colour, p.dash)
		at := y(lines[p.name][len(points)-1]) + 4
		for i := 0; i < len(taken); i++ {
			if math.Abs(taken[i]-at) < lineHeight {
				at, i = taken[i]+lineHeight, -1
			}
		}
		taken = append(taken, at)
		fmt.Fprintf(b, `<text x="%d" y="%.1f" fill="%s">%s</text>`+"\n", plotLeft+innerWidth+10, at, p.colour, html.EscapeString(p.name))
	}
}

// seconds formats a power of ten of seconds.
func seconds(v float64) string {
	switch {
	case v < 0.9e-3:
		return fmt.Sprintf("%.3g ms", v*1000)
	case v < 0.9:
		return fmt.Sprintf("%.0f ms", v*1000)
	}
	return fmt.Sprintf("%.0f s", v)
}
