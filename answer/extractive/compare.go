package extractive

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// maxCompared is how many parts are compared with the question by vectors: the best
	// by words and ranks. With 8, 12, 16 and 24 of them as many questions are answered
	// whole (11 sites, each held out of the fit, 2026-11-28).
	maxCompared = 12
	// maxComparedWords is how many words of a part are compared. With 60, as many
	// questions are answered, and the embedder takes half as long again.
	maxComparedWords = 40
)

// A Nearness returns the cosine of the question and each text. It may return fewer, or
// none.
type Nearness func(texts []string) []float64

// order sorts units, best first, and returns how many of them are
// compared by vectors, if near is known. The others follow.
func (q *query) order(units []unit, near Nearness) (sorted []unit, compared int) {
	byScore := func(a, b unit) int { return cmp.Compare(b.score, a.score) }
	slices.SortStableFunc(units, byScore)
	n := q.compare(units[:min(len(units), maxCompared)], near)
	slices.SortStableFunc(units[:n], byScore)
	return units, n
}

// compare sets the scores of units by vectors, of as many as have one.
func (q *query) compare(units []unit, near Nearness) int {
	if near == nil {
		return 0
	}
	texts := make([]string, len(units))
	for i := range units {
		texts[i] = units[i].compared()
	}
	cosines := near(texts)
	n := min(len(units), len(cosines))
	for i := range units[:n] {
		u := &units[i]
		u.signals.Near = cosines[i]
		u.score = u.signals.score(byNearness)
	}
	return n
}

// compared returns what is compared with a question: the title of the page, the nearest
// heading, and the text as far as it counts. A sentence alone often does not name what
// it is about: with title and heading before it the best part is on a right page for
// 89 % of the questions, with a cosine of its own for the heading for 87 % (11 sites,
// each held out of the fit, 2026-11-28).
func (u *unit) compared() string {
	above := u.page.Title
	if h := strings.TrimLeft(u.page.heading(u.blocks[0]), " >"); h != "" && h != above {
		above = strings.TrimPrefix(above+": "+h, ": ")
	}
	return above + "\n" + u.plain()
}

// plain returns the text of a unit, as far as it is compared.
func (u *unit) plain() string {
	var words []string
	left := maxComparedWords
	for _, i := range u.blocks {
		for w := range strings.FieldsSeq(u.page.blocks[i].Text) {
			if left <= 0 {
				return strings.Join(words, " ")
			}
			n := max(1, size(w))
			if n > left && n > 1 { // no spaces separate its words
				rs := []rune(w)
				w = string(rs[:min(len(rs), 2*left)])
			}
			words, left = append(words, w), left-n
		}
	}
	return strings.Join(words, " ")
}
