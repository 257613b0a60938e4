// Package reply writes an answer as one text in Markdown, for programs that show nothing
// but a text.
package reply

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/answer"
)

// SourcesMark begins the list of sources. It must not change: clients send earlier
// answers back, and [WithoutSources] takes the list off them.
const SourcesMark = "\n\n---\n**Sources**\n\n"

// WithoutSources returns the text of an earlier reply without its list of sources.
func WithoutSources(text string) string {
	if i := strings.LastIndex(text, SourcesMark); i >= 0 {
		return text[:i]
	}
	return text
}

// Tail returns what follows the answer's own text: why there is none, what readers must
// know, and the list of the sources with their quotes.
func Tail(ans *answer.Answer) string {
	var b strings.Builder
	if !ans.Answered {
		b.WriteString(notAnswered(ans))
	}
	for _, note := range []string{ans.Editions, ans.Warning, ans.Notice} {
		if note != "" {
			b.WriteString("\n\n" + note)
		}
	}
	for i, c := range ans.Citations {
		if i == 0 {
			b.WriteString(SourcesMark)
		}
		fmt.Fprintf(&b, "%d. [%s](<%s>)", c.N, label(place(c), c.URL), c.Link)
		switch {
		case !c.Verified:
			b.WriteString(" (not found word for word)")
		case !strings.Contains(plain(ans.Answer), plain(c.Quote)):
			fmt.Fprintf(&b, ": “%s”", escape(shorten(c.Quote)))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// notAnswered tells why there is no answer, and the nearest pages.
func notAnswered(ans *answer.Answer) string {
	var b strings.Builder
	if reason := strings.TrimRight(ans.Reason, "."); ans.Answer == "" {
		if first, _ := utf8.DecodeRuneInString(reason); !unicode.IsUpper(first) {
			reason = "The pages don't answer this: " + reason
		}
		b.WriteString(reason + ".")
	}
	for i, p := range ans.Nearest {
		if i == 0 {
			b.WriteString("\n\nNearest pages:\n")
		}
		fmt.Fprintf(&b, "\n- [%s](<%s>)", label(p.Title, p.URL), p.URL)
	}
	return b.String()
}

// place returns title and section of a citation.
func place(c answer.Citation) string {
	name := c.Section
	if !strings.HasPrefix(c.Section, c.Title) {
		name = strings.Trim(c.Title+" > "+c.Section, " >")
	}
	return strings.ReplaceAll(name, " > ", " › ")
}

// maxQuoteRunes is how much of a quote the list shows.
const maxQuoteRunes = 300

func shorten(quote string) string {
	runes := []rune(strings.Join(strings.Fields(quote), " "))
	if len(runes) <= maxQuoteRunes {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:maxQuoteRunes])) + "…"
}

// label returns the text of a link.
func label(title, address string) string {
	if title = strings.Join(strings.Fields(title), " "); title == "" {
		title = address
	}
	return escape(title)
}

var special = regexp.MustCompile("[\\\\`*\\[\\]<>]")

// escape keeps Markdown from reading text of a page as its own.
func escape(text string) string { return special.ReplaceAllString(text, `\$0`) }

// plain returns a text as words, for a comparison.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("*", "", "`", "", "\\", "").Replace(text)), " ")
}
