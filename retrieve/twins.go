package retrieve

import (
	"cmp"
	"context"
	"slices"

	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/index"
)

// Twins are the versions and translations of one page. Of those that were found, one
// is kept: readers of an answer want neither the same text five times nor that of a
// version that they don't use.
const (
	// twinShare is how much of the best twin's score the preferred one must have.
	// With less it may lack what was asked: another version had it, or its
	// translation is not complete.
	twinShare = 0.75
	// twinRounds is how often the places of twins that were left out are filled with
	// the next candidates.
	twinRounds = 4
)

// A Twin is another version or translation of a hit's page, which was left out.
type Twin struct {
	URL     string `json:"url"`
	Lang    string `json:"lang,omitempty"`
	Version string `json:"version,omitempty"`
}

// A preference says which twin a question prefers.
type preference struct {
	versions []string // that the question names
	lang     string   // of the question, without region; "" if unknown
}

// preferenceOf returns what a question prefers.
func preferenceOf(question string) preference {
	return preference{versions: edition.Named(question), lang: LanguageOf(question)}
}

// LanguageOf returns the language of a question, without region; "" if it does not
// show.
func LanguageOf(question string) string {
	if tag, confidence := language.Guess(question); confidence >= minGuess {
		return edition.Base(tag)
	}
	return ""
}

// compare orders pages from the one that the question prefers least: by the version
// that it names, its language, and the newest stable version.
func (p preference) compare(a, b *index.Stored) int {
	rank := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	named := func(st *index.Stored) int {
		return rank(slices.ContainsFunc(p.versions, func(v string) bool {
			return edition.Is(st.Version, v) || slices.ContainsFunc(index.SplitVersions(st.AlsoIn), func(other string) bool { return edition.Is(other, v) })
		}))
	}
	spoken := func(st *index.Stored) int { return rank(p.lang != "" && edition.Base(st.Lang) == p.lang) }
	return cmp.Or(cmp.Compare(named(a), named(b)), cmp.Compare(spoken(a), spoken(b)), edition.Compare(edition.Rank(a.URL, a.Version), edition.Rank(b.URL, b.Version)))
}

// collapse keeps the candidates of one of several twins, at the place of the best of
// them, and returns how many candidates it left out.
func (s *search) collapse(p preference) int {
	groups := map[string][]*scored{} // by twin, best first
	pages := map[string]map[string]bool{}
	for _, c := range s.candidates {
		if st := s.chunks[c.id]; st != nil && st.Twin != "" {
			groups[st.Twin] = append(groups[st.Twin], c)
			if pages[st.Twin] == nil {
				pages[st.Twin] = map[string]bool{}
			}
			pages[st.Twin][st.URL] = true
		}
	}
	left := map[*scored]bool{}
	for twin, cs := range groups {
		if len(pages[twin]) > 1 {
			s.keepOne(p, cs, left)
		}
	}
	if len(left) == 0 {
		return 0
	}
	s.candidates = slices.DeleteFunc(s.candidates, func(c *scored) bool { return left[c] })
	sortScored(s.candidates)
	return len(left)
}

// keepOne keeps the candidates of the preferred page among twins, best first, and adds
// the others to left.
func (s *search) keepOne(p preference, twins []*scored, left map[*scored]bool) {
	best := twins[0]
	kept := best
	for _, c := range twins[1:] {
		if c.fused >= twinShare*best.fused && p.compare(s.chunks[kept.id], s.chunks[c.id]) < 0 {
			kept = c
		}
	}
	page := s.chunks[kept.id].URL
	var all []Twin
	for _, c := range twins {
		st := s.chunks[c.id]
		all = append(append(all, c.twins...), Twin{st.URL, st.Lang, st.Version})
		if st.URL != page {
			left[c] = true
		}
	}
	seen := map[string]bool{page: true}
	kept.twins = slices.DeleteFunc(all, func(t Twin) bool {
		known := seen[t.URL]
		seen[t.URL] = true
		return known
	})
	kept.fused = max(kept.fused, best.fused)
}

// fill replaces the candidates that [search.collapse] leaves out by the next of rest.
func (s *search) fill(ctx context.Context, f fusion, p preference, rest []*scored) error {
	for range twinRounds {
		n := min(s.collapse(p), len(rest))
		if n == 0 {
			return nil
		}
		next := &search{searcher: s.searcher, query: s.query, mode: s.mode, question: s.question, chunks: s.chunks, missing: s.missing, candidates: rest[:n], tokens: s.tokens}
		rest = rest[n:]
		if err := next.fetch(ctx); err != nil {
			return err
		}
		if s.mode == Hybrid {
			if err := next.scoreByText(ctx, f); err != nil {
				return err
			}
		}
		s.candidates = append(s.candidates, next.candidates...)
		sortScored(s.candidates)
	}
	s.collapse(p)
	return nil
}
