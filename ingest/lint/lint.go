// Package lint finds in the text of pages what is aimed at a language model
// rather than at a reader.
//
// Call [Flags] with the text of a chunk, and [Hidden] with the text of a page that
// its readers don't see. A flag is a warning for people and a reason to rank a
// chunk lower; the text is never altered, and no flag makes a text safe or unsafe:
// of 50 attack texts that tell a model how to answer 48 are found, of 25 that are
// plain tasks none (BIPIA's train split, 2026-11-22).
package lint

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The flags.
const (
	FlagHidden     = "hidden"     // characters that show nothing, which may spell a text
	FlagDelimiter  = "delimiter"  // what looks like the delimiters of a prompt or a chat
	FlagImperative = "imperative" // orders to a model
)

// Flags returns the flags of a text, sorted; mostly none.
func Flags(text string) []string {
	var flags []string
	if hasDelimiter(text) {
		flags = append(flags, FlagDelimiter)
	}
	if hidesCharacters(text) {
		flags = append(flags, FlagHidden)
	}
	if commands(text) {
		flags = append(flags, FlagImperative)
	}
	return flags
}

// Hidden reports whether text that a page hides from its readers deserves
// [FlagHidden]: menus and banners that wait to be shown do not, orders to a model
// and delimiters do.
func Hidden(text string) bool { return commands(text) || hasDelimiter(text) }

// maxUnseen is how many characters of no width may follow one another: one or two
// are typography.
const maxUnseen = 3

// hidesCharacters reports whether a text holds tags, which spell letters that nobody
// sees, an override of direction, or a run of characters of no width.
func hidesCharacters(text string) bool {
	run := 0
	for _, r := range text {
		switch {
		case r == '\u200d' || r == '\ufe0f':
			// Parts of emoji, and so are tags after a flag.
			continue
		case r == '\u202d', r == '\u202e':
			return true
		case r >= 0xe0020 && r <= 0xe007e, r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u180e', r >= 0x2061 && r <= 0x2064, r == '\u00ad', r == '\u200c':
			if run++; run > maxUnseen && r < 0xe0000 || run > maxTags {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}

// maxTags is how many tags the flag of a region has at most.
const maxTags = 6

// commands reports whether a sentence of the text gives orders to a model.
func commands(text string) bool {
	text = plain(text)
	for _, o := range orders() {
		if slices.ContainsFunc(o.words, func(w string) bool { return strings.Contains(text, w) }) && o.sentence.MatchString(text) {
			return true
		}
	}
	return strings.Contains(text, "your ") && steers(text)
}

// steers reports whether a sentence tells how to answer: it begins with a verb that
// asks for something, and speaks of "your answer".
func steers(text string) bool {
	for _, at := range answers().FindAllStringIndex(text, -1) {
		begin := sentenceStart(text[:at[0]])
		words := strings.FieldsFunc(text[begin:at[0]], func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
		if len(words) > 0 && words[0] == "please" {
			words = words[1:]
		}
		if len(words) > 0 && slices.Contains(verbs, words[0]) || opensWithAnswer(text[begin:], text[at[1]:]) {
			return true
		}
	}
	return false
}

// sentenceStart returns where the last sentence of a text begins: behind a line's
// end, or a stop and a space.
func sentenceStart(text string) int {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == '\n' || text[i] == ' ' && strings.IndexByte(".!?:;", text[i-1]) >= 0 {
			return i + 1
		}
	}
	return 0
}

// opensWithAnswer reports whether a sentence begins "in your answer," and goes on
// with a verb that asks for something.
func opensWithAnswer(sentence, rest string) bool {
	sentence = strings.TrimSpace(sentence)
	if !strings.HasPrefix(sentence, "in your ") && !strings.HasPrefix(sentence, "within your ") {
		return false
	}
	words := strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	return len(words) > 0 && slices.Contains(verbs, words[0])
}

// plain returns the text in lower case, in compatible letters, without what shows
// nothing, with one space between words; lines stay lines.
func plain(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range norm.NFKC.String(text) {
		switch {
		case unicode.In(r, unicode.Cf, unicode.Mn):
		case r == '\n':
			b.WriteByte('\n')
			space = false
		case unicode.IsSpace(r), r == '*', r == '_', r == '`', r == '>', r == '#':
			space = true
		case r == '’':
			b.WriteByte('\'')
		default:
			if space {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
