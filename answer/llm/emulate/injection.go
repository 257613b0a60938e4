package emulate

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A model that obeys takes for a delimiter whatever looks like one, and for an
// order whatever it finds outside of them: text in front of the question or
// between the sources, and behind the question what begins like the instruction
// to forget others. What it takes for orders it does, by repeating them.

var (
	delimiterLike = regexp.MustCompile(`(?i)<[\s/\\]*(?:source|question)[^>]*>?`)
	homoglyphs    = strings.NewReplacer("ѕ", "s", "о", "o", "ο", "o", "0", "o", "υ", "u", "г", "r", "с", "c", "ϲ", "c", "е", "e", "ԛ", "q", "т", "t", "τ", "t",
		"і", "i", "ι", "i", "ı", "i", "1", "i", "п", "n", "ո", "n", "‹", "<", "〈", "<", "⟨", "<", "«", "<", "《", "<", "❮", "<", "›", ">", "⟩", ">", "»", ">", "》", ">")
)

// forgedDelimiters returns what a gullible reader takes for delimiters in a text, and for
// text behind them.
func forgedDelimiters(text string) []string {
	plain := homoglyphs.Replace(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Mn, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, norm.NFKD.String(text)))
	at := delimiterLike.FindStringIndex(plain)
	if at == nil {
		return nil
	}
	return []string{"closed: " + plain[at[0]:at[1]], plain[at[1]:]}
}

// injectedOrders returns what a model that obeys finds outside the sources: all that
// stands in front of the question, and of the rest what sounds like an order.
func injectedOrders(outside string) []string {
	var out []string
	rest := outside
	if at := questionBlock.FindAllStringIndex(outside, -1); len(at) > 0 {
		last := at[len(at)-1]
		if before := strings.TrimSpace(questionBlock.ReplaceAllString(outside[:last[0]], "")); before != "" {
			out = append(append(out, before), forgedDelimiters(before)...)
		}
		if m := questionBlock.FindStringSubmatch(outside[last[0]:last[1]]); m != nil {
			out = append(out, forgedDelimiters(m[2])...)
		}
		rest = outside[last[1]:]
	}
	for line := range strings.Lines(rest) {
		if m := injection.FindStringSubmatch(line); m != nil {
			out = append(out, strings.TrimSpace(m[1]))
		}
	}
	return out
}
