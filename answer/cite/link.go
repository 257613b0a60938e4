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
	maxWholeRunes = 160 // a longer quote is given by its first and last words
	edgeWords     = 5   // that many, or more until they stand there alone
	maxEdgeWords  = 12
	contextWords  = 4 // of what is around a quote that stands there more than once
	fewWords      = 4 // a quote of less may stand anywhere on the page
)

// Link returns a link that opens the page at the passage and highlights it, by
// a text fragment: page#anchor:~:text=…. It is made of what the page shows, block
// by block, and of the words around where the passage, or how it begins, stands
// more than once in the text or near it on the page. A page that is no web
// address, such as the path of a file, is returned as it is.
func (p Passage) Link(page, anchor string, near ...*Text) string {
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

// A span is a range of what the page shows, inside of one block or cell.
type span struct{ i, j int }

// directive returns the passage as text=… takes it.
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

// firstWords returns the first of the words: as many as it takes to stand there alone.
func (t *Text) firstWords(words []string, near []*Text) string {
	for n := min(edgeWords, len(words)); ; n++ {
		s := strings.Join(words[:n], " ")
		if n == len(words) || n == maxEdgeWords || t.count(s, near) < 2 {
			return s
		}
	}
}

// lastWords returns the last of the words: as many as it takes to stand between from
// and the end of the last span but once.
func (t *Text) lastWords(words []string, from int, last span) string {
	within := caseFolded(string(t.shown[from:last.j]))
	for n := min(edgeWords, len(words)); ; n++ {
		s := strings.Join(words[len(words)-n:], " ")
		if n >= len(words)/2 || n >= maxEdgeWords || strings.Count(within, caseFolded(s)) < 2 {
			return s
		}
	}
}

// count returns how often s stands in the text and in those near it.
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

// formula matches what stands for a formula, which the page draws.
var formula = regexp.MustCompile(`\$\$?[^$\n\t]*[\\^_{][^$\n\t]*\$\$?`)

// spans returns the parts of shown[i:j] that stand in one block or cell each, and
// that the page shows as text.
func (t *Text) spans(i, j int) []span {
	cuts := map[int]int{} // from where to where is no text
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

// line returns a span as it is searched for: on one line, without what no reader
// sees. In code a browser takes each space for itself.
func (t *Text) line(s span) string {
	if t.isCode(s) {
		return string(t.shown[s.i:s.j])
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(string(t.shown[s.i:s.j]), "\u00ad", "")), " ")
}

func (t *Text) isCode(s span) bool { return !slices.Contains(t.code[s.i:s.j], false) }

// widen returns the range up to the next marks of punctuation where it cuts a
// text without spaces: a browser finds whole words only, by its own dictionary.
func (t *Text) widen(i, j int) (int, int) {
	for i > 0 && unspaced(t.shown[i]) && unspaced(t.shown[i-1]) && !unicode.IsPunct(t.shown[i-1]) {
		i--
	}
	for j < len(t.shown) && unspaced(t.shown[j-1]) && unspaced(t.shown[j]) && !unicode.IsPunct(t.shown[j]) {
		j++
	}
	return i, j
}

// before returns the last words in front of i, in the nearest block that has any.
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

// after returns the first words from j on, in the nearest block that has any.
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

// adjoin reports whether there is but white space between i and j on the page.
func (t *Text) adjoin(i, j int) bool {
	for _, k := range t.gaps {
		if i <= k && k <= j {
			return false
		}
	}
	return strings.TrimSpace(string(t.shown[i:j])) == ""
}

// encode escapes all but letters, digits and what means nothing in a directive;
// dash, comma and ampersand do.
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
