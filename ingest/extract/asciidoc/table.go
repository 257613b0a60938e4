package asciidoc

import (
	"encoding/csv"
	"regexp"
	"strconv"
	"strings"
)

// maxColumns limits a table.
const maxColumns = 200

// A cell is a cell of a table.
type cell struct {
	text          string
	columns, rows int
	style         byte // a: blocks, m: code, l: literal, h: header
}

var cellSpec = regexp.MustCompile(`(?:^|\s)((?:(\d+)\*)?(?:(\d*)(?:\.(\d+))?\+)?(?:[<^>]?(?:\.[<^>])?)([a-z])?)$`)

// table returns a table.
func (p *parser) table(body []string, mark string, a attrs, depth int) string {
	format := a.named["format"]
	if format == "" && mark == "," {
		format = "csv"
	}
	separator := a.named["separator"]
	switch {
	case separator != "":
	case mark == "!":
		separator = "!"
	case format == "dsv" || mark == ":":
		separator = ":"
	default:
		separator = "|"
	}
	var rows [][]cell
	columns, styles := columnsOf(a.named["cols"])
	if format == "csv" || format == "tsv" {
		rows = csvRows(body, format)
	} else {
		rows = p.cellRows(body, separator, columns)
	}
	if len(rows) == 0 {
		return ""
	}
	isHeader := a.has("header") || strings.Contains(a.named["options"], "header") || !a.has("noheader") && impliesHeader(body)
	return p.writeTable(rows, styles, isHeader, depth)
}

// impliesHeader reports whether the first row stands on a line of its own above a blank one.
func impliesHeader(body []string) bool {
	return len(body) > 2 && body[0] != "" && body[1] == ""
}

var columnRepeat = regexp.MustCompile(`^(\d+)\*`)

// columnsOf returns the number of columns, 0 if it is not given, and their styles.
func columnsOf(cols string) (int, []byte) {
	if cols == "" {
		return 0, nil
	}
	var styles []byte
	for part := range strings.FieldsFuncSeq(cols, func(r rune) bool { return r == ',' || r == ';' }) {
		part = strings.TrimSpace(part)
		times := 1
		if m := columnRepeat.FindStringSubmatch(part); m != nil {
			times, _ = strconv.Atoi(m[1])
			part = part[len(m[0]):]
		}
		style := byte(0)
		if part != "" && part[len(part)-1] >= 'a' && part[len(part)-1] <= 'z' {
			style = part[len(part)-1]
		}
		for range min(times, maxColumns) {
			styles = append(styles, style)
		}
	}
	return min(len(styles), maxColumns), styles
}

// csvRows reads a table of values with commas between.
func csvRows(body []string, format string) [][]cell {
	r := csv.NewReader(strings.NewReader(strings.Join(body, "\n")))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	if format == "tsv" {
		r.Comma = '\t'
	}
	records, _ := r.ReadAll() // what can be read
	var rows [][]cell
	for _, rec := range records {
		var row []cell
		for _, f := range rec {
			row = append(row, cell{text: strings.TrimSpace(f), columns: 1, rows: 1})
		}
		rows = append(rows, row)
	}
	return rows
}

// cellRows reads cells that begin with a separator. Without a number of columns, the first
// line tells it.
func (p *parser) cellRows(body []string, separator string, columns int) [][]cell {
	var cells []cell
	firstLine := 0
	pending := cell{columns: 1, rows: 1}
	times := 1
	started := false
	finish := func() {
		if !started {
			return
		}
		for range min(times, maxColumns) {
			cells = append(cells, pending)
		}
	}
	for _, l := range body {
		if comment.MatchString(l) && !strings.HasPrefix(l, "//"+separator) {
			continue
		}
		parts := splitCells(l, separator)
		pending.text += parts[0]
		for _, next := range parts[1:] {
			spec := cellSpec.FindStringSubmatchIndex(pending.text)
			following, repeat := cell{columns: 1, rows: 1}, 1
			if spec != nil && spec[3] > spec[2] && (started || strings.TrimSpace(pending.text[:spec[2]]) == "") {
				following, repeat = parseSpec(cellSpec.FindStringSubmatch(pending.text))
				pending.text = pending.text[:spec[2]]
			}
			finish()
			pending, times, started = following, repeat, true
			pending.text = next
		}
		pending.text += "\n"
		if firstLine == 0 && len(parts) > 1 {
			firstLine = len(parts) - 1
			for i, c := range cells { // cells that span columns count for them
				if i < firstLine {
					firstLine += c.columns - 1
				}
			}
		}
	}
	finish()
	if columns == 0 {
		columns = max(firstLine, 1)
	}
	return arrange(cells, columns)
}

func parseSpec(m []string) (cell, int) {
	c, times := cell{columns: 1, rows: 1}, 1
	for _, n := range []struct {
		text string
		to   *int
	}{{m[2], &times}, {m[3], &c.columns}, {m[4], &c.rows}} {
		if v, err := strconv.Atoi(n.text); err == nil && v > 0 {
			*n.to = min(v, maxColumns)
		}
	}
	if m[5] != "" {
		c.style = m[5][0]
	}
	return c, times
}

// splitCells splits a line at separators that are not escaped.
func splitCells(l, separator string) []string {
	var out []string
	var b strings.Builder
	for i := 0; i < len(l); i++ {
		switch {
		case l[i] == '\\' && strings.HasPrefix(l[i+1:], separator):
			b.WriteString(separator)
			i += len(separator)
		case strings.HasPrefix(l[i:], separator):
			out = append(out, b.String())
			b.Reset()
			i += len(separator) - 1
		default:
			b.WriteByte(l[i])
		}
	}
	return append(out, b.String())
}

// arrange returns cells as rows. A cell that spans rows stands in each.
func arrange(cells []cell, columns int) [][]cell {
	var rows [][]cell
	waiting := map[int]cell{} // cells of rows above, by column
	row := []cell{}
	at := 0
	fill := func() {
		for at < columns {
			c, ok := waiting[at]
			if !ok {
				return
			}
			if c.rows--; c.rows > 1 {
				waiting[at] = c
			} else {
				delete(waiting, at)
			}
			row = append(row, cell{text: c.text, style: c.style, columns: 1, rows: 1})
			at++
		}
	}
	for _, c := range cells {
		if fill(); at >= columns {
			rows, row, at = append(rows, row), []cell{}, 0
			fill()
		}
		for k := range max(c.columns, 1) {
			if at >= columns {
				break
			}
			if c.rows > 1 {
				waiting[at] = c
			}
			one := c
			if k > 0 {
				one.text = ""
			}
			row = append(row, one)
			at++
		}
		if at >= columns {
			rows, row, at = append(rows, row), []cell{}, 0
		}
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	return rows
}

// writeTable returns rows as a table of Markdown.
func (p *parser) writeTable(rows [][]cell, styles []byte, isHeader bool, depth int) string {
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	var b strings.Builder
	line := func(r []cell) {
		b.WriteString("|")
		for i := range width {
			text := ""
			if i < len(r) {
				c := r[i]
				if c.style == 0 && i < len(styles) {
					c.style = styles[i]
				}
				text = p.cellText(c, depth)
			}
			b.WriteString(" " + text + " |")
		}
		b.WriteString("\n")
	}
	if isHeader {
		line(rows[0])
		rows = rows[1:]
	} else {
		line(nil)
	}
	b.WriteString("|" + strings.Repeat(" --- |", width) + "\n")
	for _, r := range rows {
		line(r)
	}
	return strings.TrimRight(b.String(), "\n")
}

// cellText returns the text of a cell on one line.
func (p *parser) cellText(c cell, depth int) string {
	text := strings.TrimSpace(c.text)
	switch c.style {
	case 'a':
		text = p.blocks(strings.Split(text, "\n"), depth+1)
	case 'm', 'l':
		if text != "" {
			text = codeSpan(text)
		}
	default:
		text = p.inline(text)
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
