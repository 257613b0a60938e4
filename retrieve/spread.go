package retrieve

// A page that repeats a subject should not crowd the others out. On two sets of
// questions, where one page often holds all there is to find, these bounds left
// recall@3, @5 and @10 and MRR as they were (2026-11-22).
const (
	maxOfPage = 3   // hits of one page,
	nearly    = 0.9 // unless no other page has a chunk with this share of the score
)

// spread moves up candidates of other pages in front of what would be one hit too
// many of a page. The scores of rerankers are no shares, and a search of one
// side is as it is: both stay.
func (s *search) spread() {
	if s.mode != Hybrid || s.reranked {
		return
	}
	count := map[string]int{}
	for i := range min(s.query.K, len(s.candidates)) {
		if c := s.candidates[i]; count[s.page(c)] >= maxOfPage {
			for j := i + 1; j < len(s.candidates) && s.candidates[j].fused >= nearly*c.fused; j++ {
				if other := s.candidates[j]; s.chunks[other.id] != nil && count[s.page(other)] < maxOfPage {
					copy(s.candidates[i+1:j+1], s.candidates[i:j])
					s.candidates[i], other.isMoved = other, true
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
