package retrieve

// A page that repeats a subject should not crowd out others. On two sets of
// questions whose answer is often on one page, these bounds left recall@3, @5 and
// @10 and MRR unchanged (2026-11-22).
const (
	maxHitsPerPage   = 3   // unless no candidate of another page can be promoted
	minPromotedShare = 0.9 // of the score of the candidate that it is placed above
)

// diversify places candidates of other pages above those that would exceed
// maxHitsPerPage. It changes hybrid searches only, and no order of a reranker, whose
// scores have no such scale.
func (s *search) diversify() {
	if s.mode != Hybrid || s.reranked {
		return
	}
	count := map[string]int{}
	for i := range min(s.query.K, len(s.candidates)) {
		if c := s.candidates[i]; count[s.page(c)] >= maxHitsPerPage {
			for j := i + 1; j < len(s.candidates) && s.candidates[j].fused >= minPromotedShare*c.fused; j++ {
				if other := s.candidates[j]; s.chunks[other.id] != nil && count[s.page(other)] < maxHitsPerPage {
					copy(s.candidates[i+1:j+1], s.candidates[i:j])
					s.candidates[i], other.isPromoted = other, true
					break
				}
			}
		}
		count[s.page(s.candidates[i])]++
	}
}

// page returns the address of a candidate's page.
func (s *search) page(c *scored) string {
	if st := s.chunks[c.id]; st != nil {
		return st.URL
	}
	return ""
}
