// Package language guesses the language of a text.
//
// Call [Guess]. It decides by script first, then by the words that carry a
// language's grammar and by the letters that a language does not have. Code, names
// and identifiers count for nothing, since they are no such words.
package language

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Guess returns the language of a text, as a BCP 47 tag such as "de", and how sure
// that is, within 0–1. The tag is "" if the text does not tell, such as a list of
// names, or a language that is not known here.
//
//   - Of a text in two languages, it is the one with more words.
//   - Bosnian and Serbian in Latin letters are "hr", Malay is "id", both forms of
//     Norwegian are "no", and every Chinese is "zh".
//   - Code between fences or backticks, addresses and identifiers are not read.
//   - Only the first 20 000 bytes of prose are read.
func Guess(text string) (tag string, confidence float64) {
	text = prose(text)
	letters := countLetters(text)
	best, most := "", 0.0
	total := 0.0
	for s, n := range letters {
		n *= wordsPerLetter(s)
		if s == "Latin" {
			n = 0 // names and code are in Latin letters everywhere: words decide below
		}
		total += n
		if n > most || n == most && s < best {
			best, most = s, n
		}
	}
	latin := latinVote(text, letters["Latin"])
	if latin.words >= most {
		if latin.words == 0 {
			return "", 0
		}
		return latin.tag, latin.confidence * latin.words / (latin.words + total)
	}
	tag, confidence = ofScript(best, text, letters)
	return tag, confidence * most / (total + latin.words)
}

// maxProseBytes is how much of a text tells its language; more would only cost time.
const maxProseBytes = 20_000

// scripts are the scripts that tell one language, or one of a few.
var scripts = []struct {
	name  string
	table *unicode.RangeTable
	tag   string // of the one language; "" if profiles decide
}{
	{"Latin", unicode.Latin, ""},
	{"Cyrillic", unicode.Cyrillic, ""},
	{"Arabic", unicode.Arabic, ""},
	{"Devanagari", unicode.Devanagari, ""},
	{"Han", unicode.Han, ""},
	{"Kana", kana, "ja"},
	{"Hangul", unicode.Hangul, "ko"},
	{"Greek", unicode.Greek, "el"},
	{"Hebrew", unicode.Hebrew, "he"},
	{"Thai", unicode.Thai, "th"},
	{"Lao", unicode.Lao, "lo"},
	{"Khmer", unicode.Khmer, "km"},
	{"Myanmar", unicode.Myanmar, "my"},
	{"Bengali", unicode.Bengali, "bn"},
	{"Tamil", unicode.Tamil, "ta"},
	{"Telugu", unicode.Telugu, "te"},
	{"Kannada", unicode.Kannada, "kn"},
	{"Malayalam", unicode.Malayalam, "ml"},
	{"Gujarati", unicode.Gujarati, "gu"},
	{"Gurmukhi", unicode.Gurmukhi, "pa"},
	{"Sinhala", unicode.Sinhala, "si"},
	{"Georgian", unicode.Georgian, "ka"},
	{"Armenian", unicode.Armenian, "hy"},
	{"Ethiopic", unicode.Ethiopic, "am"},
}

var kana = &unicode.RangeTable{R16: append(append([]unicode.Range16{}, unicode.Hiragana.R16...), unicode.Katakana.R16...)}

// countLetters counts the letters of each script in text.
func countLetters(text string) map[string]float64 {
	counts := make([]int, len(scripts))
	last := 0
	for _, r := range text {
		switch {
		case r < unicode.MaxASCII:
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				counts[0]++
			}
			continue
		case unicode.Is(scripts[last].table, r):
			counts[last]++
			continue
		}
		for i, s := range scripts {
			if unicode.Is(s.table, r) {
				last = i
				counts[i]++
				break
			}
		}
	}
	letters := map[string]float64{}
	for i, n := range counts {
		if n > 0 {
			letters[scripts[i].name] = float64(n)
		}
	}
	return letters
}

// wordsPerLetter returns about how many words one letter of a script is.
func wordsPerLetter(script string) float64 {
	switch script {
	case "Han":
		return 0.6
	case "Kana", "Hangul":
		return 0.4
	}
	return 0.2
}

// ofScript returns the language of a text most of whose words are in a script other
// than Latin.
func ofScript(script, text string, letters map[string]float64) (string, float64) {
	han, kana := letters["Han"], letters["Kana"]
	switch script {
	case "Han", "Kana":
		if kana > 0.05*(han+kana) {
			return "ja", 1
		}
		return "zh", 1 - 0.5*math.Pow(0.8, han) // a few characters may be Japanese, too
	case "Cyrillic", "Arabic", "Devanagari":
		tag, confidence, _ := profiled(script, fields(text))
		return tag, confidence
	}
	for _, s := range scripts {
		if s.name == script {
			return s.tag, 1
		}
	}
	return "", 0
}

// A vote is the language of the Latin part of a text, and about how many words of
// the text are in it.
type vote struct {
	tag               string
	confidence, words float64
}

// wordsPerHit is about how many words of a text there are for each that is in the
// table.
const wordsPerHit = 2.2

func latinVote(text string, letters float64) vote {
	if letters == 0 {
		return vote{}
	}
	tag, confidence, hits := profiled("Latin", fields(text))
	return vote{tag, confidence, wordsPerHit * float64(hits)}
}

// prose returns the part of text that may tell its language, composed and without
// code.
func prose(text string) string {
	var b strings.Builder
	fenced := ""
	for line := range strings.Lines(text) {
		if b.Len() > maxProseBytes {
			break
		}
		start := strings.TrimLeft(line, " \t>")
		switch mark := fence(start); {
		case fenced == "" && mark != "":
			fenced = mark
			continue
		case fenced != "":
			if strings.HasPrefix(start, fenced) {
				fenced = ""
			}
			continue
		}
		for i, part := range strings.Split(line, "`") { // the odd parts are code
			if i%2 == 0 {
				b.WriteString(part)
			}
		}
	}
	return norm.NFC.String(strings.ToValidUTF8(b.String(), " "))
}

// fence returns the mark by which a line opens or closes a block of code, or "".
func fence(line string) string {
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, mark) {
			return mark
		}
	}
	return ""
}

// fields returns the words of a text, in lower case, without those that look like
// code, addresses or acronyms. Names such as no-log-password are made of words that mean
// something else in other languages.
func fields(text string) []string {
	var out []string
	for f := range strings.FieldsSeq(text) {
		f = strings.TrimFunc(f, func(r rune) bool { return !isWordRune(r) })
		if strings.ContainsFunc(f, isCodeRune) || strings.Contains(f, "-") {
			continue
		}
		for _, w := range strings.FieldsFunc(f, func(r rune) bool { return !isWordRune(r) }) {
			_, first := utf8.DecodeRuneInString(w)
			if rest := w[first:]; strings.ToLower(rest) == rest { // neither camelCase nor an acronym
				out = append(out, lower(w))
			}
		}
	}
	return out
}

// lower lower-cases a word; the dot of a Turkish capital I is part of the letter.
func lower(w string) string {
	return strings.ReplaceAll(strings.ToLower(w), "i\u0307", "i")
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func isCodeRune(r rune) bool {
	return unicode.IsDigit(r) || strings.ContainsRune(`_./\@=<>{}[]()#$|:;*&%~^+`, r)
}
