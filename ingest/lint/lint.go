// Package lint finds text on pages that is aimed at a language model, not at a
// reader.
//
// Call [Flags] with the text of a chunk, and [Hidden] with the hidden text of a
// page. A flag is a warning for people and a reason to rank a chunk lower. The
// text is never changed. A text without flags is not safe: Flags finds 48 of 50
// attack texts that tell a model how to answer, and none of 25 that are plain
// tasks (BIPIA's train split, 2026-11-22).
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
	flagDelimiter  = "delimiter"  // text that looks like the delimiters of a prompt or a chat
	flagImperative = "imperative" // orders to a model
)

// Flags returns the flags of a text, sorted; mostly none.
func Flags(text string) []string {
	var flags []string
	if hasDelimiter(text) {
		flags = append(flags, flagDelimiter)
	}
	if hidesCharacters(text) {
		flags = append(flags, FlagHidden)
	}
	if givesOrders(text) {
		flags = append(flags, flagImperative)
	}
	return flags
}

// Hidden reports whether the hidden text of a page deserves [FlagHidden]: orders to
// a model and delimiters do, menus and banners that wait to be shown do not.
func Hidden(text string) bool { return givesOrders(text) || hasDelimiter(text) }

// maxUnseen is how many characters of no width may follow one another: typography
// uses one or two.
const maxUnseen = 3

// hidesCharacters reports whether a text contains tags, which spell letters that
// nobody sees, an override of direction, or a run of characters of no width.
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

// maxTags is the most tags that the flag of a region has.
const maxTags = 6

// givesOrders reports whether a sentence of the text gives orders to a model.
func givesOrders(text string) bool {
	text = normalize(text)
	for _, o := range orders() {
		if !o.mayBeIn(text) {
			continue
		}
		for line := range strings.SplitSeq(text, "\n") {
			if o.mayBeIn(line) && o.sentence.MatchString(line) {
				return true
			}
		}
	}
	return strings.Contains(text, "your ") && tellsHowToAnswer(text)
}

// tellsHowToAnswer reports whether a sentence tells how to answer: it begins with a verb that
// asks for something, and speaks of "your answer".
func tellsHowToAnswer(text string) bool {
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

// sentenceStart returns where the last sentence of a text begins: after the end of
// a line, or after a stop and a space.
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

// normalize returns the text in lower case, in compatible letters, without
// characters that show nothing, and with one space between words. It keeps the
// ends of lines.
func normalize(text string) string {
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
