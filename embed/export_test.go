package embed

// WordPieceWindows cuts text as for a model with BERT's vocabulary.
func WordPieceWindows(heading, text string, limit int) []string {
	return Divide(heading, text, limit, countWordPieces)
}
