package cite

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Find returns the passage of the text that a quote matches word for word. It
// ignores differences in white space, in the form of quotation marks, dashes
// and ligatures, in soft hyphens and in Markdown marks. Case, numbers, units,
// signs and punctuation within the quote must match. An ellipsis stands for
// text that the quote omits.
//
//   - A quote starts and ends at the boundary of a word, number or name. It
//     omits no negation and no unit that belongs to its statement.
//   - An ellipsis omits no negation either, and at most maxGapRunes.
//   - A short text is not a quote: see [IsQuotable].
func (t *Text) Find(quote string) (Passage, bool) {
	p, ok := t.search(quote)
	if !ok || !t.hasNumbers(p, Parse(quote, true)) {
		return Passage{}, false
	}
	return p, true
}

// hasNumbers reports whether the list items that quote numbers have these
// numbers in p.
func (t *Text) hasNumbers(p Passage, quote *Text) bool {
	b := p.Block
	for _, q := range quote.blocks {
		if q.ordinal == "" || strings.HasPrefix(p.Text, q.ordinal+".") || strings.HasPrefix(p.Text, q.ordinal+")") {
			continue
		}
		for b < len(t.blocks) && t.blocks[b].start < p.j && t.blocks[b].ordinal != q.ordinal {
			b++
		}
		if b == len(t.blocks) || t.blocks[b].start >= p.j {
			return false
		}
	}
	return true
}

// search looks for a quote in each spelling.
func (t *Text) search(quote string) (Passage, bool) {
	code := func(i int) bool { return t.code[i] }
	for _, free := range []bool{false, true} {
		hay := normalize(t.shown, nil)
		if free {
			hay = normalize(t.shown, strayMark(t.shown, code))
		}
		for _, s := range spellings(quote) {
			if p, ok := t.searchSpelling(hay, s, free); ok {
				return p, true
			}
			if cells := strings.ReplaceAll(s, "|", " "); cells != s { // the marks between them
				if p, ok := t.searchSpelling(hay, cells, free); ok && t.blocks[p.Block].kind >= Row {
					return p, true
				}
			}
		}
	}
	return Passage{}, false
}

// spellings returns the ways in which a model may write a quote: unchanged;
// with Markdown marks or entities; with escaped quotation marks, as in JSON;
// with a full stop at the end; with parts of links.
func spellings(quote string) []string {
	out := []string{quote}
	parsed := Parse(quote, true).String()
	for _, s := range []string{parsed, escaped.Replace(quote), finish.ReplaceAllString(quote, ""), finish.ReplaceAllString(parsed, ""), unlinked(quote)} {
		if s = strings.Join(strings.Fields(s), " "); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

var (
	escaped    = strings.NewReplacer(`\"`, `"`, `\'`, `'`)
	finish     = regexp.MustCompile(`\s*[.,;:]\s*$`)
	linkTarget = regexp.MustCompile(`\]\([^()\s]*\)`)
	gap        = regexp.MustCompile(`\s*(?:\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3,}|…)\s*`)
)

// unlinked returns the text without the targets of links.
func unlinked(s string) string {
	if !linkTarget.MatchString(s) {
		return s
	}
	return strings.ReplaceAll(linkTarget.ReplaceAllString(s, ""), "[", "")
}

// searchSpelling looks for one spelling of a quote, whole or in pieces. If
// free, marks at the edge of words are ignored.
func (t *Text) searchSpelling(hay normalized, quote string, free bool) (Passage, bool) {
	whole := normalizeQuote(quote, free)
	if isQuotable(whole.runes) {
		if i, j, ok := t.nextMatch(hay, whole, 0); ok {
			return t.passageAt(hay, i, j), true
		}
	}
	if !gap.MatchString(quote) {
		return Passage{}, false
	}
	var pieces []normalized
	for _, s := range gap.Split(quote, -1) {
		if p := normalizeQuote(s, free); len(p.runes) > 0 {
			pieces = append(pieces, p)
		}
	}
	if len(pieces) == 0 || slices.ContainsFunc(pieces, func(p normalized) bool { return !isQuotable(p.runes) }) {
		return Passage{}, false
	}
	return t.searchPieces(hay, pieces)
}

func normalizeQuote(s string, free bool) normalized {
	rs := []rune(s)
	if !free {
		return normalize(rs, nil)
	}
	return normalize(rs, strayMark(rs, func(int) bool { return false }))
}

// nextMatch returns the range of the first match of q at or after from. An
// asterisk dropped from q must not stand in code, where it is not a mark.
func (t *Text) nextMatch(hay, q normalized, from int) (i, j int, ok bool) {
	for {
		i, j, ok = hay.find(q, from)
		if !ok || !t.dropsAsterisk(hay, i, q) {
			return i, j, ok
		}
		from = i + 1
	}
}

// dropsAsterisk reports whether an asterisk was dropped from q that is code at
// hay[i:].
func (t *Text) dropsAsterisk(hay normalized, i int, q normalized) bool {
	last := 0
	for k := range q.runes {
		dropped := string(q.src[min(last, q.from[k]):q.from[k]])
		if strings.ContainsRune(dropped, '*') && !strings.ContainsRune(dropped, '`') && t.code[hay.from[i+k]] {
			return true
		}
		last = q.to[k]
	}
	return false
}

// maxGapRunes is the longest text that an ellipsis omits. Pieces farther apart
// have little to do with each other.
const maxGapRunes = 600

// searchPieces looks for pieces in order, and returns the shortest passage that
// holds them.
func (t *Text) searchPieces(hay normalized, pieces []normalized) (Passage, bool) {
	var best Passage
	for from := 0; ; {
		i, j, ok := t.nextMatch(hay, pieces[0], from)
		if !ok {
			return best, best.Text != ""
		}
		from = i + 1
		shown := []string{t.passageAt(hay, i, j).Text}
		for _, q := range pieces[1:] {
			k, end, ok := t.nextMatch(hay, q, j)
			if !ok || k-j > maxGapRunes || hay.negatesBetween(j, k) {
				shown = nil
				break
			}
			shown = append(shown, t.passageAt(hay, k, end).Text)
			j = end
		}
		if shown == nil {
			continue
		}
		if p := t.passageAt(hay, i, j); best.Text == "" || p.End-p.Start < best.End-best.Start {
			best = p
			best.Text = strings.Join(shown, " … ")
		}
	}
}

// sentenceStop matches the end of a sentence.
var sentenceStop = regexp.MustCompile(`[.!?。！？]\s`)

// negatesBetween reports whether the gap [j, k) holds a negation in a sentence
// that the quote has a part of.
func (f normalized) negatesBetween(j, k int) bool {
	s := string(f.runes[j-1 : k])
	if m := sentenceStop.FindAllStringIndex(s, -1); len(m) > 0 {
		s = s[:m[0][0]] + " " + s[m[len(m)-1][1]:]
	}
	return strings.ContainsAny(s, "不没沒無无非未勿莫") || slices.ContainsFunc(strings.Fields(s), isNegation)
}

// passageAt returns the passage of hay[i:j].
func (t *Text) passageAt(hay normalized, i, j int) Passage {
	start, end := hay.from[i], hay.to[j-1]
	b := sort.Search(len(t.blocks), func(b int) bool { return t.blocks[b].end > start })
	return t.passage(b, start, end)
}

// find returns the range of the first match of q at or after from that cuts
// nothing off.
func (f normalized) find(q normalized, from int) (i, j int, ok bool) {
	n := len(q.runes)
	if n == 0 || from > len(f.runes) {
		return 0, 0, false
	}
	s, sub := string(f.runes[from:]), string(q.runes)
	i = from
	for base := 0; ; {
		k := strings.Index(s[base:], sub)
		if k < 0 {
			return 0, 0, false
		}
		i += utf8.RuneCountInString(s[base : base+k])
		if j = i + n; !f.cutsBefore(i) && !f.cutsAfter(j) {
			return i, j, true
		}
		_, size := utf8.DecodeRuneInString(s[base+k:])
		base += k + size
		i++
	}
}

// minQuoteLetters is how many letters and digits a quote has at least. A
// shorter text, such as “it is a”, may stand anywhere. Characters of scripts
// without spaces count twice.
const minQuoteLetters = 6

// IsQuotable reports whether s is long enough to be a quote.
func IsQuotable(s string) bool { return isQuotable([]rune(s)) }

func isQuotable(rs []rune) bool {
	n := 0
	for _, r := range rs {
		switch {
		case unspaced(r), unicode.Is(unicode.Hangul, r):
			n += 2
		case unicode.IsLetter(r), unicode.IsDigit(r):
			n++
		}
	}
	return n >= minQuoteLetters
}
