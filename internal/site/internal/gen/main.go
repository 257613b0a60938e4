// Gen draws docs/images/flow.svg, the ways that data flows, from the text beside it:
//
//	go generate ./docs
//
// A line of the text begins a lane of boxes ("lane TITLE"), adds a box to it
// ("key | title | small text"), or leads from a box to one of the lane below ("link
// key key").
package main

import (
	"fmt"
	"html"
	"os"
	"strings"
)

func main() {
	if err := draw("images/flow.txt", "images/flow.svg"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func draw(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	d, err := parse(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(to, []byte(d.svg()), 0o644)
}

// Sizes in pixels.
const (
	boxWidth, boxHeight = 118, 70
	gap                 = 24 // between boxes, for the arrow
	laneTop             = 34 // of boxes below the top of their lane, for its title
	laneHeight          = laneTop + boxHeight + 40
	margin              = 12
	lineRunes           = 18 // of small text
)

type box struct {
	title, small string
	lane, column int
}

func (b box) x() int { return margin + b.column*(boxWidth+gap) }
func (b box) y() int { return margin + b.lane*laneHeight + laneTop }

type diagram struct {
	lanes []string
	boxes []box
	links [][2]box
}

func parse(text string) (diagram, error) {
	var d diagram
	keys, columns := map[string]box{}, []int{}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fields := strings.Split(line, " | ")
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "lane "):
			d.lanes = append(d.lanes, strings.TrimPrefix(line, "lane "))
			columns = append(columns, 0)
		case len(words) == 3 && words[0] == "link" && keys[words[1]].title != "" && keys[words[2]].title != "":
			d.links = append(d.links, [2]box{keys[words[1]], keys[words[2]]})
		case len(fields) == 3 && len(d.lanes) > 0:
			lane := len(d.lanes) - 1
			b := box{fields[1], fields[2], lane, columns[lane]}
			columns[lane]++
			keys[fields[0]] = b
			d.boxes = append(d.boxes, b)
		default:
			return d, fmt.Errorf("line %d: %q is no lane, box or link", i+1, line)
		}
	}
	return d, nil
}

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1d2327; text-anchor: middle }
.lane { font-weight: 700; text-anchor: start; fill: #14595f }
.small { font-size: 11px; fill: #5b666e }
rect { fill: #fff; stroke: #14595f; stroke-width: 1.5 }
.page { fill: #f5f3ee; stroke: none }
path { fill: none; stroke: #14595f; stroke-width: 1.5; marker-end: url(#head) }
marker path { fill: #14595f; stroke: none; marker-end: none }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
`

func (d diagram) svg() string {
	columns := 0
	for _, b := range d.boxes {
		columns = max(columns, b.column+1)
	}
	width, height := 2*margin+columns*(boxWidth+gap)-gap, 2*margin+len(d.lanes)*laneHeight-40
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&s, "<title>%s</title>\n%s", html.EscapeString(strings.Join(d.lanes, "; ")), style)
	fmt.Fprintf(&s, `<rect class="page" width="%d" height="%d" rx="10"/>`+"\n", width, height)
	for i, title := range d.lanes {
		fmt.Fprintf(&s, `<text class="lane" x="%d" y="%d">%s</text>`+"\n", margin, margin+i*laneHeight+laneTop-14, html.EscapeString(title))
	}
	for i, b := range d.boxes {
		b.write(&s)
		if i > 0 && d.boxes[i-1].lane == b.lane {
			fmt.Fprintf(&s, `<path d="M%d %dh%d"/>`+"\n", b.x()-gap+2, b.y()+boxHeight/2, gap-4)
		}
	}
	for _, l := range d.links {
		from, to := l[0], l[1]
		fmt.Fprintf(&s, `<path d="M%d %dv%dH%dV%d"/>`+"\n", from.x()+boxWidth/2, from.y()+boxHeight+1, 18, to.x()+boxWidth/2, to.y()-2)
	}
	s.WriteString("</svg>\n")
	return s.String()
}

func (b box) write(s *strings.Builder) {
	middle := b.x() + boxWidth/2
	fmt.Fprintf(s, `<rect x="%d" y="%d" width="%d" height="%d" rx="8"/>`+"\n", b.x(), b.y(), boxWidth, boxHeight)
	fmt.Fprintf(s, `<text x="%d" y="%d">%s</text>`+"\n", middle, b.y()+22, html.EscapeString(b.title))
	for i, line := range wrap(b.small) {
		fmt.Fprintf(s, `<text class="small" x="%d" y="%d">%s</text>`+"\n", middle, b.y()+42+15*i, html.EscapeString(line))
	}
}

// wrap cuts a text into lines of at most [lineRunes].
func wrap(text string) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= lineRunes {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
