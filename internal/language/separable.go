package language

import (
	"slices"
	"strings"
)

var (
	// particles stand at the end of a German sentence, apart from their verb.
	particles = strings.Fields(`ab an auf aus bei bereit dar ein fest fort frei heraus her herunter hinein hinunter hinzu hin hoch los
		mit nach nieder statt teil um vor weg weiter wieder zu zurück zusammen`)
	// subjects follow the verb of a German question.
	subjects = strings.Fields("ich man wir du ihr sie er es")
	// openers begin a German question, before its verb.
	openers = strings.Fields("wie warum wann wo womit wodurch wer was wieso weshalb")
)

// Separable returns the verb of a German question whose particle stands at its end, and
// the verb with it: "lade" and "hochlade" of "Wie lade ich eine Datei hoch?". ok is false
// if there is none, and may be true of a verb that is none: what no page holds is not
// meant.
func Separable(question string) (verb, joined string, ok bool) {
	words := strings.FieldsFunc(question, func(r rune) bool { return !isWordRune(r) })
	last := len(words) - 1
	if last < 2 || !slices.Contains(particles, words[last]) {
		return "", "", false
	}
	for i := last - 1; i > 0 && verb == ""; i-- {
		if isSubject(words[i]) && !isSubject(words[i-1]) {
			verb = words[i-1]
		}
	}
	if verb == "" && slices.Contains(openers, strings.ToLower(words[0])) {
		verb = words[1]
	}
	if verb == "" || strings.ToLower(verb) != verb {
		return "", "", false
	}
	return verb, words[last] + verb, true
}

func isSubject(word string) bool { return slices.Contains(subjects, strings.ToLower(word)) }
