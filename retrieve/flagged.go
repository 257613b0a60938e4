package retrieve

// DefaultFlaggedWeight is what the scores of flagged chunks count by default: a
// page that gives orders to a model still answers where no other does nearly as
// well.
const DefaultFlaggedWeight = 0.8

// demote ranks flagged chunks lower.
func (s *search) demote() {
	for _, c := range s.candidates {
		c.fused = s.weigh(c, c.fused)
	}
	sortScored(s.candidates)
}

// weigh returns what a score counts. That of a chunk which is no match at all
// stays: less of it would be more.
func (s *search) weigh(c *scored, score float64) float64 {
	if st := s.chunks[c.id]; st == nil || st.Flags == "" || score <= 0 {
		return score
	}
	return score * s.flaggedWeight
}
