package retrieve

import "math"

// DefaultMinEvidence is the evidence below which a question should not be
// answered.
const DefaultMinEvidence = 0.5

// evidence returns how likely the index holds the answer: the least of what speaks for
// the subject of the question, for its names, and for its words together.
//
// The last is judged in English alone: it stands on a dictionary with the frequency of
// words, and on words that ask.
func (s Signals) evidence() float64 {
	e := s.onSubject()
	if s.languages.english() {
		e = min(e, togetherGate.value(s))
	}
	if s.Absent {
		return min(e, absentEvidence)
	}
	return e
}

// onSubject returns how likely the index holds pages on the subject of the question.
func (s Signals) onSubject() float64 {
	switch {
	case !s.found:
		return 0
	case s.dense && s.languages.differ():
		return foreignGate.value(s)
	case s.dense && !s.languages.english():
		return otherGate.value(s)
	case !s.languages.english():
		return otherWordsGate.value(s)
	case s.dense && s.weighted:
		return subjectGate.value(s)
	case s.dense:
		return nearnessGate.value(s)
	}
	return wordsGate.value(s)
}

// absentEvidence is the evidence of a question with a name that no chunk holds.
const absentEvidence = 0.1

// A gate turns signals into a probability, by a logistic function.
type gate struct{ bias, nearness, words, apart float64 }

func (g gate) value(s Signals) float64 {
	return 1 / (1 + math.Exp(-(g.bias + g.nearness*s.Nearness + g.words*s.Words + g.apart*s.Apart)))
}

// The gates were fitted by citewell eval fit on 2026-11-28, with all-MiniLM-L6-v2 and
// chunks of 2000 characters, to 483 questions of testdata/questions on the five sites
// for choosing; see docs/evaluation.md.
var (
	subjectGate  = gate{-3.5, 20, 3, 0}
	nearnessGate = subjectGate          // without statistics: all words have the same weight
	wordsGate    = gate{-1.7, 0, 10, 0} // without cosines, or if they carry no meaning
	togetherGate = gate{3.2, 0, 0, -10}
)

// These gates are for other languages than English, with multilingual-e5-small. They were
// fitted on 2026-11-28 to half of the articles of XQuAD in German, Chinese, Arabic and
// Russian, by the signals that citewell eval refusal prints: every other article is a page,
// and all are asked about. The bias is set so that on the other half of the articles 4 to
// 5 % of the answerable questions are refused; 84 to 96 % of the others are. By words
// alone it is 3 to 8 %, and 52 to 93 %.
//
// foreignGate is for questions in another language than the pages. It refuses 8 % of the
// German questions over English pages, 19 % of Russian ones, and 22 and 31 % of Chinese and
// Arabic ones. Fitted to half of the articles it was no better on the other half.
var (
	otherGate      = gate{-5.6, 14.4, 12.4, 0}
	otherWordsGate = gate{-3.2, 0, 12.9, 0}
	foreignGate    = gate{-0.32, 11.83, 4.84, 0}
)
