package llm

import (
	"errors"
	"unicode"
)

const (
	// maxTokenBytes bounds the average size of a token. English has about four bytes
	// for each, tables and indented code more.
	maxTokenBytes = 16
	// maxReasoningTokens is the least bound of reasoning: some services do not count
	// it in the limit of the output.
	maxReasoningTokens = 64 << 10
)

// errEndless means that the model writes more than the request allows.
var errEndless = errors.New("the reply is longer than its limit")

// A bound ends a reply that is longer than the limit of its request allows, since a
// service may ignore the limit, and a model may repeat itself for ever.
type bound struct {
	text, reasoning tally
}

// newBound returns the bound of a reply with a limit of output tokens.
func newBound(limit int) *bound {
	return &bound{text: newTally(limit), reasoning: newTally(max(limit, maxReasoningTokens))}
}

// add counts a piece of content with the reasoning and the text that it holds. A piece
// that is kept back holds neither yet.
func (b *bound) add(piece, thought, text string) error {
	if b == nil {
		return nil
	}
	b.reasoning.bytes -= len(piece) // of which more than thought may be kept back
	if b.reasoning.bytes < 0 || !b.reasoning.words.add(thought) || !b.text.add(text) {
		return errEndless
	}
	return nil
}

// addItem counts a part of the reply that takes memory of its own, such as a call.
func (b *bound) addItem() error { return b.add("", "", " item ") }

// A tally counts what may still be written.
type tally struct {
	bytes int
	words wordCount
}

func newTally(tokens int) tally {
	return tally{bytes: tokens * maxTokenBytes, words: wordCount{left: tokens}}
}

// add reports whether text is within the bounds.
func (t *tally) add(text string) bool {
	t.bytes -= len(text)
	return t.words.add(text) && t.bytes >= 0
}

// A wordCount counts words. A word is at least one token, so there are never more words
// than tokens.
type wordCount struct {
	left   int
	inWord bool
}

func (w *wordCount) add(text string) bool {
	for _, r := range text {
		space := unicode.IsSpace(r)
		if !space && !w.inWord {
			w.left--
		}
		w.inWord = !space
	}
	return w.left >= 0
}

// cutBy returns the finish reason of a reply that err has ended.
func cutBy(err error) string {
	if errors.Is(err, errEndless) {
		return finishLength
	}
	return finishCut
}
