package pdf

import (
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A writer puts lines together to paragraphs, lists, code and headings.
type writer struct {
	source   *source
	document *Document
	text     strings.Builder
	runes    int

	block []string // lines of the paragraph, item or code
	lines []*line  // the same
	code  bool
	item  bool
	from  []start // pages that begin within the block
}

// A start is where a page begins: before a line of the block.
type start struct{ page, line int }

var bullet = regexp.MustCompile(`^(?:[•◦▪●○■∙‣–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)])(?:\s+|$)`)

func (w *writer) write(s string) {
	w.text.WriteString(s)
	w.runes += utf8.RuneCountInString(s)
}

// page writes the lines of a page.
func (w *writer) page(number int, lines []line) {
	s := w.source
	for i := 0; i < len(lines); i++ {
		l := &lines[i]
		at := place{number, i}
		level := s.headings[at]
		if level > 0 || w.begins(l, i == 0) {
			w.endBlock()
		}
		if i == 0 {
			w.from = append(w.from, start{number + 1, len(w.block)})
		}
		if level > 0 {
			var parts []string
			for k := range s.parts[at] {
				parts = append(parts, lines[i+k].text)
			}
			i += s.parts[at] - 1
			w.heading(level, number+1, join(parts, s.words))
			continue
		}
		w.code = l.mono
		w.item = w.item || len(w.block) == 0 && bullet.MatchString(l.text)
		w.block = append(w.block, w.lineText(l))
		w.lines = append(w.lines, l)
	}
}

// begins reports whether a line begins another block than the one before.
func (w *writer) begins(l *line, isFirst bool) bool {
	if len(w.block) == 0 {
		return false
	}
	p, s := w.lines[len(w.lines)-1], w.source
	if w.code != l.mono {
		return true
	}
	if isFirst {
		return !w.code && (endsSentence(p.text) || !startsLower(l.text))
	}
	dy := p.end - l.y
	if w.code {
		return dy > 4*s.leading*l.size || dy < 0
	}
	if bulletOnly := bullet.FindString(p.text) == p.text; bulletOnly && len(w.block) == 1 {
		return false
	}
	indent := l.left - p.left
	switch {
	case bullet.MatchString(l.text) && !(startsNumber(l.text) && !w.item && dy < 1.2*s.leading*l.size && !endsSentence(p.text)):
		return true
	case dy < -2*l.size: // another column
		return endsSentence(p.text) || !startsLower(l.text)
	case dy > 1.3*s.leading*l.size:
		return true
	case math.Abs(l.size-p.size) > 0.15*p.size && math.Abs(dy) > 0.5*l.size:
		return true
	case indent > 0.8*l.size && indent < 6*l.size && !w.item && endsSentence(p.text) && dy > 0.5*l.size:
		return true
	case w.item && indent < -0.8*l.size && dy > 0.5*l.size && len(w.block) > 1:
		return true
	}
	return false
}

func startsNumber(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }

func startsLower(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(r)
}

func endsSentence(text string) bool {
	return strings.ContainsAny(text[max(0, len(text)-1):], ".!?:;") || strings.HasSuffix(text, "。")
}

// lineText returns the text of a line; of code with its indentation and gaps.
func (w *writer) lineText(l *line) string {
	if !l.mono || len(l.glyphs) == 0 {
		return l.text
	}
	width := l.charWidth()
	var b strings.Builder
	column := 0
	for _, g := range l.glyphs {
		at := int(math.Round((g.x - l.left) / width))
		if g.char == ' ' {
			continue
		}
		if column > 0 && at > column {
			b.WriteString(strings.Repeat(" ", min(at-column, 80)))
		}
		b.WriteRune(g.char)
		column = max(at, column) + 1
	}
	return cleanCode(b.String())
}

// charWidth returns the width of a character of code: the usual distance of neighbours.
func (l *line) charWidth() float64 {
	counts := map[float64]int{}
	for i := 1; i < len(l.glyphs); i++ {
		if dx := math.Round((l.glyphs[i].x-l.glyphs[i-1].x)*10) / 10; dx > 0.3*l.size && dx < l.size {
			counts[dx]++
		}
	}
	if best := most(counts); best > 0 {
		return best
	}
	return 0.6 * l.size
}

func cleanCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 2 || r == 0xfffe || r == 0xad:
			return '-'
		case r < ' ':
			return -1
		case r == '’' || r == '‘':
			return '\''
		}
		return r
	}, s)
}

// endBlock writes the block that was collected.
func (w *writer) endBlock() {
	if len(w.block) == 0 {
		return
	}
	switch {
	case w.code:
		w.endCode()
	default:
		text := ""
		for k, l := range w.block {
			w.note(k, text)
			text = append1(text, l, w.source.words)
		}
		if w.item {
			text = itemText(text)
		} else if strings.HasPrefix(text, "#") || strings.HasPrefix(text, "```") {
			text = `\` + text
		}
		w.write(text + "\n\n")
	}
	w.block, w.lines, w.code, w.item, w.from = nil, nil, false, false, nil
}

// note records the pages that begin with a line of the block, before which text stands.
func (w *writer) note(k int, text string) {
	for _, f := range w.from {
		if f.line == k {
			w.document.Pages = append(w.document.Pages, Page{Number: f.page, StartRune: w.runes + utf8.RuneCountInString(text)})
		}
	}
}

// itemText returns an item of a list as Markdown.
func itemText(text string) string {
	mark := strings.TrimSpace(bullet.FindString(text))
	rest := strings.TrimSpace(strings.TrimPrefix(text, bullet.FindString(text)))
	if strings.HasSuffix(mark, ".") && strings.Trim(mark, "0123456789.") == "" {
		return mark + " " + rest
	}
	if strings.ContainsAny(mark, ".)") {
		return "- " + mark + " " + rest
	}
	return "- " + rest
}

// endCode writes the block as code.
func (w *writer) endCode() {
	fence := "```"
	for strings.Contains(strings.Join(w.block, "\n"), fence) {
		fence += "`"
	}
	left := math.Inf(1)
	for _, l := range w.lines {
		left = min(left, l.left)
	}
	text := fence + "\n"
	for k, l := range w.block {
		w.note(k, text)
		indent := math.Round((w.lines[k].left - left) / w.lines[k].charWidth())
		text += strings.Repeat(" ", int(min(indent, 80))) + l + "\n"
	}
	w.write(text + fence + "\n\n")
}

// heading writes a heading.
func (w *writer) heading(level, page int, text string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, f := range w.from {
		w.document.Pages = append(w.document.Pages, Page{Number: f.page, StartRune: w.runes})
	}
	w.from = nil
	w.document.Headings = append(w.document.Headings, Heading{Level: level, Text: text, Page: page, StartRune: w.runes})
	w.write(strings.Repeat("#", level) + " " + text + "\n\n")
}

// join returns lines as one.
func join(lines []string, words map[string]bool) string {
	text := ""
	for _, l := range lines {
		text = append1(text, l, words)
	}
	return text
}

// divided matches a word that PDFium takes for one that was divided at the end of a line.
var divided = regexp.MustCompile(`(\pL+)\x{ad}(\pL+)`)

// undivided returns a line with its divided words whole, unless the text has them with
// their hyphen.
func undivided(l string, words map[string]bool) string {
	if !strings.ContainsRune(l, softHyphen) {
		return l
	}
	l = divided.ReplaceAllStringFunc(l, func(s string) string {
		hyphenated := strings.Replace(s, string(softHyphen), "-", 1)
		whole := strings.Replace(s, string(softHyphen), "", 1)
		if !words[strings.ToLower(whole)] && words[strings.ToLower(hyphenated)] {
			return hyphenated
		}
		return whole
	})
	return strings.ReplaceAll(l, string(softHyphen), "-")
}

// dividedEnd matches a word that is divided at the end of a line, dividedStart its rest.
var (
	dividedEnd   = regexp.MustCompile(`(\pL+)[-\x{2010}]$`)
	dividedStart = regexp.MustCompile(`^\p{Ll}+`)
)

// append1 appends a line to a text. A word that is divided between them becomes whole,
// unless the text has it with its hyphen.
func append1(text, l string, words map[string]bool) string {
	l = undivided(l, words)
	if text == "" {
		return l
	}
	end, begin := dividedEnd.FindStringSubmatch(text), dividedStart.FindString(l)
	if end == nil || begin == "" {
		return text + " " + l
	}
	_, size := utf8.DecodeLastRuneInString(text)
	whole, hyphenated := strings.ToLower(end[1]+begin), strings.ToLower(end[1]+"-"+begin)
	if !words[whole] && words[hyphenated] {
		return text + l
	}
	return text[:len(text)-size] + l
}
