package retrieve

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/retrieve/index"
)

// A Correction is a word of a question that no page holds, and the word that is used in
// its place.
type Correction struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// correct replaces misspelt words of a question by the words of the index that they
// stand for:
//
//   - the nearest word of the index, if one edit separates them;
//   - else the nearest usual word, if the index holds it in another form;
//   - else the nearest word of the index, if two edits separate them.
//
// It changes no word that the index has, no usual one that a dictionary has, no code, and no acronym. Of an
// identifier such as max_retries that is near none of the index it corrects each part.
// Of one in CamelCase it corrects slips alone, and only to one that the index holds.
func correct(question string, ix index.Info) (string, []Correction) {
	if ix.Vocabulary.Len() == 0 {
		return question, nil
	}
	tokens := scan(question)
	in := tongueOf(question, tokens, ix)
	if in.isForeign {
		return question, nil
	}
	var out strings.Builder
	var made []Correction
	end := 0
	for _, t := range tokens {
		to := t.correction(ix, in)
		if to == t.text {
			continue
		}
		out.WriteString(question[end:t.start] + to)
		end = t.start + len(t.text)
		made = append(made, Correction{t.text, to})
	}
	return out.String() + question[end:], made
}

// correction returns what a token stands for: itself if it is as it should be.
func (t token) correction(ix index.Info, in tongue) string {
	if t.isCode || !isAbsent(t.text, ix) {
		return t.text
	}
	if isMixed(t.text) {
		for _, of := range []func(string, index.Info) string{slipOfParts, slip} {
			if to := eachPart(t.text, func(part string) string { return of(part, ix) }); !isAbsent(to, ix) {
				return to
			}
		}
		return t.text
	}
	isName := t.isCapital && !t.startsSentence
	if to := correctWord(t.text, isName, ix, in); to != t.text {
		return to
	}
	return eachPart(t.text, func(part string) string { return correctWord(part, isName, ix, in) })
}

// eachPart applies f to the words of an identifier.
func eachPart(text string, f func(string) string) string {
	isPart := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || r == '\'' || r == '’' }
	var out strings.Builder
	for i, rest := 0, text; rest != ""; i++ {
		n := strings.IndexFunc(rest, func(r rune) bool { return isPart(r) != (i%2 == 0) })
		if n < 0 {
			n = len(rest)
		}
		part := rest[:n]
		if rest = rest[n:]; i%2 == 0 {
			part = f(part)
		}
		out.WriteString(part)
	}
	return out.String()
}

// slipOfParts is [slip] for each part of a word in CamelCase.
func slipOfParts(word string, ix index.Info) string {
	var out strings.Builder
	start := 0
	for i, r := range word + "A" {
		if i > start && unicode.IsUpper(r) {
			out.WriteString(slip(word[start:i], ix))
			start = i
		}
	}
	return out.String()
}

// slip returns the word of the index from which a word differs by letters that were
// swapped, left out or doubled, with the case of its first letter; else the word itself.
// Names that differ in another way, such as PostgREST and Postgres, are two names.
func slip(word string, ix index.Info) string {
	low := strings.ToLower(word)
	to, edits := ix.Vocabulary.Nearest(low)
	if edits != 1 || isReplaced(low, to) || len(to) < len(low) && !isDoubled(low, to) {
		return word
	}
	return withCaseOf(word, to)
}

// isDoubled reports whether a word is another one with one letter twice.
func isDoubled(word, of string) bool {
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] && word[:i]+word[i+1:] == of {
			return true
		}
	}
	return false
}

// withCaseOf returns a word with a capital letter if the other one begins with one.
func withCaseOf(word, to string) string {
	if first, _ := utf8.DecodeRuneInString(word); unicode.IsUpper(first) {
		r, size := utf8.DecodeRuneInString(to)
		return string(unicode.ToUpper(r)) + to[size:]
	}
	return to
}

// A usual word that no page holds is taken for a misspelt one, too, if it is as rare as
// rareRank or more, and the word of the pages that one edit separates from it is
// rareFactor times as frequent: objet for object, devises for devices. The ranks of
// other dictionaries than the English one are too coarse for that.
const (
	rareRank   = 30_000
	rareFactor = 10
)

// correctWord returns the word that a word of letters stands for. isName means that
// it is written as a name.
func correctWord(word string, isName bool, ix index.Info, in tongue) string {
	low, usual := strings.ToLower(word), in.usual
	rank := usual.Rank(low)
	if 0 < rank && rank < rareRank || asks(low, in.lang) || !isAbsent(word, ix) {
		return word
	}
	to, edits := ix.Vocabulary.Nearest(low)
	if rank > 0 {
		if of := usual.Rank(to); in.lang != "en" || edits != 1 || of == 0 || rank < of*rareFactor {
			return word
		}
		return withCaseOf(word, to)
	}
	if near := usual.Nearest(low); edits != 1 && near != "" {
		if isAbsent(near, ix) {
			return word
		}
		to = near
	}
	if to == "" || isName && (usual.Rank(to) > 0 && isReplaced(low, to) || utf8.RuneCountInString(low) < minNameRunes) {
		return word
	}
	return withCaseOf(word, to)
}

// minNameRunes is the length of the shortest name that is corrected.
const minNameRunes = 5

// isAbsent reports whether no chunk of the index holds a word.
func isAbsent(word string, ix index.Info) bool {
	w := Word{Text: word}
	return w.weigh(ix, "", "") && w.Absent
}

// isReplaced reports whether two words are equally long and have other letters. So
// differ two names, such as Pydantic and pedantic, while most typing errors leave out,
// double or swap letters.
func isReplaced(a, b string) bool {
	x, y := []rune(a), []rune(b)
	slices.Sort(x)
	slices.Sort(y)
	return len(x) == len(y) && !slices.Equal(x, y)
}

// isMixed reports whether a word has a capital letter after its first one, as
// identifiers and acronyms have.
func isMixed(word string) bool {
	_, size := utf8.DecodeRuneInString(word)
	return strings.ContainsFunc(word[size:], unicode.IsUpper)
}
