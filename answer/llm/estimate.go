package llm

// EstimateTokens returns about how many tokens a text has: one for four characters of
// ASCII and for each other one.
func EstimateTokens(text string) int {
	ascii, others := 0, 0
	for _, r := range text {
		if r < 0x80 {
			ascii++
		} else {
			others++
		}
	}
	return (ascii+3)/4 + others
}
