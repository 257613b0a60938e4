package answer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// read turns what the model wrote into an answer: the quotes are taken from its
// end and looked for in the sources, and numbers that no source has are taken
// out. It returns nil if there is no answer in it.
func read(question string, resp llm.Response, sources []retrieve.Hit) *Answer {
	body, quotes := splitQuotes(resp.Text)
	if rest, ok := cutMarker(body); ok {
		ans := unanswered(Generated, "the model finds no answer in the sources", sources)
		ans.Answer, _ = renumber(rest, 0)
		ans.spent(resp)
		return ans
	}
	body, cited := renumber(strings.ReplaceAll(body, notInSources, ""), len(sources))
	if body == "" {
		return nil
	}
	if len(cited) == 0 { // the quotes say what it rests on
		for n := range quotes {
			if n <= len(sources) {
				cited = append(cited, n)
			}
		}
	}
	slices.Sort(cited)
	ans := &Answer{Answer: body, Answered: true, Mode: Generated, Citations: []Citation{}}
	for _, n := range slices.Compact(cited) {
		claim := claims(body, n)
		if claim == "" {
			claim = question
		}
		ans.Citations = append(ans.Citations, check(n, sources[n-1], quotes[n], claim))
	}
	ans.judge()
	ans.spent(resp)
	return ans
}

// cutMarker returns what stands behind the marker of an answer that is none.
func cutMarker(body string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(strings.TrimLeft(body, "*_`\"'[( \n"), notInSources)
	return strings.TrimLeft(rest, "*_`\"'.:;,)]–— -\n"), ok
}

var (
	quotesLine = regexp.MustCompile(`(?im)^[\s>#*_-]*` + strings.TrimSuffix(quotesMark, ":") + `[*_\s]*[:：][*_]*`)
	quoteLine  = regexp.MustCompile(`^[\s>*-]*[\[【]\s*(?:[Ss]ource\s*)?(\d{1,3})\s*(?:†[^\]】]*)?[\]】]\s*[:：.–-]?\s*(.*)$`)
	fenceLine  = regexp.MustCompile("(?m)\n?^[ \t]*```[a-z]*[ \t]*\\z")
)

// splitQuotes cuts the quotes block off what the model wrote, and returns the
// quotes by number of source. A line without a number goes on with the quote
// above it.
func splitQuotes(s string) (body string, quotes map[int][]string) {
	quotes = make(map[int][]string)
	all := quotesLine.FindAllStringIndex(s, -1)
	if len(all) == 0 {
		return strings.TrimSpace(s), quotes
	}
	at := all[len(all)-1]
	body = strings.TrimRight(s[:at[0]], " \n")
	if strings.Count(body, "```")%2 == 1 { // the block was put into a fence
		body = fenceLine.ReplaceAllString(body, "")
	}
	n := 0
	for l := range strings.SplitSeq(s[at[1]:], "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "```") {
			continue
		}
		if m := quoteLine.FindStringSubmatch(l); m != nil {
			n, _ = strconv.Atoi(m[1]) // three digits at most
			quotes[n] = append(quotes[n], m[2])
		} else if last := len(quotes[n]) - 1; last >= 0 && strings.TrimSpace(l) != "" {
			quotes[n][last] += "\n" + l
		}
	}
	return strings.TrimSpace(body), quotes
}

// citation matches the forms in which models cite: [1], [1, 2], [1-3], [^1],
// [Source 1], 【1】, 【1†source】, and a number made a link, whose target is dropped.
var citation = regexp.MustCompile(`([ \t]*)[\[【]\s*(?:[Ss]ources?\s*)?\^?(\d{1,3}(?:\s*[,;–-]\s*\^?\d{1,3})*)\s*(?:†[^\]】\n]*)?[\]】](?:\([^()\s]*\))?`)

// reference matches a line that makes of a number a link to anywhere.
var reference = regexp.MustCompile(`(?m)^[ \t]*\[\^?\d{1,3}\]:[ \t]*<?[a-z]+://\S+.*$\n?`)

// renumber writes each citation as [n], leaves out numbers above max, and
// returns the others. Code is left alone.
func renumber(body string, max int) (string, []int) {
	body = reference.ReplaceAllString(body, "")
	for range len(body) + 1 { // what was taken out may have stood inside another
		next, cited := renumberOnce(body, max)
		if next == body {
			return body, cited
		}
		body = next
	}
	return "", nil // Unreachable: each pass settles a citation at least.
}

func renumberOnce(body string, max int) (string, []int) {
	var cited []int
	code := codeRanges(body)
	var b strings.Builder
	at := 0
	for _, m := range citation.FindAllStringSubmatchIndex(body, -1) {
		if slices.ContainsFunc(code, func(r [2]int) bool { return m[0] < r[1] && r[0] < m[1] }) {
			continue
		}
		b.WriteString(body[at:m[0]])
		at = m[1]
		known := slices.DeleteFunc(numbers(body[m[4]:m[5]]), func(n int) bool { return n < 1 || n > max })
		if len(known) > 0 {
			b.WriteString(body[m[2]:m[3]])
		}
		for _, n := range known {
			fmt.Fprintf(&b, "[%d]", n)
		}
		cited = append(cited, known...)
	}
	b.WriteString(body[at:])
	return strings.TrimSpace(b.String()), cited
}

// numbers reads a list such as "1, 2" or "1-3".
func numbers(list string) []int {
	var out []int
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ';' }) {
		from, to, ranged := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		first, _ := strconv.Atoi(strings.Trim(from, " ^\t\n"))
		last := first
		if ranged {
			last, _ = strconv.Atoi(strings.Trim(to, " ^\t\n"))
		}
		for n := first; n <= last && !slices.Contains(out, n); n++ {
			out = append(out, n)
		}
	}
	return out
}

// codeRanges returns the byte ranges of code in Markdown.
func codeRanges(md string) [][2]int {
	var out [][2]int
	lines := func(ls *text.Segments) {
		for i := range ls.Len() {
			out = append(out, [2]int{ls.At(i).Start, ls.At(i).Stop})
		}
	}
	root := goldmark.DefaultParser().Parse(text.NewReader([]byte(md)))
	ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker never fails
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			lines(n.Lines())
		case *ast.CodeBlock:
			lines(n.Lines())
		case *ast.CodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					out = append(out, [2]int{t.Segment.Start, t.Segment.Stop})
				}
			}
		}
		return ast.WalkContinue, nil
	})
	return out
}

// claims returns the sentences of body that cite n, without the citations.
func claims(body string, n int) string {
	var out []string
	for _, p := range cite.Parse(body, false).Sentences() {
		if strings.Contains(p.Text, fmt.Sprintf("[%d]", n)) {
			out = append(out, citation.ReplaceAllString(p.Text, ""))
		}
	}
	return strings.Join(out, " ")
}

// check looks for the quotes in source n and returns its citation: with the
// first that stands there, else with the first as it is, unverified; if there is
// none, with the sentence of the source that is nearest to the claim.
func check(n int, h retrieve.Hit, quotes []string, claim string) Citation {
	t := cite.Parse(h.Text, h.Start > 0)
	for _, q := range quotes {
		if p, ok := t.Find(unquote(q)); ok {
			c := cited(n, h, p)
			c.Verified, c.By = true, byModel
			return c
		}
	}
	for _, q := range quotes {
		if q = unquote(q); q != "" {
			c := cited(n, h, cite.Passage{Text: strings.Join(strings.Fields(q), " "), End: len([]rune(h.Text))})
			c.By = byModel
			return c
		}
	}
	p, ok := nearest(claim, h, t)
	if !ok { // a source that shows no sentence
		p = cite.Passage{End: len([]rune(h.Text))}
	}
	c := cited(n, h, p)
	c.By = byServer
	return c
}

// cited returns the citation of passage p of h.
func cited(n int, h retrieve.Hit, p cite.Passage) Citation {
	return Citation{
		N: n, URL: h.URL, Title: h.Title, Section: h.Section, Quote: p.Text,
		Start: h.Start + p.Start, End: h.Start + p.End, Link: p.Link(h.URL, h.Anchor),
		Modified: h.Modified, CrawledAt: h.CrawledAt,
	}
}

// unquote takes off what a model puts around a quote: marks of quotation, and
// the points of an ellipsis.
func unquote(q string) string {
	for {
		s := strings.TrimSpace(q)
		for _, pair := range []string{`""`, "“”", "„“", "«»", "''", "‘’", "「」", "『』"} {
			rs := []rune(pair)
			if t := []rune(s); len(t) > 1 && t[0] == rs[0] && t[len(t)-1] == rs[1] {
				s = string(t[1 : len(t)-1])
			}
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
