package draft

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A group is what may be a citation: numbers in brackets, in one of the forms in
// which models cite.
//
//	[1]  [1, 2]  [1-3]  [1 and 2]  [^1]  [^1^]  [#1]  \[1\]  ［1］  【1】  【1†source】
//	[Source 1]  [source-1]  [citation:1]  [doc1]  [Source 1: a title]  [Quelle 1]
//	(1)  （1）  (Source 1)
//	【4:0†source】  the result 0 of the search 4, as OpenAI's assistants cite: source 1
type group struct {
	numbers  []int // in order, each once
	repeated bool  // a number stands twice
	several  bool  // more than one number is written
	labeled  bool  // a label or a mark makes it a citation
	round    bool  // in parentheses
}

// A verdict tells whether a text starts with something.
type verdict int

const (
	no   verdict = iota
	yes          // it does
	more         // only more text decides
)

// labels are the words that models put before the number of a source, longest
// first among those that begin alike.
var labels = []string{"sources", "source", "src", "citations", "citation", "cite", "references", "reference", "refs", "ref", "documents", "document", "docs", "doc",
	"passage", "chunk", "context", "excerpt", "extract", "snippet", "search result", "id=", "quellen", "quelle", "fuentes", "fuente", "fontes", "fonte", "fonti",
	"bronnen", "bron", "źródła", "źródło", "источники", "источник", "джерело", "zdroje", "zdroj", "källa", "kilder", "kilde", "lähde", "kaynak", "sursa", "sursă", "forrás",
	"nguồn", "sumber", "πηγή", "المصدر", "مصدر", "מקור", "स्रोत", "来源", "來源", "出典", "资料", "資料", "文献", "文獻", "引用", "参照", "參照", "ソース", "출처", "n="}

const (
	squareOpen  = "[【［「〔〖"
	squareClose = "]】］」〕〗"
	roundOpen   = "(（"
	roundClose  = ")）"
	separators  = ",;，、；＆&"
	dashes      = "-–—‑~～〜"
	digits      = "0123456789０１２３４５６７８９" + superscripts
)

// conjunctions stand between two numbers, and rangeWords between the first and the last
// of several. "and" is the first, since it may follow a comma.
var (
	conjunctions = []string{"and", "und", "or", "oder", "ou", "oraz", "och", "og", "en", "et", "e", "y", "и", "или", "및", "와", "과", "和", "与", "及", "と"}
	rangeWords   = []string{"to ", "bis ", "à ", "до ", "至", "到", "から"}
)

// maxTitleRunes is the longest title behind the number in a citation with a label.
const maxTitleRunes = 80

// scanGroup returns the group that s starts with and its length in bytes.
func scanGroup(s string) (g group, n int, v verdict) {
	c := scanner{rest: s}
	closing := squareClose
	c.one(`\`)
	if !c.one(squareOpen) {
		if closing, g.round = roundClose, true; !c.one(roundOpen) {
			return g, 0, c.failed()
		}
	}
	c.all(" \t")
	if !c.item(&g) {
		return g, 0, c.failed()
	}
	for c.next(&g) {
	}
	c.all(" \t")
	switch before := c; {
	case c.one("†"):
		g.labeled = true
		c.until(closing+"\n", len(s))
	case g.labeled && c.one(":：|,"+dashes):
		if c.until(squareOpen+roundOpen+squareClose+roundClose+"`\n", maxTitleRunes) == 0 && !c.short {
			c = before
		}
	}
	c.one(`\`)
	if !c.one(closing) {
		return g, 0, c.failed()
	}
	g.repeated = len(g.numbers) > len(unique(g.numbers))
	g.numbers = unique(g.numbers)
	return g, len(s) - len(c.rest), yes
}

// unique returns the numbers without repetitions.
func unique(ns []int) []int {
	var out []int
	for _, n := range ns {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// next consumes a separator and a further number.
func (c *scanner) next(g *group) bool {
	before := *c
	c.all(" \t")
	isRange := false
	switch {
	case c.one(separators), c.word(conjunctions):
		c.all(" \t")
		c.word(conjunctions[:1]) // "1, 2, and 3"
	case c.one(dashes), c.word(rangeWords):
		isRange = true
	default:
		*c = scanner{before.rest, c.short}
		return false
	}
	c.all(" \t")
	if !c.item(g) {
		*c = scanner{before.rest, c.short}
		return false
	}
	g.several = true
	if last := len(g.numbers) - 1; isRange {
		for n := g.numbers[last-1] + 1; n < g.numbers[last]; n++ {
			g.numbers = append(g.numbers, n)
		}
		slices.Sort(g.numbers)
	}
	return true
}

// item consumes a number with what may stand around it.
func (c *scanner) item(g *group) bool {
	label := c.word(labels)
	if label {
		c.all(" \t:：#=._№" + dashes)
	}
	caret := c.one("^")
	c.one("#")
	n, ok := c.number()
	if !ok {
		return false
	}
	if before := *c; c.one(":") {
		result, ok := c.number()
		if ok && strings.HasPrefix(c.rest, "†") {
			n = result + 1
		} else {
			c.short = c.short || ok && c.rest == ""
			*c = scanner{before.rest, c.short}
		}
	}
	if caret {
		c.one("^")
	}
	g.labeled = g.labeled || label || caret
	g.numbers = append(g.numbers, n)
	return true
}

// A scanner reads a text from its start.
type scanner struct {
	rest  string
	short bool // the text ended where more was looked for
}

// failed returns the verdict of a text that lacks what was looked for.
func (c *scanner) failed() verdict {
	if c.short {
		return more
	}
	return no
}

// one consumes one of the characters of set.
func (c *scanner) one(set string) bool {
	if c.rest == "" {
		c.short = true
		return false
	}
	r, size := utf8.DecodeRuneInString(c.rest)
	if !strings.ContainsRune(set, r) || r == utf8.RuneError {
		return false
	}
	c.rest = c.rest[size:]
	return true
}

// all consumes all characters of set, and returns their number.
func (c *scanner) all(set string) int {
	n := 0
	for c.one(set) {
		n++
	}
	return n
}

// until consumes at most limit characters up to one of set, and returns their
// number.
func (c *scanner) until(set string, limit int) int {
	for n := range limit {
		r, size := utf8.DecodeRuneInString(c.rest)
		if c.rest == "" || strings.ContainsRune(set, r) {
			c.short = c.short || c.rest == ""
			return n
		}
		c.rest = c.rest[size:]
	}
	return limit
}

// word consumes one of the words, in upper or lower case.
func (c *scanner) word(words []string) bool {
	for _, w := range words {
		n := min(len(w), len(c.rest))
		if !strings.EqualFold(c.rest[:n], w[:n]) {
			continue
		}
		if n == len(w) {
			c.rest = c.rest[n:]
			return true
		}
		c.short = true
	}
	return false
}

// number consumes a number of at most three digits.
func (c *scanner) number() (n int, ok bool) {
	for range 3 {
		i := slices.Index([]rune(digits), firstRune(c.rest))
		if !c.one(digits) {
			return n, ok
		}
		n, ok = n*10+i%10, true
	}
	return n, !strings.ContainsRune(digits, firstRune(c.rest)) || c.rest == ""
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// opensGroup reports whether more text may complete the end of a line to a group.
func opensGroup(line []byte) bool {
	for i := len(line) - 1; i >= 0 && i >= len(line)-4*maxTitleRunes; i-- {
		if !utf8.RuneStart(line[i]) {
			continue
		}
		if strings.ContainsRune(squareOpen+roundOpen, firstRune(string(line[i:]))) {
			if _, _, v := scanGroup(string(line[i:])); v == more {
				return true
			}
		}
	}
	return false
}
