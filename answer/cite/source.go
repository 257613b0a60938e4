package cite

import "github.com/citewell/citewell/retrieve"

// A Source is a hit that an answer may cite. Its text is parsed at most once. A
// Source is not safe for concurrent use.
type Source struct {
	retrieve.Hit
	parsed *Text
}

// Sources returns a Source for each hit.
func Sources(hits []retrieve.Hit) []*Source {
	out := make([]*Source, len(hits))
	for i, h := range hits {
		out[i] = &Source{Hit: h}
	}
	return out
}

// Parsed returns the source's text as its page shows it.
func (s *Source) Parsed() *Text {
	if s.parsed == nil {
		s.parsed = Parse(s.Text, s.Start > 0)
	}
	return s.parsed
}
