package extractive

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/internal/language"
)

// A form is what a question asks for, as far as its words tell.
type form int

const (
	howTo   form = iota // steps, code
	list                // several things
	value               // a number, a version, a default
	what                // what a thing is, or what it does
	reason              // why
	compare             // what two things have in common or not
	whether             // whether something is so
	request             // what is asked for without a question
)

// A tongue is the phrases of one language, each list cut.
type tongue struct {
	forms                                       map[form][]string
	whether, others, copula, articles, pronouns []string
}

// tongues are those of all languages.
var tongues = sync.OnceValue(func() map[string]tongue {
	cut := func(list string) []string {
		if list == "" {
			return nil
		}
		return strings.Split(list, "|")
	}
	all := map[string]tongue{}
	for tag, p := range languages {
		all[tag] = tongue{
			forms:   map[form][]string{howTo: cut(p.howTo), list: cut(p.list), value: cut(p.value), what: cut(p.what), reason: cut(p.why), compare: cut(p.compare)},
			whether: cut(p.whether), others: cut(p.other), copula: cut(p.copula), articles: cut(p.articles), pronouns: cut(p.pronouns),
		}
	}
	return all
})

// tongueOf returns the phrases of a page's language. A page without one is in English.
func tongueOf(lang string) tongue {
	if lang == "" {
		lang = "en"
	}
	return tongues()[edition.Base(lang)]
}

// minSure is the confidence from which on a guess of a question's language counts.
const minSure = 0.5

// languagesOf returns those that a question may be in: the one that it tells, English,
// and those of the pages.
func languagesOf(question string, pages map[string]bool) []string {
	out := []string{"en"}
	if tag, sure := language.Guess(question); sure >= minSure {
		out = append(out, tag)
	}
	for lang := range pages {
		out = append(out, edition.Base(lang))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var punctuation = regexp.MustCompile(`[\s?!.,;:"“”„¿¡؟،？！。，、；：「」『』《》（）]+`)

// formsOf returns what a question in one of these languages asks for, and the phrases that
// tell it. Several forms may hold, such as a value and a list: "what are gates" asks for a
// definition or for all of them, "what are the gates" for all of them.
func formsOf(question string, langs []string) (asked map[form]bool, told []string) {
	q := " " + strings.TrimSpace(punctuation.ReplaceAllString(strings.ToLower(question), " ")) + " "
	asked = map[form]bool{}
	for _, lang := range langs {
		forms := tongues()[lang].forms
		for f, phrases := range forms {
			for _, p := range phrases {
				if !isIn(q, p) || f == what && slices.ContainsFunc(forms[list], func(longer string) bool {
					return len(longer) > len(p) && strings.HasPrefix(longer, p) && isIn(q, longer)
				}) {
					continue
				}
				asked[f] = true
				if f == what || f == compare || strings.HasPrefix(p, "*") && lang != "ko" && f != value {
					told = append(told, p)
				}
			}
		}
	}
	if len(asked) == 0 {
		if f, ok := otherForm(question, q, langs); ok {
			asked[f] = true
		}
	}
	slices.SortFunc(told, func(a, b string) int { return len(b) - len(a) })
	return asked, told
}

// otherForm returns the form of a question, as it is and within spaces, that no phrase of
// a form tells, and false if its languages don't tell, either. A text such as "restart
// the server after a crash" is a request, not a question.
func otherForm(question, spaced string, langs []string) (form, bool) {
	starts := func(of func(tongue) []string) bool {
		return slices.ContainsFunc(langs, func(lang string) bool {
			return slices.ContainsFunc(of(tongues()[lang]), func(p string) bool { return isIn(spaced, p) })
		})
	}
	switch {
	case starts(func(t tongue) []string { return t.others }):
		return list, true
	case starts(func(t tongue) []string { return t.whether }):
		return whether, true
	}
	isUntold := func(lang string) bool { return len(tongues()[lang].whether) == 0 }
	return request, size(question) > nameWords && !asks(strings.TrimSpace(question)) && !slices.ContainsFunc(langs, isUntold)
}

// isIn reports whether a question, within spaces, has a phrase where it may stand.
func isIn(question, phrase string) bool {
	if part, ok := strings.CutPrefix(phrase, "*"); ok {
		return strings.Contains(question, part)
	}
	return strings.HasPrefix(phrase, " ") && strings.Contains(question, phrase) || strings.HasPrefix(question[1:], phrase)
}

// withoutWords returns the words of a question in one of these languages without those
// that only tell its form, or only ask. If no others remain, it returns all.
func withoutWords(question string, told, langs []string) []string {
	words := strings.Fields(question)
	for _, lang := range langs {
		question = language.WithoutAsking(question, lang)
	}
	phrases := ""
	for _, p := range told {
		if part, ok := strings.CutPrefix(p, "*"); ok {
			question = strings.ReplaceAll(question, part, " ")
		}
		phrases += " " + p
	}
	var kept []string
	for _, w := range strings.Fields(question) {
		low := strings.Trim(strings.ToLower(w), "?!.,;:¿¡؟？！。")
		asks := func(lang string) bool { return language.Asks(low, lang) }
		if !strings.Contains(phrases+" ", " "+low+" ") && !slices.ContainsFunc(langs, asks) {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return words
	}
	return kept
}

// refersBack reports whether a sentence starts with a word that refers to what was
// said before it.
func refersBack(sentence, lang string) bool {
	w, _, _ := strings.Cut(strings.ToLower(sentence), " ")
	w = strings.Trim(w, ",.;:’'")
	return slices.ContainsFunc(tongueOf(lang).pronouns, func(p string) bool {
		start, ok := strings.CutPrefix(p, "*")
		return w == p || ok && strings.HasPrefix(sentence, start)
	})
}

// maxLabelWords and maxLabelRunes are the length of the longest name that an item or a
// sentence explains.
const (
	maxLabelWords = 6
	maxLabelRunes = 20 // where no spaces separate words
)

// defined returns what a sentence defines: the words before its first copula.
func defined(s, lang string) string {
	in := tongueOf(lang)
	words := strings.Fields(s)
	for i, w := range words[:min(len(words), maxLabelWords+2)] {
		if i > 0 && slices.Contains(in.copula, strings.ToLower(w)) {
			if i > 1 && slices.Contains(in.articles, strings.ToLower(words[0])) {
				words, i = words[1:], i-1
			}
			return strings.Join(words[:i], " ")
		}
	}
	label := ""
	for _, c := range in.copula {
		if part, ok := strings.CutPrefix(c, "*"); ok {
			before, _, found := strings.Cut(s, part)
			if n := utf8.RuneCountInString(before); found && 0 < n && n <= maxLabelRunes && (label == "" || len(before) < len(label)) {
				label = before
			}
		}
	}
	return label
}
