package cite

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWholeRunes = 160 // a longer quote is replaced by its first and last words
	edgeWords     = 5   // words at each end; more if they are not unique
	maxEdgeWords  = 12
	contextWords  = 4 // words before and after a quote that is not unique
	fewWords      = 4 // a shorter quote may not be unique on the page
)

// Link returns a link that opens the page at the passage and highlights it with
// a text fragment: page#anchor:~:text=…. The fragment is the text that the page
// shows, block by block. It includes surrounding words if the passage, or its
// start, occurs more than once in the text or in those near it on the page. A
// page that is not a web address, such as a file path, is returned unchanged, but for the
// number of a page: a.pdf#page=3.
func (p Passage) Link(page, anchor string, near ...*Text) string {
	if strings.HasPrefix(anchor, "page=") { // of a PDF, which shows text otherwise
		page, _, _ = strings.Cut(page, "#")
		return page + "#" + anchor
	}
	if !strings.HasPrefix(page, "http://") && !strings.HasPrefix(page, "https://") {
		return page
	}
	page, _, _ = strings.Cut(page, "#")
	link := page
	directive := p.directive(near)
	if anchor != "" || directive != "" {
		link += "#" + (&url.URL{Fragment: anchor}).EscapedFragment()
	}
	if directive != "" {
		link += ":~:text=" + directive
	}
	return link
}

// A span is a range of shown within one block or cell.
type span struct{ i, j int }

// directive returns the value of text=….
func (p Passage) directive(near []*Text) string {
	if p.of == nil {
		return ""
	}
	t := p.of
	i, j := t.widen(p.i, p.j)
	spans := t.spans(i, j)
	if len(spans) == 0 {
		return ""
	}
	first, last := spans[0], spans[len(spans)-1]
	head, tail := t.line(first), ""
	words := strings.Fields(head)
	switch {
	case len(spans) > 1:
		tail = t.line(last)
		if !t.isCode(first) {
			head = t.firstWords(words, near)
		}
		if !t.isCode(last) {
			tail = t.lastWords(strings.Fields(tail), first.i, last)
		}
	case utf8.RuneCountInString(head) > maxWholeRunes && len(words) > 2*edgeWords+1:
		head, tail = t.firstWords(words, near), t.lastWords(words, first.i, last)
	}
	out := encode(head)
	if tail != "" {
		out += "," + encode(tail)
	}
	if t.count(head, near) > 1 || tail == "" && len(words) < fewWords {
		before, after := t.before(first.i), t.after(last.j)
		if before != "" {
			out = encode(before) + "-," + out
		}
		if after != "" {
			out += ",-" + encode(after)
		}
	}
	return out
}

// firstWords returns the first words: as many as it takes to be unique.
func (t *Text) firstWords(words []string, near []*Text) string {
	for n := min(edgeWords, len(words)); ; n++ {
		s := strings.Join(words[:n], " ")
		if n == len(words) || n == maxEdgeWords || t.count(s, near) < 2 {
			return s
		}
	}
}

// lastWords returns the last words: as many as it takes to be unique between
// from and the end of the last span.
func (t *Text) lastWords(words []string, from int, last span) string {
	within := caseFolded(string(t.shown[from:last.j]))
	for n := min(edgeWords, len(words)); ; n++ {
		s := strings.Join(words[len(words)-n:], " ")
		if n >= len(words)/2 || n >= maxEdgeWords || strings.Count(within, caseFolded(s)) < 2 {
			return s
		}
	}
}

// count returns how often s occurs in the text and in those near it.
func (t *Text) count(s string, near []*Text) int {
	n := 0
	s = caseFolded(s)
	for _, o := range append([]*Text{t}, near...) {
		n += strings.Count(caseFolded(string(o.shown)), s)
	}
	return n
}

// caseFolded returns s as a browser compares it.
func caseFolded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// formula matches the source of a formula, which the page draws.
var formula = regexp.MustCompile(`\$\$?[^$\n\t]*[\\^_{][^$\n\t]*\$\$?`)

// spans returns the parts of shown[i:j] that the page shows as text, each
// within one block or cell.
func (t *Text) spans(i, j int) []span {
	cuts := map[int]int{} // start of what is not text → its end
	for k := i; k < j; k++ {
		if t.shown[k] == '\n' || t.shown[k] == '\t' {
			cuts[k] = k + 1
		}
	}
	for _, k := range t.gaps {
		if i < k && k < j {
			cuts[k] = max(k, cuts[k])
		}
	}
	s := string(t.shown[i:j])
	for _, m := range formula.FindAllStringIndex(s, -1) {
		from := i + utf8.RuneCountInString(s[:m[0]])
		cuts[from] = from + utf8.RuneCountInString(s[m[0]:m[1]])
	}
	var out []span
	add := func(a, b int) {
		if a, b = t.trim(a, b); a < b && slices.ContainsFunc(t.shown[a:b], isText) {
			out = append(out, span{a, b})
		}
	}
	begin := i
	for k := i; k < j; k++ {
		if to, ok := cuts[k]; ok && k >= begin {
			add(begin, k)
			begin = to
		}
	}
	add(begin, j)
	return out
}

func isText(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// line returns a span as the browser searches for it: on one line, without soft
// hyphens. In code, each space counts.
func (t *Text) line(s span) string {
	if t.isCode(s) {
		return string(t.shown[s.i:s.j])
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(string(t.shown[s.i:s.j]), "\u00ad", "")), " ")
}

func (t *Text) isCode(s span) bool { return !slices.Contains(t.code[s.i:s.j], false) }

// widen extends the range to the next punctuation if it cuts a text without
// spaces. A browser finds whole words only, by its own dictionary.
func (t *Text) widen(i, j int) (int, int) {
	for i > 0 && unspaced(t.shown[i]) && unspaced(t.shown[i-1]) && !unicode.IsPunct(t.shown[i-1]) {
		i--
	}
	for j < len(t.shown) && unspaced(t.shown[j-1]) && unspaced(t.shown[j]) && !unicode.IsPunct(t.shown[j]) {
		j++
	}
	return i, j
}

// before returns the last words before i, from the nearest block with words.
func (t *Text) before(i int) string {
	for b := len(t.blocks) - 1; b >= 0; b-- {
		if t.blocks[b].start >= i {
			continue
		}
		if s := t.spans(t.blocks[b].start, min(i, t.blocks[b].end)); len(s) > 0 {
			last := s[len(s)-1]
			if !t.adjoin(last.j, i) {
				return ""
			}
			words := strings.Fields(t.line(last))
			return strings.Join(words[max(0, len(words)-contextWords):], " ")
		}
	}
	return ""
}

// after returns the first words from j on, from the nearest block with words.
func (t *Text) after(j int) string {
	for _, bl := range t.blocks {
		if bl.end <= j {
			continue
		}
		if s := t.spans(max(j, bl.start), bl.end); len(s) > 0 {
			if !t.adjoin(j, s[0].i) {
				return ""
			}
			words := strings.Fields(t.line(s[0]))
			return strings.Join(words[:min(contextWords, len(words))], " ")
		}
	}
	return ""
}

// adjoin reports whether the page shows only white space between i and j.
func (t *Text) adjoin(i, j int) bool {
	for _, k := range t.gaps {
		if i <= k && k <= j {
			return false
		}
	}
	return strings.TrimSpace(string(t.shown[i:j])) == ""
}

// encode escapes all characters but letters, digits and those without a meaning
// in a directive. Dash, comma and ampersand have one.
func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
