package draft

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A quote is a line of the list of quotes.
type quote struct {
	numbers []int  // of the sources that it names
	listed  bool   // the number may be that of a list item: 1. "…"
	atEnd   bool   // the number stands behind the quote
	starts  bool   // a number, a bullet or a quotation mark starts a new quote
	text    string // as the model wrote it
}

var (
	quoteBullet = regexp.MustCompile(`^[\s>]*([-*+•·–][ \t]+)?[*_]*`)
	listNumber  = regexp.MustCompile(`^(\d{1,3})(?:[.)．、]|[:：])[*_]*\s*`)
	// afterNumber matches what may stand between a number and its quote.
	afterNumber = regexp.MustCompile(`^(?:[*_]*[:：.=]?[*_]+(?:\s|$))?\s*(?:[:：.=]|[–—-]\s)?\s*`)
)

// parseQuote parses a line of the list of quotes.
func parseQuote(line string) quote {
	m := quoteBullet.FindStringSubmatch(line)
	var q quote
	s := line[len(m[0]):]
	for {
		g, n, v := scanGroup(s)
		if v != yes {
			break
		}
		q.numbers, s = append(q.numbers, g.numbers...), strings.TrimLeft(s[n:], " \t,")
	}
	if len(q.numbers) == 0 {
		var g group
		if c := (scanner{rest: s}); c.item(&g) && g.labeled {
			q.numbers, s = g.numbers, c.rest
		} else if m := listNumber.FindStringSubmatch(s); m != nil {
			n, _ := strconv.Atoi(m[1]) // three digits at most
			q.numbers, q.listed, s = []int{n}, true, s[len(m[0]):]
		}
	}
	if len(q.numbers) > 0 {
		s = s[len(afterNumber.FindString(s)):]
	}
	if ns, before := numberAtEnd(s); len(q.numbers) == 0 || q.listed {
		if len(ns) > 0 {
			q.numbers, q.listed, q.atEnd, s = ns, false, true, before
		}
	}
	q.text = s
	q.starts = len(q.numbers) > 0 || m[1] != "" || strings.ContainsRune(openingMarks, firstRune(strings.TrimLeft(s, "*_")))
	return q
}

// numberAtEnd returns the numbers of the group at the end of s and the text
// before it.
func numberAtEnd(s string) (ns []int, before string) {
	s = strings.TrimRight(s, " \t\r.*_")
	i := strings.LastIndexAny(s, squareOpen+roundOpen)
	if i < 0 {
		return nil, s
	}
	g, n, v := scanGroup(s[i:])
	if v != yes || i+n != len(s) || g.round && !g.labeled {
		return nil, s
	}
	return g.numbers, s[:i]
}

// AddQuote adds a quote of source n that does not stand in the text.
func (d *Draft) AddQuote(n int, text string) {
	if d.added == nil {
		d.added = make(map[int][]string)
	}
	d.added[n] = append(d.added[n], text)
}

// Quotes returns the model's quotes by number of source, as the model wrote
// them; see [QuoteForms]. Those of the number 0 may be of any source that the text
// cites: they have no number, or perhaps the number of a list item.
func (d *Draft) Quotes() map[int][]string {
	quotes := make(map[int][]string)
	for n, texts := range d.added {
		quotes[n] = slices.Clone(texts)
	}
	var at []int // the sources of the quote above
	for l := range strings.SplitSeq(strings.TrimLeft(d.quotes.String(), "*_`:："), "\n") {
		t := strings.TrimSpace(l)
		if t == "" || strings.HasPrefix(t, "```") {
			continue
		}
		q := parseQuote(l)
		if q.starts {
			switch {
			case q.listed && (len(d.cited) == 0 || slices.Contains(d.cited, q.numbers[0])):
				at = []int{q.numbers[0], 0}
			case q.listed:
				at = []int{0}
			case len(q.numbers) > 0:
				at = q.numbers
			case len(at) == 0:
				at = []int{0}
			}
			for _, n := range at {
				quotes[n] = append(quotes[n], q.text)
			}
			continue
		}
		for _, n := range at {
			quotes[n][len(quotes[n])-1] += "\n" + strings.TrimLeft(l, "> \t")
		}
	}
	return quotes
}

// quotationMarks gives the marks that close a quote, for each that opens one.
var quotationMarks = map[rune]string{
	'"': `"”`, '“': `”"“`, '„': `“”"`, '”': `”`, '«': `»`, '»': `«»`, '‹': `›`, '›': `‹`, '\'': `'`, '‘': `’'`, '‚': `‘’`,
	'「': `」`, '『': `』`, '《': `》`, '〈': `〉`, '〝': `〟〞`, '＂': `＂`,
}

const openingMarks = "\"“„”«»‹›'‘‚「『《〈〝＂"

// QuoteForms returns the ways to read a quote, the most literal first: as it is,
// without what a model puts around it, and what stands between its quotation marks
// if a remark stands before or behind them.
func QuoteForms(q string) []string {
	out := []string{strings.TrimSpace(q)}
	add := func(s string) {
		if s = unquote(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	add(q)
	for range 2 { // quotation marks may stand within others
		i := strings.IndexAny(q, openingMarks)
		if i < 0 {
			break
		}
		opening, size := utf8.DecodeRuneInString(q[i:])
		q = q[i+size:]
		last := strings.LastIndexAny(q, quotationMarks[opening])
		if last <= 0 {
			break
		}
		add(q[:last])
		add(q[:max(strings.IndexAny(q, quotationMarks[opening]), 0)])
		q = q[:last]
	}
	return out
}

// unquote removes what a model puts around a quote: quotation marks, marks of
// emphasis and ellipses.
func unquote(q string) string {
	for {
		s := strings.TrimSpace(q)
		first, size := utf8.DecodeRuneInString(s)
		if last, n := utf8.DecodeLastRuneInString(s); len(s) >= size+n && strings.ContainsRune(quotationMarks[first], last) {
			s = s[size : len(s)-n]
		}
		s = strings.TrimSpace(s)
		for _, e := range []string{"...", "…"} {
			s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSuffix(s, e), e))
		}
		if s == q {
			return s
		}
		q = s
	}
}
