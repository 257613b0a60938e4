package rst

import (
	"strings"
)

// table returns rows as a table of Markdown; the first row is its head.
func table(rows [][]string) string {
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	if width == 0 {
		return ""
	}
	var b strings.Builder
	for i, r := range rows {
		for len(r) < width {
			r = append(r, "")
		}
		b.WriteString("| " + strings.Join(r, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", width) + "\n")
		}
	}
	return b.String()
}

// simpleTable reads a table between lines of "=== ===".
func (p *parser) simpleTable(lines []string, depth int) (int, string) {
	starts := columns(lines[0])
	var rows [][]string
	var row [][]string
	flush := func() {
		if row != nil {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = p.cell(dedent(c), depth)
			}
			rows = append(rows, cells)
		}
		row = nil
	}
	n, rules := 1, 1
	for ; n < len(lines); n++ {
		l := lines[n]
		if simpleRule.MatchString(l) || strings.Trim(l, "= ") == "" && l != "" {
			flush()
			rules++
			if n+1 == len(lines) || lines[n+1] == "" && (rules > 2 || !hasRule(lines[n+1:])) {
				n++
				break
			}
			continue
		}
		if l == "" {
			for i := range row {
				row[i] = append(row[i], "")
			}
			continue
		}
		if strings.Trim(l, "- ") == "" {
			flush()
			continue
		}
		cells := cutColumns([]rune(l), starts)
		if row == nil || strings.TrimSpace(cells[0]) != "" {
			flush()
			row = make([][]string, len(starts))
		}
		for i, c := range cells {
			row[i] = append(row[i], strings.TrimRight(c, " "))
		}
	}
	flush()
	return n, table(rows)
}

// hasRule reports whether a simple table goes on: a rule follows before the text ends or is indented otherwise.
func hasRule(lines []string) bool {
	for _, l := range lines {
		if simpleRule.MatchString(l) {
			return true
		}
		if isAdornment(l) {
			return false
		}
	}
	return false
}

// columns returns where the columns of a rule begin.
func columns(rule string) []int {
	var starts []int
	for i := range len(rule) {
		if rule[i] == '=' && (i == 0 || rule[i-1] == ' ') {
			starts = append(starts, i)
		}
	}
	return starts
}

// cutColumns cuts a line at the columns. A text that goes across the gap between two columns spans them.
func cutColumns(l []rune, starts []int) []string {
	cells := make([]string, len(starts))
	at := 0
	for i := range starts {
		end := len(l)
		if i+1 < len(starts) {
			end = min(starts[i+1], len(l))
			if end > 0 && end < len(l) && l[end-1] != ' ' {
				continue
			}
		}
		if at < end {
			cells[i] = string(l[at:end])
		}
		at = end
	}
	return cells
}

// gridTable reads a table that is drawn with lines.
func (p *parser) gridTable(lines []string, depth int) (int, string) {
	n := 0
	for n < len(lines) && lines[n] != "" && (lines[n][0] == '+' || lines[n][0] == '|') {
		n++
	}
	edges := map[int]bool{}
	for _, l := range lines[:n] {
		for i, r := range []rune(l) {
			if r == '+' && l[0] == '+' && gridBorder.MatchString(l) {
				edges[i] = true
			}
		}
	}
	var rows [][]string
	cells := map[int][]string{}
	flush := func() {
		var row []string
		for i := range len([]rune(lines[0])) {
			if edges[i] && len(row) < len(edges)-1 {
				row = append(row, p.cell(dedent(cells[i]), depth))
			}
		}
		if len(cells) > 0 {
			rows = append(rows, row)
		}
		cells = map[int][]string{}
	}
	for _, l := range lines[:n] {
		if gridBorder.MatchString(l) {
			flush()
			continue
		}
		runes := []rune(l)
		from := 0
		for i := 1; i < len(runes); i++ {
			if edges[i] && (runes[i] == '|' || runes[i] == '+') {
				text := strings.TrimRight(string(runes[from+1:i]), " ")
				if strings.Trim(text, "-=+") == "" { // the border of a cell beside one that spans rows
					text = ""
				}
				cells[from] = append(cells[from], text)
				from = i
			}
		}
	}
	flush()
	return max(n, 1), table(rows)
}
