package extractive

import (
	"regexp"
	"strings"
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
)

// phrases are the words of one language that tell what a question asks for, and
// what a sentence refers to. They are in lower case. A phrase of a form counts at
// the start of a question, or anywhere if it begins with a space. Add a language by
// adding a row.
type phrases struct {
	howTo, list, value, what, why, compare string // separated by "|"; of the forms
	other                                  string // at the start of a question for several things, if it has no other form
	copula                                 string // words that follow what a sentence defines
	articles                               string // words that may precede it
	pronouns                               string // words that refer back at the start of a sentence
}

var languages = map[string]phrases{
	"en": {
		howTo:    "how do i|how do you|how do we|how does one|how can|how to|how should i|how would i| steps to| way to| example of| example for| command | syntax | snippet|install |configure |set up |create ",
		list:     "which |what are |list |name | what kinds| what types| which | supported | available| order ",
		value:    "how many|how much|how long|how often|how large|how big|how old|how fast|how far|at what |since when|when |what version|which version|what port|which port| default| maximum| minimum| limit | max | min | version ",
		what:     "what is |what's |what’s |whats |who is |what does |what do |what did |define |definition of |meaning of |explain |describe |what was ",
		compare:  " difference between | differences between | differ | versus | vs | vs. | compared | rather than | better than ",
		why:      "why |for what reason |what is the reason ",
		other:    "what ",
		copula:   "is|are|was|were|means|refers|denotes|stands|describes",
		articles: "a|an|the",
		pronouns: "this|that|these|those|it|its|they|their|them|such|he|she|both|otherwise|instead|however|therefore|then|here|if so",
	},
	"de": {
		howTo:    "wie kann|wie mache|wie macht|wie lässt|wie richte|wie installiere|wie konfiguriere|wie erstelle|wie setze|wie füge|wie starte| schritte | beispiel für | befehl ",
		list:     "welche|was sind |nenne |liste | welche | reihenfolge ",
		value:    "wie viel|wie lang|wie oft|wie groß|wie hoch|wie alt|wie weit|ab wann|seit wann|wann | standardwert| standardmäßig| voreinstellung| voreingestellt| maximal| minimal| höchstens| mindestens| grenze| version ",
		what:     "was ist |was bedeutet |was heißt |was macht |was bewirkt |was tut |wer ist |wofür steht |wozu dient |definiere |erkläre |beschreibe ",
		compare:  " unterschied | unterschiede | unterscheidet | unterscheiden | im vergleich | besser als ",
		why:      "warum |weshalb |wieso |wozu |aus welchem grund ",
		other:    "was für ",
		copula:   "ist|sind|war|waren|bedeutet|heißt|bezeichnet|beschreibt",
		articles: "ein|eine|einen|einem|einer|der|die|das|den|dem",
		pronouns: "dies|diese|dieser|dieses|diesen|diesem|es|sie|er|das|dabei|dadurch|dafür|damit|daher|hierbei|hierfür|hier|beide|andernfalls|stattdessen|jedoch|dann|solche",
	},
}

// The tables of all languages in one: a question does not tell its language.
var (
	forms    = map[form][]string{}
	others   []string
	copulas  = map[string]bool{}
	articles = map[string]bool{}
	pronouns = map[string]bool{}
)

func init() {
	for _, p := range languages {
		for f, list := range map[form]string{howTo: p.howTo, list: p.list, value: p.value, what: p.what, reason: p.why, compare: p.compare} {
			if list != "" {
				forms[f] = append(forms[f], strings.Split(list, "|")...)
			}
		}
		others = append(others, p.other)
		addWords(copulas, p.copula)
		addWords(articles, p.articles)
		addWords(pronouns, p.pronouns)
	}
}

func addWords(set map[string]bool, words string) {
	for w := range strings.SplitSeq(words, "|") {
		set[w] = true
	}
}

var punctuation = regexp.MustCompile(`[\s?!.,;:"“”„]+`)

// formsOf returns what a question asks for, and the phrases that tell it. Several
// forms may hold, such as a value and a list.
func formsOf(question string) (asked map[form]bool, told string) {
	q := " " + strings.TrimSpace(punctuation.ReplaceAllString(strings.ToLower(question), " ")) + " "
	asked = map[form]bool{}
	for f, list := range forms {
		for _, p := range list {
			if strings.HasPrefix(p, " ") && strings.Contains(q, p) || strings.HasPrefix(q[1:], p) {
				asked[f] = true
				if f == what || f == compare {
					told += " " + p
				}
			}
		}
	}
	if len(asked) == 0 {
		for _, p := range others {
			if strings.HasPrefix(q[1:], p) {
				asked[list] = true
			}
		}
	}
	return asked, told
}

// refersBack reports whether a sentence starts with a word that refers to what was
// said before it.
func refersBack(sentence string) bool {
	w, _, _ := strings.Cut(strings.ToLower(sentence), " ")
	return pronouns[strings.Trim(w, ",.;:’'")]
}
