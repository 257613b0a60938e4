package retrieve

// DefaultFlaggedWeight multiplies the scores of flagged chunks by default: a page
// that gives orders to a model is still used if no other answers nearly as well.
const DefaultFlaggedWeight = 0.8

// demoteFlagged ranks flagged chunks lower.
func (s *search) demoteFlagged() {
	for _, c := range s.candidates {
		c.fused = s.discountFlagged(c, c.fused)
	}
	sortScored(s.candidates)
}

// discountFlagged returns the score of a candidate, reduced if its chunk is flagged.
// A score that is not positive stays: reducing it would raise it.
func (s *search) discountFlagged(c *scored, score float64) float64 {
	if st := s.chunks[c.id]; st == nil || st.Flags == "" || score <= 0 {
		return score
	}
	return score * s.flaggedWeight
}
