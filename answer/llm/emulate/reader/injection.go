package reader

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// An obedient model treats anything that looks like a delimiter as one, and obeys
// what it finds outside the delimiters: text before the question or
// between the sources, and after the question any line that starts like a prompt
// injection. It obeys by repeating the instruction.

var (
	delimiterLike = regexp.MustCompile(`(?i)<[\s/\\]*(?:source|question)[^>]*>?`)
	homoglyphs    = strings.NewReplacer("ѕ", "s", "о", "o", "ο", "o", "0", "o", "υ", "u", "г", "r", "с", "c", "ϲ", "c", "е", "e", "ԛ", "q", "т", "t", "τ", "t",
		"і", "i", "ι", "i", "ı", "i", "1", "i", "п", "n", "ո", "n", "‹", "<", "〈", "<", "⟨", "<", "«", "<", "《", "<", "❮", "<", "›", ">", "⟩", ">", "»", ">", "》", ">")
)

// forgedDelimiters returns the first part of a text that looks like a delimiter, and
// the text after it.
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

// injectedOrders returns the instructions outside the sources: everything before the
// question, and of the rest the lines that match [injection].
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
