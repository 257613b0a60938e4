package draft

import (
	"regexp"
	"strconv"
	"strings"
)

var quoteLine = regexp.MustCompile(`^[\s>*-]*[\[【]\s*(?:[Ss]ource\s*)?(\d{1,3})\s*(?:†[^\]】]*)?[\]】]\s*[:：.–-]?\s*(.*)$`)

// Quotes returns the model's quotes by number of source, as the model wrote
// them; see [Unquote]. A line without a number continues the quote above it.
func (d *Draft) Quotes() map[int][]string {
	quotes := make(map[int][]string)
	n := 0
	for l := range strings.SplitSeq(strings.TrimLeft(d.quotes.String(), "*_"), "\n") {
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
	return quotes
}

// Unquote removes what a model puts around a quote: quotation marks and
// ellipses.
func Unquote(q string) string {
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
