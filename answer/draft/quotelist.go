package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The list of quotes begins with [prompt.Quotes]. A model may translate that, or
// write a heading of its own in its place, in any language. So a short heading with
// nothing but quotes below it, up to the end of the text, begins the list too; and
// so does such a list without a heading, if the text cites its numbers. There must
// be text before it: an answer may consist of quotes.

// Limits of a heading of quotes.
const (
	maxHeadingRunes = 40
	maxHeadingWords = 4
	minListedWords  = 4        // of a quote without a number in brackets
	minListedRunes  = 12       // of one in a script without spaces
	maxHeldBytes    = 32 << 10 // a longer list counts as quotes
)

// quotesStart reports whether s, which starts at the start of a line, starts with the
// list of quotes, and returns the length of its heading.
func (d *Draft) quotesStart(s string) (n int, v verdict) {
	if d.text.Len() == 0 {
		return 0, no
	}
	n, words, v := quotesTitle(s)
	switch {
	case v == more && !d.ended:
		return 0, more
	case v == yes:
		if v := d.quotesOnly(s[n:], words, strings.TrimSpace(firstLine(s[n:])) != ""); v != no {
			return n, v
		}
	}
	if strings.HasPrefix(d.pendingLines, "\n") || strings.Contains(d.pendingLines, "\n\n") || strings.HasSuffix(d.pendingSpace+d.pendingLines, "\n\n") {
		return 0, d.quotesOnly(s, 0, true)
	}
	return 0, no
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// quotesTitle reports whether s starts with a line that may be the heading of quotes,
// and returns its length and its number of words.
func quotesTitle(s string) (n, words int, v verdict) {
	line, _, full := strings.Cut(s, "\n")
	t := strings.TrimLeft(line, " \t>")
	title := strings.TrimLeft(t, "# \t")
	marked := strings.HasPrefix(t, "#") || strings.HasPrefix(title, "**") || strings.HasPrefix(title, "__")
	letters, lower, newWord := 0, false, true
	for i, r := range title {
		switch {
		case unicode.IsLetter(r), unicode.Is(unicode.M, r), strings.ContainsRune("'’-", r) && letters > 0:
			if letters++; newWord {
				words++
			}
			lower, newWord = lower || unicode.IsLower(r), false
		case strings.ContainsRune(":：", r) && letters > 0:
			n = len(line) - len(title) + i + utf8.RuneLen(r)
			return n + len(line[n:]) - len(strings.TrimLeft(line[n:], "*_")), words, yes
		case strings.ContainsRune("*_ \t\r\u00a0\u202f", r):
			newWord = true
		default:
			return 0, 0, no
		}
		if letters > maxHeadingRunes || words > maxHeadingWords {
			return 0, 0, no
		}
	}
	switch {
	case !full:
		return 0, 0, more
	case letters > 0 && (marked || !lower):
		return len(line), words, yes
	}
	return 0, 0, no
}

// A remark behind a quote.
var (
	remark   = regexp.MustCompile(`^[*_]*[.,;。，]?[*_]*[ \t\r]*(?:$|[—–(（【,;|~*_-])`)
	noRemark = regexp.MustCompile(`^[*_]*[.,;。，]?[*_ \t\r]*$`)
)

// quotesOnly reports whether s consists of quotes in quotation marks, below a heading
// of so many words. Without a heading, each must have the number of a cited
// source and nothing behind it. Numbered means that each must have its number in
// brackets.
func (d *Draft) quotesOnly(s string, words int, numbered bool) verdict {
	closing, quotes, at := "", 0, 0 // closing: the marks that end the quote above
	for line := range strings.SplitAfterSeq(s, "\n") {
		if at > maxHeldBytes && quotes > 0 {
			return yes
		}
		at += len(line)
		full := strings.HasSuffix(line, "\n") || d.ended && !d.cut
		t := strings.TrimSpace(line)
		if isFence := strings.HasPrefix(t, "```"); isFence || t == "" || strings.Trim(t, "->*_") == "" && closing == "" {
			numbered = numbered || isFence // a line of code may be in quotation marks
			continue
		}
		if closing == "" {
			q := parseQuote(strings.TrimRight(line, "\r\n"))
			text := strings.TrimLeft(q.text, "*_ \t")
			mark, size := utf8.DecodeRuneInString(text)
			switch {
			case !strings.ContainsRune(openingMarks, mark) && !full && len(text) < maxHeadingRunes:
				return d.whileOpen(s, words, quotes)
			case !strings.ContainsRune(openingMarks, mark), full && !d.isListed(q, text, words, numbered):
				return no
			}
			closing, t = quotationMarks[mark], text[size:]
			quotes++
		}
		i := strings.LastIndexAny(t, closing)
		if i >= 0 {
			_, size := utf8.DecodeRuneInString(t[i:])
			behind := t[i+size:]
			switch ends := words > 0 && remark.MatchString(behind) || noRemark.MatchString(behind); {
			case ends && full:
				closing = ""
			case full:
				return no
			}
		}
		if !full {
			return d.whileOpen(s, words, quotes)
		}
	}
	return d.whileOpen(s, words, quotes)
}

// whileOpen returns the verdict on s if it may go on as a list of quotes. If the model
// was cut off, the start of a list is dropped.
func (d *Draft) whileOpen(s string, words, quotes int) verdict {
	switch {
	case !d.ended:
		return more
	case quotes > 0:
		return yes
	case !d.cut || words == 0:
		return no
	}
	if s = strings.TrimLeft(s, " \t\r\n>*-"); s != "" {
		if _, _, v := scanGroup(s); v == no {
			return no
		}
	}
	return more
}

// isListed reports whether a line is a quote of the list rather than a part of the
// answer that is in quotation marks.
func (d *Draft) isListed(q quote, text string, words int, numbered bool) bool {
	inBrackets := len(q.numbers) > 0 && !q.listed && !q.atEnd
	switch {
	case words == 0:
		return inBrackets && !slices.ContainsFunc(q.numbers, func(n int) bool { return !slices.Contains(d.cited, n) })
	case inBrackets:
		return true
	case numbered, q.atEnd, words > 2, len(d.cited)+len(d.undecided) == 0:
		return false
	}
	first := strings.IndexFunc(text, unicode.IsLetter)
	if first >= 0 && !isWord(firstRune(text[first:])) {
		return utf8.RuneCountInString(text) >= minListedRunes
	}
	return len(strings.Fields(text)) >= minListedWords
}
