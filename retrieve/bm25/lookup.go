package bm25

import "slices"

// Known is the subtag that the terms of a language tag are counted under: its
// primary subtag if [Terms] has rules for it, "en" for a text without a tag, else
// "und".
func Known(tag string) string { return knownSubtag(tag) }

// Holders returns how many chunks hold a term of [Terms].
func (s *Statistics) Holders(term string) int { return s.Count(dimension(term)) }

// Rarity returns the idf of a term that n chunks hold, in units of the idf of a
// term that none holds: 1 for none, almost 0 for all. Without statistics it is 1.
func (s *Statistics) Rarity(n int) float64 {
	if s.Chunks() == 0 {
		return 1
	}
	return s.idf(n) / s.idf(0)
}

// Words returns the words of a text in order and in lower case, without stems and
// stop words. An identifier gives the whole and then its parts; scripts without
// spaces give pairs of characters, as [Terms] does.
func Words(text string) []string { return terms(text, noRules) }

// Find returns the places in a text at which these terms follow each other.
func (t Tokens) Find(terms ...string) []int {
	dims := make([]uint32, len(terms))
	for i, term := range terms {
		dims[i] = dimension(term)
	}
	var out []int
	for i := 0; len(dims) > 0 && i+len(dims) <= len(t.dims); i++ {
		if slices.Equal(t.dims[i:i+len(dims)], dims) {
			out = append(out, i)
		}
	}
	return out
}

// Len returns the number of terms.
func (t Tokens) Len() int { return len(t.dims) }

// Unspaced reports whether words of r's script are not separated by spaces, so that
// [Terms] takes groups of characters instead.
func Unspaced(r rune) bool { return gramRunes(r) > 0 }
